// Elements of HTML and SVG, and the scales of what is drawn.

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 6.7; // width of a digit of the numbers, and a little more
const LEGIBLE = 5; // bars that are drawn so many times too small or more are enlarged

function make(tag, attributes, ...children) {
  const element = set(document.createElement(tag), attributes);
  element.append(...children);
  return element;
}

function shape(tag, kind, attributes = {}) {
  return set(document.createElementNS(SVG, tag), { class: kind, ...attributes });
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

// The largest finite value, or 0.
function largestOf(values) {
  return Math.max(0, ...values.filter(isFinite));
}

// 1, 2 or 5 times a power of ten, no less than the number.
function niceCeiling(number) {
  if (number === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(number));
  const step = [1, 2, 5, 10].find((s) => number <= s * power * (1 + 1e-12));
  return Math.min(step * power, LARGEST) || number;
}

// 1, 2 or 5 times a power of ten, no more than the number, which is 1 or more.
function niceFloor(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return [5, 2, 1].find((s) => s * power <= number * (1 + 1e-12)) * power || number;
}

// The ends of the one scale of x and y. If y is far larger than x, it is the scale of x alone.
function rangeOf(xs, ys) {
  const [x, y] = [xs, ys].map((values) => largestOf(values.map(Math.abs)));
  const values = y > LEGIBLE * x && x > 0 ? xs : [...xs, ...ys];
  const ends = [values, values.map((v) => -v)].map((side) => niceCeiling(largestOf(side)));
  return { up: ends[0], down: ends[1] };
}

// How many times y must be enlarged (or, below 1, made smaller) to be legible in that range.
function enlargement(ys, { up, down }) {
  const room = [[up, ys], [down, ys.map((v) => -v)]].map(([end, side]) => end / largestOf(side));
  const most = Math.min(...room.filter((times) => times > 0));
  if (most < 1) return 1 / niceCeiling(1 / most);
  return most < LEGIBLE || most === Infinity ? 1 : niceFloor(most);
}
