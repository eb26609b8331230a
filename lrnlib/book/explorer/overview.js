// Many channels at a glance: x, and y inside it, as thin lines; the frame is what the bars show.

const OVERVIEW = { top: 22, height: 48 };
const WHOLE = OVERVIEW.top + OVERVIEW.height + 10;

class Overview {
  constructor(choose) {
    this.svg = shape("svg", "lrn-overview", {
      height: WHOLE, "aria-hidden": true, // the bars are the slider
    });
    this.title = shape("text", "lrn-title", { y: 13 });
    this.hint = shape("text", "lrn-small lrn-end", { y: 13 });
    this.lines = ["x", "y"].map((kind) => shape("path", `lrn-lines lrn-lines-${kind}`));
    const across = { y: OVERVIEW.top - 3, height: OVERVIEW.height + 6 };
    this.band = shape("rect", "lrn-band", across);
    this.frame = shape("rect", "lrn-frame", { ...across, rx: 3 });
    this.mark = shape("path", "lrn-own-mark");
    this.svg.append(this.mark, this.band, ...this.lines, this.frame, this.title, this.hint);
    // Everywhere in the page, so that a drag need not stay in this narrow strip.
    const follow = (event) => choose(this.channelAt(event));
    const stop = () => document.removeEventListener("pointermove", follow);
    this.svg.addEventListener("pointerdown", (event) => {
      follow(event);
      document.addEventListener("pointermove", follow);
      for (const end of ["pointerup", "pointercancel"]) {
        document.addEventListener(end, stop, { once: true });
      }
    });
  }

  draw(all, chosen, view, width) {
    this.channels = all.length;
    this.step = width / all.length;
    set(this.svg, { width, viewBox: `0 0 ${width} ${WHOLE}` });
    this.title.textContent = `all ${all.length} channels`;
    this.hint.textContent = `in the frame: ${view.from} to ${view.from + view.size - 1}`;
    set(this.hint, { x: width });
    const [xs, ys] = [all.map((r) => r.x), all.map((r) => r.y)];
    const place = this.scale(commonEnds(xs, ys));
    [xs, ys].forEach((values, k) => {
      const lines = values.map((v, i) => (Number.isNaN(v) ? "" :
        `M${((i + 0.5) * this.step).toFixed(2)} ${place(0).toFixed(1)}V${place(v).toFixed(1)}`));
      set(this.lines[k], { d: lines.join(""), "stroke-width": Math.max(this.step * 0.75, 0.75) });
    });
    const [x, own] = [(chosen + 0.5) * this.step, all[chosen]];
    set(this.mark, { d: `M${x.toFixed(1)} ${WHOLE - 6}l-4 6h8z` });
    this.span(this.band, own.first, own.last + 1, 3);
    this.span(this.frame, view.from, view.from + view.size, 6);
  }

  // A value's height, on one scale for x and y of all channels.
  scale({ above, below, largest }) {
    const unit = OVERVIEW.height / (above + below || 1);
    const [bottom, zero] = [OVERVIEW.top + OVERVIEW.height, OVERVIEW.top + unit * above];
    return (v) => clamp(zero - (v / largest) * unit, OVERVIEW.top, bottom);
  }

  span(rect, from, to, least) {
    const width = Math.max((to - from) * this.step, least);
    const x = clamp(((from + to) * this.step - width) / 2, 1, this.channels * this.step - width);
    set(rect, { x, width: width - 1 });
  }

  channelAt(event) {
    const box = this.svg.getBoundingClientRect();
    return Math.floor(((event.clientX - box.left) / box.width) * this.channels);
  }
}
