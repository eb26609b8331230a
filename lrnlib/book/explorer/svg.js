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

// The ends of a scale above and below 0, and both as parts of the larger one.
function endsOf(values) {
  const [up, down] = [values, values.map((v) => -v)].map((side) => niceCeiling(largestOf(side)));
  const largest = Math.max(up, down) || 1;
  return { up, down, largest, above: up / largest, below: down / largest };
}

// The one scale of x and y. If y is far larger than x, it is the scale of x alone.
function commonEnds(xs, ys) {
  const [x, y] = [xs, ys].map((values) => largestOf(values.map(Math.abs)));
  return endsOf(y > LEGIBLE * x && x > 0 ? xs : [...xs, ...ys]);
}

// How many times y must be enlarged (or, below 1, reduced) on the common scale.
function enlargement(own, common) {
  const room = (common.above + common.below) / (own.above + own.below);
  const most = (common.largest / own.largest) * room;
  if (most < 1) return 1 / niceCeiling(1 / most);
  return most < LEGIBLE * (1 - 1e-12) || !isFinite(most) ? 1 : niceFloor(most);
}
