// The response curve: y of one channel as a function of its own x, the neighbours unchanged.

const PLOT = { top: 22, left: 8, right: 8, height: 150 };
const CURVE_HEIGHT = PLOT.top + PLOT.height + 20;

// Bias and neighbours: all that is in the base besides the channel's own square.
function restOf(r, p) {
  const own = r.i - r.first;
  return p.bias + p.alpha * r.terms.reduce((sum, v, k) => sum + (k === own ? 0 : v * v), 0);
}

function responseTo(x, rest, p) {
  return x / (rest + p.alpha * x * x) ** p.beta;
}

// Where the curve turns, for beta > 1/2, or where it bends: where the channel's own square
// counts as much as the rest. Neither exists for a straight line.
function landmarkOf(rest, p) {
  if (p.beta <= 0) return { name: "", x: Infinity };
  const turns = p.beta > 0.5;
  const x = Math.sqrt(rest / (turns ? 2 * p.beta - 1 : 1) / p.alpha);
  return { name: turns ? "peak" : "bend", x };
}

// One sentence: what a stronger response of this channel would give.
function curveInWords(rest, p, landmark, end) {
  const { name, x } = landmark;
  if (p.alpha === 0 || p.beta === 0) return "A straight line: x is divided by a constant.";
  if (p.beta < 0) return "With beta below 0 strong responses grow even more.";
  if (rest === Infinity) return "The divisor is infinite, so y is 0 for every x.";
  if (rest === 0 && p.beta >= 0.5) {
    return p.beta === 0.5 ? "Nothing else counts: y is the same for every x." :
      "Nothing else counts: the stronger the response, the less remains.";
  }
  if (x > 5 * end) return `Nearly a straight line: its ${name} is far off, at x = ${show(x, 3)}.`;
  if (name === "peak") {
    return `y is largest, ${show(responseTo(x, rest, p), 3)}, at x = ${show(x, 3)}. ` +
      "Beyond this peak, more input gives less output.";
  }
  const limit = show(1 / Math.sqrt(p.alpha), 3);
  const growth = p.beta === 0.5 ? `levels off towards ${limit}` : "keeps growing, but ever more slowly";
  return `From the bend at x = ${show(x, 3)} on, y ${growth}.`;
}

class Curve {
  constructor() {
    this.caption = make("p", { class: "lrn-caption" });
    this.svg = shape("svg", "lrn-curve", { role: "img", height: CURVE_HEIGHT });
    this.plot = shape("svg", "lrn-plot", { y: PLOT.top, height: PLOT.height });
    this.line = shape("path", "lrn-line");
    this.axes = shape("path", "lrn-axes");
    this.guides = shape("path", "lrn-guides");
    this.point = shape("circle", "lrn-point", { r: 6 });
    this.mark = shape("circle", "lrn-mark", { r: 4 });
    this.texts = Object.fromEntries(["title", "high", "low", "from", "to", "landmark"].map((name) =>
      [name, shape("text", name === "title" ? "lrn-title" : `lrn-small lrn-${name}`)]));
    this.plot.append(this.line);
    this.svg.append(this.axes, this.guides, this.plot, this.mark, this.point,
      ...Object.values(this.texts));
  }

  draw(r, p, range, width) {
    const rest = restOf(r, p);
    const landmark = landmarkOf(rest, p);
    const at = { end: Math.max(range.up, range.down) || 1, start: r.x < 0 ? -1 : 0, width };
    this.points = r.outOfRange ? [] : sample(at, rest, p, landmark.x);
    const exists = this.points.length > 0;
    set(this.svg, { width, viewBox: `0 0 ${width} ${CURVE_HEIGHT}` });
    this.svg.style.display = exists ? "" : "none";
    this.caption.textContent = exists ? curveInWords(rest, p, landmark, at.end) : r.outOfRange ?
      "No curve: a step is beyond the range of this figure." :
      `No curve: y of channel ${r.i} is not finite, whatever its x is.`;
    if (exists) this.drawLines(r, landmark, responseTo(landmark.x, rest, p), this.axesOf(r, at));
  }

  // The scales of both axes, from `start` and `low` times their ends to their ends. A pole at 0
  // would flatten all else: it is cut off.
  axesOf(r, { end, start, width }) {
    const heights = this.points.filter(([x]) => Math.abs(x) >= end / 10).map(([, y]) => y);
    const high = niceCeiling(largestOf([...heights, r.y].map(Math.abs))) || 1;
    const inner = width - PLOT.left - PLOT.right;
    const part = (v) => clamp((v - start) / (1 - start), -9, 9);
    return {
      end, start, high, width,
      x: (v) => PLOT.left + part(v / end) * inner,
      y: (v) => (1 - part(v / high)) * PLOT.height,
    };
  }

  drawLines(r, landmark, height, at) {
    set(this.plot, { width: at.width });
    const path = this.points.map(([x, y]) => `${at.x(x).toFixed(1)} ${at.y(y).toFixed(1)}`);
    set(this.line, { d: `M${path.join("L")}` });
    const [left, zero] = [at.x(0), PLOT.top + at.y(0)];
    const across = `M${at.x(at.start * at.end)} ${zero}H${at.x(at.end)}`;
    set(this.axes, { d: `${across}M${left} ${PLOT.top}v${PLOT.height}` });
    const [x, y] = [at.x(r.x), PLOT.top + at.y(r.y)];
    const seen = isFinite(r.x) && isFinite(r.y);
    this.show(this.point, seen, { cx: x, cy: y });
    this.show(this.guides, seen, { d: `M${x} ${zero}V${y}H${left}` });
    const inside = landmark.x > 0 && landmark.x <= at.end && height <= at.high;
    const [cx, cy] = [at.x(landmark.x), PLOT.top + at.y(height)];
    this.show(this.mark, inside, { cx, cy });
    this.write("landmark", inside ? landmark.name : "", clamp(cx, 16, at.width - 16), cy - 8);
    this.label(r, at, seen);
  }

  label(r, at, seen) {
    const [from, to, high] = [at.start * at.end, at.end, at.high].map((v) => show(v, 3));
    const point = seen ? `The point is at x = ${show(r.x, 3)}, y = ${show(r.y, 3)}.` : "No point.";
    set(this.svg, {
      "aria-label": `Curve of y of channel ${r.i} over its own x, from ${from} to ${to}, if the ` +
        `others stay. ${point}`,
    });
    this.write("title", `y if only channel ${r.i} changes`, 0, 13);
    this.write("high", high, at.x(0) + 4, PLOT.top + 11);
    this.write("low", at.start ? `−${high}` : "", at.x(0) + 4, PLOT.top + PLOT.height - 2);
    this.write("from", from, PLOT.left - 4, CURVE_HEIGHT - 5);
    this.write("to", `x = ${to}`, at.width - PLOT.right, CURVE_HEIGHT - 5);
  }

  write(name, text, x, y) {
    this.texts[name].textContent = text;
    set(this.texts[name], { x, y });
  }

  show(element, seen, attributes) {
    element.style.display = seen ? "" : "none";
    if (seen) set(element, attributes);
  }
}

// Points of the curve, close together where it bends.
function sample({ end, start }, rest, p, landmark) {
  const steps = Array.from({ length: 121 }, (_, k) => end * (start + (1 - start) * (k / 120)));
  const near = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5].map((s) => s * landmark);
  const both = start < 0 ? [...near, ...near.map((x) => -x)] : near;
  return [...steps, ...both.filter((x) => Math.abs(x) < end)].sort((a, b) => a - b)
    .map((x) => [x, responseTo(x, rest, p)]).filter(([, y]) => isFinite(y));
}
