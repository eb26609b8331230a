// The bars: one column for each channel. Above stand x and, inside it, y on the same scale;
// between them the divisor; below y again, enlarged where it would be too small.

const PANEL = 92; // height of the bars of a panel, in CSS pixels
const GUTTER = 16; // room for the number at the end of a bar
const TOPS = [36, 206];
const DIVISORS = TOPS[0] + PANEL + 2 * GUTTER + 15;
const HEIGHT = TOPS[1] + PANEL + 2 * GUTTER + 8;

const MANY = 64; // channels; of more the bars show a part, which the overview names
const THINNEST = 9; // of these bars, with the gap beside it, in CSS pixels

// The channels whose bars are drawn. Of many, as few as fit: they move no further than they must
// to hold the window of the chosen one, or are centred on it if it was not among them.
function viewOf(all, chosen, width, last) {
  if (all.length <= MANY) return { from: 0, size: all.length };
  const size = Math.min(all.length, Math.max(16, Math.floor(width / THINNEST)));
  const { first, last: end } = all[chosen];
  const reach = Math.min(Math.max(chosen - first, end - chosen), Math.floor((size - 1) / 2));
  const seen = last && chosen >= last.from && chosen < last.from + last.size;
  const from = seen ? clamp(last.from, chosen + reach + 1 - size, chosen - reach) :
    chosen - Math.floor(size / 2);
  return { from: clamp(from, 0, all.length - size), size };
}

