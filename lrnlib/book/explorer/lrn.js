// LRN of one pixel, in double precision.

const SMALLEST = 1e-290; // a base or a power nearer to 0 may have lost digits

// Everything that the arithmetic of channel i shows. The squares are added in each window anew:
// a running sum would cancel, and spread a NaN.
function resultAt(x, i, p) {
  const first = Math.max(0, i - p.depth_radius);
  const last = Math.min(x.length - 1, i + p.depth_radius);
  const terms = x.slice(first, last + 1);
  const sum = terms.reduce((total, term) => total + term * term, 0);
  const base = p.bias + p.alpha * sum;
  const power = base ** p.beta;
  const r = { i, x: x[i], channels: x.length, first, last, terms, sum, base, power };
  return { ...r, y: r.x / power, outOfRange: leavesRange(r, p) };
}

function baseIsZero(r, p) {
  return p.bias === 0 && (p.alpha === 0 || r.terms.every((term) => term === 0));
}

// Whether a step between a finite input and its result overflows or underflows: y may be wrong.
function leavesRange(r, p) {
  if (p.beta === 0 || !r.terms.every(isFinite)) return false;
  if (baseIsZero(r, p)) return r.base !== 0; // NaN, if alpha = 0 is multiplied by an infinite sum
  return [r.base, r.power].some((value) => !(value > SMALLEST && value < Infinity));
}
