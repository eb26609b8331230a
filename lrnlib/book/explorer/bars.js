// The bars: one column for each channel, its value above and its result below.

const SVG = "http://www.w3.org/2000/svg";
const PANEL = 92; // height of the bars of a panel, in CSS pixels
const GUTTER = 16; // room for the number at the end of a bar
const TOPS = [22, 22 + PANEL + 2 * GUTTER + 40];
const HEIGHT = TOPS[1] + PANEL + 2 * GUTTER + 8;
const LETTER = 6.7; // width of a digit of the numbers, and a little more

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

// 1, 2 or 5 times a power of ten, no less than the largest of the values.
function niceCeiling(values) {
  const largest = Math.max(0, ...values.filter(isFinite));
  if (largest === 0) return 0;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((s) => largest <= s * power * (1 + 1e-12));
  return Math.min(step * power, LARGEST) || largest;
}

// The scale of a panel: from `up` at its top to -`down` at its bottom. An infinite bar fills its
// side of the zero line, which has room even if no finite value needs it.
function scaleOf(values, top) {
  const [high, low] = [niceCeiling(values), niceCeiling(values.map((v) => -v))];
  const largest = Math.max(high, low) || 1;
  const up = high || (values.includes(Infinity) ? largest : 0);
  const down = low || (values.includes(-Infinity) ? largest : 0);
  const span = up / largest + down / largest || 1;
  const zero = top + GUTTER + (down ? PANEL * (up / largest / span) : PANEL);
  const length = (v) => (Number.isNaN(v) ? 0 : clamp(v / largest, -1, 1) * (PANEL / span));
  const text = high || low ? `scale: ${show(-down, 3)} to ${show(up, 3)}` : "";
  return { text, zero, length };
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

class Bars {
  constructor() {
    this.svg = shape("svg", "lrn-bars", {
      role: "slider", tabindex: 0, "aria-orientation": "horizontal", height: HEIGHT,
      "aria-label": "Channel whose arithmetic is shown",
    });
    this.band = shape("rect", "lrn-band", { rx: 3 });
    this.bandName = shape("text", "lrn-small");
    this.panels = ["before, x", "after, y"].map((name, k) => this.panel(name, TOPS[k]));
    this.columns = [];
    this.svg.append(this.band, this.bandName);
    for (const panel of this.panels) this.svg.append(...Object.values(panel));
  }

  panel(name, top) {
    const title = shape("text", "lrn-title", { x: 0, y: top - 8 });
    title.textContent = name;
    const full = shape("text", "lrn-small", { y: top - 8, "text-anchor": "end" });
    return { title, full, top: shape("line", "lrn-top"), zero: shape("line", "lrn-zero") };
  }

  column(i) {
    const parts = {
      hit: shape("rect", "lrn-hit", { y: 0, height: HEIGHT }),
      x: shape("rect", "lrn-bar lrn-x"), y: shape("rect", "lrn-bar lrn-y"),
      xText: shape("text", "lrn-number"), yText: shape("text", "lrn-number"),
      mark: shape("text", "lrn-channel", { y: HEIGHT - 4 }),
    };
    const group = shape("g", "lrn-column", { "data-channel": i });
    group.append(...Object.values(parts));
    parts.mark.textContent = i;
    return { group, ...parts };
  }

  // Add or remove columns; the others stay, so that their bars can move.
  resize(channels) {
    while (this.columns.length > channels) this.columns.pop().group.remove();
    while (this.columns.length < channels) {
      this.columns.push(this.column(this.columns.length));
      this.svg.append(this.columns[this.columns.length - 1].group);
    }
  }

  draw(all, chosen, width) {
    this.resize(all.length);
    this.width = width;
    set(this.svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    const step = width / all.length;
    this.columns.forEach((column, i) => this.place(column, all[i], chosen, step));
    this.drawPanel(0, all.map((r) => r.x), chosen, step);
    this.drawPanel(1, all.map((r) => r.y), chosen, step);
    const r = all[chosen];
    this.drawBand(r, step);
    set(this.svg, {
      "aria-valuemin": 0, "aria-valuemax": all.length - 1, "aria-valuenow": chosen,
      "aria-valuetext": `channel ${chosen}: ${show(r.x, 3)} becomes ${show(r.y, 3)}`,
    });
  }

  place(column, r, chosen, step) {
    const apart = Math.ceil(20 / step); // channels between two numbers that do not touch
    const hidden = r.i !== chosen && (r.i % apart || Math.abs(r.i - chosen) < apart);
    set(column.group, { "data-x": r.x, "data-y": r.y });
    set(column.hit, { x: r.i * step, width: step });
    set(column.mark, { x: (r.i + 0.5) * step });
    column.mark.style.display = hidden ? "none" : "";
  }

  drawPanel(k, values, chosen, step) {
    const scale = scaleOf(values, TOPS[k]);
    const panel = this.panels[k];
    const gap = Math.min(step * 0.2, 12);
    const end = TOPS[k] + GUTTER;
    panel.full.textContent = scale.text;
    set(panel.full, { x: this.width });
    set(panel.top, { x1: 0, x2: this.width, y1: end, y2: end });
    set(panel.zero, { x1: 0, x2: this.width, y1: scale.zero, y2: scale.zero });
    const texts = this.numbers(values, chosen, step);
    this.columns.forEach((column, i) => {
      const long = scale.length(values[i]);
      const [bar, text] = k ? [column.y, column.yText] : [column.x, column.xText];
      set(bar, {
        x: i * step + gap / 2, width: step - gap,
        y: scale.zero - Math.max(long, 0), height: Math.max(Math.abs(long), 0.5),
      });
      const half = (texts[i].length * LETTER) / 2;
      text.textContent = texts[i];
      set(text, {
        x: clamp((i + 0.5) * step, half, this.width - half),
        y: scale.zero - long + (long < 0 ? 13 : -4),
      });
    });
  }

  // All numbers with three digits, or with two, or the chosen one alone: whichever fits.
  numbers(values, chosen, step) {
    for (const digits of [3, 2]) {
      const texts = values.map((v) => show(v, digits));
      if (texts.every((text) => text.length * LETTER <= step)) return texts;
    }
    return values.map((v, i) => (i === chosen ? show(v, 3) : ""));
  }

  drawBand(r, step) {
    const [from, to] = [r.first * step, (r.last + 1) * step];
    const height = PANEL + 2 * GUTTER - 2;
    set(this.band, { x: from + 1, width: to - from - 2, y: TOPS[0] + 1, height });
    this.columns.forEach((column, i) => {
      column.group.classList.toggle("lrn-chosen", i === r.i);
      column.group.classList.toggle("lrn-inside", i !== r.i && i >= r.first && i <= r.last);
    });
    const front = this.columns[r.i].group; // its number may reach over its neighbours
    if (front !== this.svg.lastChild) this.svg.append(front);
    this.bandName.textContent = to - from > 60 ? "window" : "";
    set(this.bandName, { x: from + 4, y: TOPS[0] + height + 14 });
  }

  channelAt(event) {
    const box = this.svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * this.columns.length;
    return clamp(Math.floor(at), 0, this.columns.length - 1);
  }
}