// The lengths in a panel on the common scale, enlarged so many times; its zero line leaves room
// for its own values on both sides. An infinite bar fills its side.
function panelScale(values, own, common, times, top) {
  const above = own.above || (values.includes(Infinity) ? 1 : 0);
  const below = own.below || (values.includes(-Infinity) ? 1 : 0);
  const high = below ? (PANEL * above) / (above + below) : PANEL;
  const unit = (PANEL / (common.above + common.below || 1)) * times;
  const length = (v) => clamp((v / common.largest) * unit, high - PANEL, high);
  return { zero: top + GUTTER + high, length: (v) => (Number.isNaN(v) ? 0 : length(v)) };
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
    this.top = shape("line", "lrn-top", { x1: 0, y1: TOPS[0] + GUTTER, y2: TOPS[0] + GUTTER });
    this.zeros = TOPS.map(() => shape("line", "lrn-zero", { x1: 0 }));
    this.columns = [];
    this.svg.append(this.band, this.bandName, ...this.titles, this.scale, this.top,
      ...this.zeros);
  }

  column() {
    const parts = {
      hit: shape("rect", "lrn-hit", { y: 0, height: HEIGHT }),
      glass: shape("rect", "lrn-glass"), level: shape("rect", "lrn-level"),
      x: shape("rect", "lrn-bar lrn-x"), y: shape("rect", "lrn-bar lrn-y"),
      xText: shape("text", "lrn-number"), divisor: shape("text", "lrn-divisor", { y: DIVISORS }),
      yText: shape("text", "lrn-number"), mark: shape("text", "lrn-channel", { y: HEIGHT - 4 }),
    };
    const group = shape("g", "lrn-column");
    group.append(...Object.values(parts));
    return { group, ...parts };
  }

  // Add or remove columns; the others stay, so that their bars can move.
  resize(channels) {
    while (this.columns.length > channels) this.columns.pop().group.remove();
    while (this.columns.length < channels) {
      this.columns.push(this.column());
      this.svg.append(this.columns[this.columns.length - 1].group);
    }
  }

  draw(all, chosen, width) {
    this.view = viewOf(all, chosen, width, this.view);
    const { from, size } = this.view;
    const shown = all.slice(from, from + size);
    this.resize(size);
    this.svg.classList.toggle("lrn-part", size < all.length);
    set(this.svg, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    const [xs, ys] = [shown.map((r) => r.x), shown.map((r) => r.y)];
    this.layout = { chosen, width, step: width / size, from, size };
    this.common = commonEnds(xs, ys);
    const own = endsOf(ys);
    const times = enlargement(own, this.common);
    shown.forEach((r, i) => this.place(this.columns[i], r));
    this.name(times);
    const scale = this.drawPanel(0, xs, this.common, 1);
    this.columns.forEach(({ glass, level }, i) => {
      set(glass, this.bar(i, scale, xs[i]));
      set(level, this.bar(i, scale, ys[i]));
    });
    this.drawPanel(1, ys, own, times);
    this.numbers(shown.map((r) => r.power), (column) => column.divisor, "÷");
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
    const { up, down } = this.common;
    const drawn = times > 1 ? `enlarged ${show(times, 3)} times` :
      times < 1 ? `reduced ${show(1 / times, 3)} times` : "on the same scale";
    this.titles[0].textContent = "x, and y inside it";
    this.titles[1].textContent = `y alone, ${drawn}`;
    this.scale.textContent = up || down ? `${show(-down, 3)} to ${show(up, 3)}` : "";
    set(this.scale, { x: this.layout.width });
    set(this.top, { x2: this.layout.width });
  }

  place(column, r) {
    const { chosen, step, from } = this.layout;
    const digits = Math.max(2, `${r.channels - 1}`.length);
    const apart = Math.ceil((10 * digits) / step); // channels between two numbers
    const hidden = r.i !== chosen && (r.i % apart || Math.abs(r.i - chosen) < apart);
    set(column.group, { "data-channel": r.i, "data-x": r.x, "data-y": r.y });
    set(column.hit, { x: (r.i - from) * step, width: step });
    column.mark.textContent = r.i;
    this.centre(column.mark, r.i - from);
    column.mark.classList.toggle("lrn-spare", Boolean(hidden));
  }

  drawPanel(k, values, own, times) {
    const scale = panelScale(values, own, this.common, times, TOPS[k]);
    set(this.zeros[k], { x2: this.layout.width, y1: scale.zero, y2: scale.zero });
    this.numbers(values, (column) => (k ? column.yText : column.xText));
    this.columns.forEach((column, i) => {
      const [bar, text] = k ? [column.y, column.yText] : [column.x, column.xText];
      const long = scale.length(values[i]);
      set(bar, this.bar(i, scale, values[i]));
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

  // All numbers with three digits, or with two; or that of the chosen bar and of the one that is
  // pointed at: whichever fits.
  numbers(values, elementOf, before = "") {
    const { chosen, step, from } = this.layout;
    const letters = (digits) => Math.max(...values.map((v) => show(v, digits).length));
    const wide = 2 * before.length; // ÷
    const digits = [3, 2].find((each) => (letters(each) + wide) * LETTER <= step);
    values.forEach((value, i) => {
      const element = elementOf(this.columns[i]);
      element.textContent = before + show(value, digits || 3);
      this.centre(element, i);
      element.classList.toggle("lrn-spare", !digits && from + i !== chosen);
    });
  }

  // Put a text in the middle of its column, but inside the drawing.
  centre(text, i) {
    const { step, width } = this.layout;
    const half = (text.textContent.length * LETTER) / 2 + 1;
    set(text, { x: clamp((i + 0.5) * step, half, width - half) });
  }

  drawBand(r) {
    const { step, from: start, size } = this.layout;
    const end = Math.min(r.last + 1, start + size);
    const [from, to] = [Math.max(r.first, start) - start, end - start].map((n) => n * step);
    const height = PANEL + 2 * GUTTER - 2;
    set(this.band, { x: from + 1, width: to - from - 2, y: TOPS[0] + 1, height });
    this.columns.forEach((column, k) => {
      const i = start + k;
      column.group.classList.toggle("lrn-chosen", i === r.i);
      column.group.classList.toggle("lrn-inside", i !== r.i && i >= r.first && i <= r.last);
    });
    const front = this.columns[r.i - start].group; // its number may reach over its neighbours
    if (front !== this.svg.lastChild) this.svg.append(front);
    this.bandName.textContent = to - from > 60 ? "window" : "";
    set(this.bandName, { x: from + 4 });
  }

  channelAt(event) {
    const box = this.svg.getBoundingClientRect();
    const { from, size } = this.view;
    const at = ((event.clientX - box.left) / box.width) * size;
    return from + clamp(Math.floor(at), 0, size - 1);
  }
}
