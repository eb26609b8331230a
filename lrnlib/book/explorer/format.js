// Numbers and arithmetic as text, and typed text as numbers.

const LARGEST = 1.7976931348623157e308;
const MOST = 1024; // channels
const WRITTEN = 33; // terms of a sum; of more, the ends and the channel's own neighbours are
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

function show(value, digits) {
  if (Number.isNaN(value)) return "NaN";
  if (!isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const small = Number(exponent) < -4 || Number(exponent) >= Math.max(digits, 5);
  const text = small ? `${Number(mantissa)}e${Number(exponent)}` : `${+value.toPrecision(digits)}`;
  return text.replace(/-/g, "−");
}

function bracketed(text) {
  return /^[\d.]+$/.test(text) ? text : `(${text})`;
}

// The quotient with every square written out, as pieces of [text, class].
function quotientInFull(r, p) {
  const squares = [];
  let next = 0;
  r.terms.forEach((term, k) => {
    const own = r.first + k === r.i;
    const near = Math.min(k, r.terms.length - 1 - k, Math.abs(r.first + k - r.i)) < 5;
    if (r.terms.length > WRITTEN && !near) return;
    if (k) squares.push([k > next ? " + … + " : " + ", ""]);
    squares.push([`${bracketed(show(term, 6))}²`, own ? "lrn-own" : "lrn-near"]);
    next = k + 1;
  });
  const inner = p.alpha === 1 && p.bias === 0 ? squares : weighted(squares, p);
  const end = p.beta === 1 ? [] : [[show(p.beta, 6), "lrn-power"]];
  return [
    [show(r.x, 6), "lrn-own"], [" / (", ""], ...inner, [")", ""], ...end,
    [` = ${show(r.y, 3)}`, "lrn-result"],
  ];
}

function weighted(squares, p) {
  const bias = p.bias === 0 ? [] : [[`${show(p.bias, 6)} + `, ""]];
  if (p.alpha === 1) return [...bias, ...squares];
  return [...bias, [`${show(p.alpha, 6)} · (`, ""], ...squares, [")", ""]];
}

function steps(r, p) {
  const [sum, base, power] = [r.sum, r.base, r.power].map((value) => show(value, 6));
  const list = [
    `${windowInWords(r, p)} The sum of squares is S = ${sum}.`,
    `bias + alpha · S = ${show(p.bias, 6)} + ${show(p.alpha, 6)} · ${bracketed(sum)} = ${base}.`,
  ];
  if (p.beta !== 1) list.push(`To the power beta, ${show(p.beta, 6)}, that is ${power}.`);
  list.push(`${show(r.x, 6)} / ${bracketed(power)} = ${show(r.y, 3)}.`);
  return list;
}

function windowInWords(r, p) {
  const held = r.first === r.last ? `channel ${r.i} alone` : `channels ${r.first} to ${r.last}`;
  const left = r.i - p.depth_radius < 0;
  const right = r.i + p.depth_radius > r.channels - 1;
  if (!left && !right) return `The window of channel ${r.i} holds ${held}.`;
  const end = left && right ? "both ends" : left ? "the first channel" : "the last channel";
  return `The window of channel ${r.i} is clipped at ${end} and holds ${held}.`;
}

// Why a result is NaN, infinite or 0, or may be wrong; "" for an ordinary number.
function explainSpecialValue(r, p) {
  if (r.terms.some(Number.isNaN)) return "NaN (not a number): the window holds a NaN.";
  if (!r.terms.every(isFinite)) {
    return `The window holds an infinite number, so ${show(r.x, 3)} becomes ${show(r.y, 3)}.`;
  }
  if (r.outOfRange) {
    return "Beyond the range of this figure: a step overflows or underflows in double precision, " +
      "so this result may be wrong. lrnlib computes it right.";
  }
  if (baseIsZero(r, p) && p.beta !== 0) return explainBaseOfZero(r, p);
  if (!isFinite(r.y)) return "Overflow: the result is beyond the largest double, 1.8e308.";
  if (r.y === 0 && r.x !== 0) return "Underflow: the result is nearer to 0 than any double.";
  return "";
}

function explainBaseOfZero(r, p) {
  const why = p.alpha === 0 ? "bias and alpha are 0" : "bias is 0 and so is the whole window";
  if (p.beta < 0) {
    return `Division by infinity: ${why}; 0 to a power below 0 is infinite, and ` +
      `${show(r.x, 3)} / ∞ is 0.`;
  }
  if (r.x !== 0) return `Division by zero: ${why}, and ${show(r.x, 3)} / 0 is infinite.`;
  return `NaN (not a number): ${why}, and 0 / 0 has no value. With a bias above 0 it is 0.`;
}

function countSpecialValues(all) {
  const inRange = all.filter((r) => !r.outOfRange);
  return [
    [inRange.filter((r) => Number.isNaN(r.y)), "NaN"],
    [inRange.filter((r) => Math.abs(r.y) === Infinity), "infinite"],
    [all.filter((r) => r.outOfRange), "beyond the range of this figure"],
  ].filter(([found]) => found.length)
    .map(([found, what]) => `${found.length} of ${all.length} results: ${what}.`).join(" ");
}

// A number, or an Error whose message says what is wrong. Both minus signs are accepted.
function parseNumber(text) {
  const plain = text.replace(/−/g, "-");
  if (/^[-+]?(inf(inity)?|∞)$/i.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(plain)) return NaN;
  if (!NUMBER.test(plain)) return new Error(`“${shortened(text)}” is not a number`);
  const value = Number(plain);
  if (isFinite(value)) return value;
  return new Error(`${shortened(text)} is beyond the largest double, ${show(LARGEST, 2)}`);
}

function shortened(text) {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text;
}

// The numbers of a pixel, or an Error.
function parsePixel(text) {
  const typed = text.split(/[\s,;]+/).filter(Boolean);
  if (!typed.length) return new Error(`Type from 1 to ${MOST} numbers, such as 1 2.5 -3`);
  if (typed.length > MOST) {
    return new Error(`${typed.length} numbers; there may be ${MOST} at most`);
  }
  const numbers = typed.map(parseNumber);
  return numbers.find((number) => number instanceof Error) || numbers;
}

// A parameter that lrnlib accepts, or an Error.
function parseParameter(name, text) {
  const value = parseNumber(text.trim());
  const isInteger = name === "depth_radius";
  const allowed = isInteger ? "a whole number, 0 or more" : name === "beta" ? "a number" :
    "a number, 0 or more";
  if (value instanceof Error && text.trim()) return value;
  const valid = isFinite(value) && (name === "beta" || value >= 0) &&
    (!isInteger || Number.isInteger(value));
  return valid ? value : new Error(`${name} must be ${allowed}`);
}
