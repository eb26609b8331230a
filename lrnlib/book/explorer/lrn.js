// LRN of one pixel, in double. A number that may lie beyond a double is {value, ln}: its value,
// which may be 0 or Infinity, and its natural logarithm, which is right all the same.

const LN_SAFE = 230; // ln(1e100): squares of such numbers, and their products, fit a double

function wide(value) {
  return { value, ln: Math.log(value) };
}

function fromLn(ln) {
  return { value: Math.exp(ln), ln };
}

function isSafe(ln) {
  return Math.abs(ln) < LN_SAFE;
}

function lnOfSum(a, b) {
  const high = Math.max(a, b);
  if (high === -Infinity) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

// Term by term, in each window anew: a running sum would cancel, and spread a NaN.
function sumOfSquares(terms) {
  const largest = Math.max(...terms.map(Math.abs));
  if (largest === 0 || !isFinite(largest) || isSafe(Math.log(largest))) {
    return wide(terms.reduce((sum, term) => sum + term * term, 0));
  }
  const scaled = terms.reduce((sum, term) => sum + (term / largest) ** 2, 0);
  return fromLn(2 * Math.log(largest) + Math.log(scaled));
}

function baseOf(sum, p) {
  const lnAlpha = Math.log(p.alpha);
  const plain = !isFinite(sum.ln) || isSafe(sum.ln / 2);
  if (plain && (p.alpha === 0 || isSafe(lnAlpha))) return wide(p.bias + p.alpha * sum.value);
  return fromLn(lnOfSum(Math.log(p.bias), lnAlpha + sum.ln));
}

function powerOf(base, beta) {
  if (beta === 0) return wide(1);
  const ln = beta * base.ln;
  return { value: isSafe(base.ln / 2) ? base.value ** beta : Math.exp(ln), ln };
}

function quotient(x, base, beta) {
  if (beta === 0) return x;
  const power = powerOf(base, beta);
  if (!isFinite(power.ln)) return beta > 0 ? x / base.value ** beta : x * base.value ** -beta;
  if (isSafe(base.ln / 2) && isSafe(power.ln / 2)) return x / power.value;
  return Math.sign(x) * Math.exp(Math.log(Math.abs(x)) - power.ln);
}

// Everything that the arithmetic of channel i shows.
function resultAt(x, i, p) {
  const first = Math.max(0, i - p.depth_radius);
  const last = Math.min(x.length - 1, i + p.depth_radius);
  const terms = x.slice(first, last + 1);
  const sum = sumOfSquares(terms);
  const base = baseOf(sum, p);
  const y = quotient(x[i], base, p.beta);
  return { i, x: x[i], channels: x.length, first, last, terms, sum, base, y };
}

function results(x, p) {
  return x.map((_, i) => resultAt(x, i, p));
}
