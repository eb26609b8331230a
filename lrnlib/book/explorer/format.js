// Numbers and arithmetic as text, and typed text as numbers.

const LARGEST = 1.7976931348623157e308;
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

// Of a number that may lie beyond a double.
function showWide(number, digits) {
  const out = number.value === 0 || number.value === Infinity;
  if (!out || !isFinite(number.ln)) return show(number.value, digits);
  const exponent = Math.floor(number.ln / Math.LN10);
  const mantissa = Math.exp(number.ln - exponent * Math.LN10);
  return `${show(mantissa, digits)}e${exponent}`.replace(/-/g, "−");
}

function bracketed(text) {
  return /^[\d.]+$/.test(text) ? text : `(${text})`;
}

// The quotient with every square written out, as pieces of [text, class].
function quotientInFull(r, p) {
  const squares = [];
  r.terms.forEach((term, k) => {
    if (k) squares.push([" + ", ""]);
    const own = r.first + k === r.i;
    squares.push([`${bracketed(show(term, 6))}²`, own ? "lrn-own" : "lrn-near"]);
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

function inWords(pieces) {
  return pieces.map(([text, kind]) => (kind === "lrn-power" ? `^${text}` : text)).join("");
}

function steps(r, p) {
  const base = showWide(r.base, 6);
  const power = showWide(powerOf(r.base, p.beta), 6);
  const list = [
    `${windowInWords(r, p)} The sum of squares is S = ${showWide(r.sum, 6)}.`,
    `bias + alpha · S = ${show(p.bias, 6)} + ${show(p.alpha, 6)} · ` +
      `${bracketed(showWide(r.sum, 6))} = ${base}.`,
  ];
  if (p.beta !== 1) list.push(`To the power beta, ${show(p.beta, 6)}, that is ${power}.`);
  list.push(`${show(r.x, 6)} / ${bracketed(p.beta === 1 ? base : power)} = ${show(r.y, 3)}.`);
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

// What a result that is no ordinary number, or came near to none, means; "" for others.
function trouble(r, p) {
  if (r.terms.some(Number.isNaN)) return "NaN (not a number): the window holds a NaN.";
  if (!r.terms.every(isFinite)) {
    return `The window holds an infinite number, so ${show(r.x, 3)} becomes ${show(r.y, 3)}.`;
  }
  if (r.base.ln === -Infinity && p.beta !== 0) return baseOfZero(r, p);
  if (!isFinite(r.y)) return "Overflow: the result is beyond the largest double, 1.8e308.";
  if (r.y === 0 && r.x !== 0) return "Underflow: the result is nearer to 0 than any double.";
  if (r.sum.value === Infinity) {
    return "Overflow: the sum of squares is beyond the largest double, 1.8e308. This result is " +
      "right all the same, because it was computed with logarithms.";
  }
  return "";
}

function baseOfZero(r, p) {
  const why = p.alpha === 0 ? "bias and alpha are 0" : "bias is 0 and so is the whole window";
  if (p.beta < 0) {
    return `Division by infinity: ${why}; 0 to a power below 0 is infinite, and ` +
      `${show(r.x, 3)} / ∞ is 0.`;
  }
  if (r.x !== 0) return `Division by zero: ${why}, and ${show(r.x, 3)} / 0 is infinite.`;
  return `NaN (not a number): ${why}, and 0 / 0 has no value. With a bias above 0 it is 0.`;
}

function countTroubles(all) {
  const nan = all.filter((r) => Number.isNaN(r.y)).length;
  const infinite = all.filter((r) => Math.abs(r.y) === Infinity).length;
  const said = [[nan, "NaN"], [infinite, "infinite"]].filter(([count]) => count);
  return said.map(([count, what]) => `${count} of ${all.length} results: ${what}.`).join(" ");
}

// A number, or an Error whose message says why it is none. Both minus signs are taken.
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
  const words = text.split(/[\s,;]+/).filter(Boolean);
  if (!words.length) return new Error("Type from 1 to 64 numbers, such as 1 2.5 -3");
  if (words.length > 64) return new Error(`${words.length} numbers; there may be 64 at most`);
  const numbers = words.map(parseNumber);
  return numbers.find((number) => number instanceof Error) || numbers;
}

// A parameter, held to what lrnlib accepts, or an Error.
function parseParameter(name, text) {
  const value = parseNumber(text.trim());
  const whole = name === "depth_radius";
  const allowed = whole ? "a whole number, 0 or more" : name === "beta" ? "a number" :
    "a number, 0 or more";
  if (value instanceof Error && text.trim()) return value;
  const right = isFinite(value) && (name === "beta" || value >= 0) &&
    (!whole || Number.isInteger(value));
  return right ? value : new Error(`${name} must be ${allowed}`);
}
