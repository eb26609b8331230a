// The bars: one column for each channel. Above stand x and, inside it, y on the same scale;
// between them the divisor; below y again, enlarged where it would be too small.

const PANEL = 92; // height of the bars of a panel, in CSS pixels
const GUTTER = 16; // room for the number at the end of a bar
const TOPS = [36, 206];
const DIVISORS = TOPS[0] + PANEL + 2 * GUTTER + 15;
const HEIGHT = TOPS[1] + PANEL + 2 * GUTTER + 8;

// The lengths in a panel from `up` at its top to -`down` at its bottom. An infinite bar fills its
// side of the zero line, which has room even if no finite value needs it.
function panelScale(values, { up, down }, times, top) {
  const largest = Math.max(up, down) || 1;
  const above = up / largest || (values.includes(Infinity) ? 1 : 0);
  const below = down / largest || (values.includes(-Infinity) ? 1 : 0);
  const span = above + below || 1;
  const zero = top + GUTTER + (below ? PANEL * (above / span) : PANEL);
  const part = (v) => clamp((v / largest) * times, -below, above);
  return { zero, length: (v) => (Number.isNaN(v) ? 0 : part(v) * (PANEL / span)) };
}

class Bars {
  constructor() {
    this.svg = shape("svg", "lrn-bars", {
      role: "slider", tabindex: 0, "aria-orientation": "horizontal", height: HEIGHT,
      "aria-label": "Channel whose arithmetic is shown",
    });
    this.band = shape("rect", "lrn-band", { rx: 3 });
    this.bandName = shape("text", "lrn-small", { y: TOPS[0] - 4 });
    this.titles = [13, TOPS[1] - 8].map((y) => shape("text", "lrn-title", { y }));
    this.scale = shape("text", "lrn-small lrn-end", { y: 13 });
    this.lines = TOPS.map(() => [shape("line", "lrn-top"), shape("line", "lrn-zero")]);
    this.columns = [];
    this.svg.append(this.band, this.bandName, ...this.titles, this.scale, ...this.lines.flat());
  }

  column(i) {
    const parts = {
      hit: shape("rect", "lrn-hit", { y: 0, height: HEIGHT }),
      glass: shape("rect", "lrn-glass"), level: shape("rect", "lrn-level"),
      x: shape("rect", "lrn-bar lrn-x"), y: shape("rect", "lrn-bar lrn-y"),
      xText: shape("text", "lrn-number"), divisor: shape("text", "lrn-divisor", { y: DIVISORS }),
      yText: shape("text", "lrn-number"), mark: shape("text", "lrn-channel", { y: HEIGHT - 4 }),
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
    set(this.svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    const [xs, ys] = [all.map((r) => r.x), all.map((r) => r.y)];
    this.layout = { chosen, width, step: width / all.length };
    this.range = rangeOf(xs, ys);
    const times = enlargement(ys, this.range);
    all.forEach((r, i) => this.place(this.columns[i], r));
    this.name(times);
    const scale = this.drawPanel(0, xs, 1);
    this.columns.forEach(({ glass, level }, i) => {
      set(glass, this.bar(i, scale, xs[i]));
      set(level, this.bar(i, scale, ys[i]));
    });
    this.drawPanel(1, ys, times);
    const divisors = this.numbers(all.map((r) => r.power), "÷");
    this.columns.forEach((column, i) => this.write(column.divisor, divisors[i], i));
    this.drawBand(all[chosen]);
    this.describe(all, chosen);
  }

  describe(all, chosen) {
    const { x, y, power } = all[chosen];
    const [from, by, to] = [x, power, y].map((value) => show(value, 3));
    set(this.svg, {
      "aria-valuemin": 0, "aria-valuemax": all.length - 1, "aria-valuenow": chosen,
      "aria-valuetext": `channel ${chosen}: ${from} divided by ${by} becomes ${to}`,
    });
  }

  name(times) {
    const { up, down } = this.range;
    const drawn = times > 1 ? `enlarged ${show(times, 3)} times` :
      times < 1 ? `reduced ${show(1 / times, 3)} times` : "on the same scale";
    this.titles[0].textContent = "x, and y inside it";
    this.titles[1].textContent = `y alone, ${drawn}`;
    this.scale.textContent = up || down ? `${show(-down, 3)} to ${show(up, 3)}` : "";
    set(this.scale, { x: this.layout.width });
  }

  place(column, r) {
    const { chosen, step } = this.layout;
    const apart = Math.ceil(20 / step); // channels between two numbers that do not touch
    const hidden = r.i !== chosen && (r.i % apart || Math.abs(r.i - chosen) < apart);
    set(column.group, { "data-x": r.x, "data-y": r.y });
    set(column.hit, { x: r.i * step, width: step });
    set(column.mark, { x: (r.i + 0.5) * step });
    column.mark.style.display = hidden ? "none" : "";
  }

  drawPanel(k, values, times) {
    const scale = panelScale(values, this.range, times, TOPS[k]);
    [TOPS[k] + GUTTER, scale.zero].forEach((y, n) => {
      set(this.lines[k][n], { x1: 0, x2: this.layout.width, y1: y, y2: y });
    });
    const texts = this.numbers(values);
    this.columns.forEach((column, i) => {
      const [bar, text] = k ? [column.y, column.yText] : [column.x, column.xText];
      const long = scale.length(values[i]);
      set(bar, this.bar(i, scale, values[i]));
      this.write(text, texts[i], i);
      set(text, { y: scale.zero - long + (long < 0 ? 13 : -4) });
    });
    return scale;
  }

  bar(i, scale, value) {
    const { step } = this.layout;
    const gap = Math.min(step * 0.2, 12);
    const long = scale.length(value);
    return {
      x: i * step + gap / 2, width: step - gap,
      y: scale.zero - Math.max(long, 0), height: Math.max(Math.abs(long), 0.5),
    };
  }

  write(element, text, i) {
    const { step, width } = this.layout;
    const half = (text.length * LETTER) / 2;
    element.textContent = text;
    set(element, { x: clamp((i + 0.5) * step, half, width - half) });
  }

  // All numbers with three digits, or with two, or the chosen one alone: whichever fits.
  numbers(values, before = "") {
    const { chosen, step } = this.layout;
    for (const digits of [3, 2]) {
      const texts = values.map((v) => before + show(v, digits));
      const letters = Math.max(...texts.map((text) => text.length)) + before.length; // ÷ is wide
      if (letters * LETTER <= step) return texts;
    }
    return values.map((v, i) => (i === chosen ? before + show(v, 3) : ""));
  }

  drawBand(r) {
    const { step } = this.layout;
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
    set(this.bandName, { x: from + 4 });
  }

  channelAt(event) {
    const box = this.svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * this.columns.length;
    return clamp(Math.floor(at), 0, this.columns.length - 1);
  }
}
