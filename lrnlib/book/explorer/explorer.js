// The controls: they update the bars and the arithmetic.

const QUIET = 500; // milliseconds without a change before a screen reader is told the result

class Explorer {
  constructor(root, settings) {
    this.root = root;
    this.inputs = settings.inputs.map((input) => Object.assign(input, { x: input.x.map(Number) }));
    this.pixel = this.inputs[0].x;
    this.channel = settings.channel;
    this.p = {};
    this.bars = new Bars();
    this.overview = new Overview((channel) => this.choose(channel));
    this.curve = new Curve();
    this.fields = {};
    this.build();
  }

  build() {
    this.barsHolder = make("div", { class: "lrn-holder" }, this.bars.svg,
      this.channelRow());
    this.curveHolder = make("div", { class: "lrn-holder lrn-beside" }, this.curve.svg,
      this.curve.caption);
    this.whole = make("div", { class: "lrn-whole" }, this.overview.svg);
    this.figure = make("div", { class: "lrn-figure" }, this.whole, this.barsHolder,
      this.curveHolder);
    this.why = make("div", { class: "lrn-why" });
    this.live = make("p", { class: "lrn-live", role: "status" });
    const lead = "Each x is divided by the number below it. Move a slider, or choose a bar by a " +
      "click or with the arrow keys.";
    this.parts = [
      make("p", { class: "lrn-lead" }, lead), this.inputRow(), this.presetRow(),
      make("div", { class: "lrn-sliders" }, ...Object.keys(HINTS).map((n) => this.slider(n))),
      this.figure, this.why, this.live,
    ];
    this.bars.svg.addEventListener("click", (event) => this.choose(this.bars.channelAt(event)));
    this.bars.svg.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    const to = {
      ArrowLeft: this.channel - 1, ArrowDown: this.channel - 1,
      ArrowRight: this.channel + 1, ArrowUp: this.channel + 1, Home: 0, End: Infinity,
      PageDown: this.channel - 10, PageUp: this.channel + 10,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.choose(to);
  }

  inputRow() {
    this.select = make("select", {});
    this.inputs.forEach(({ group: label, name }, k) => {
      if (this.inputs[k - 1]?.group !== label) this.select.append(make("optgroup", { label }));
      this.select.lastChild.append(make("option", { value: k }, name));
    });
    this.select.append(make("option", { value: "own" }, "own numbers, typed in"));
    this.select.addEventListener("change", () => this.applyInput());
    this.typed = this.textField("typed", (text) => this.applyTyped(text));
    this.typedRow = make("div", { class: "lrn-own-row", hidden: "" },
      make("label", {}, "Numbers, one for each channel ", this.typed.input), this.typed.error);
    return make("div", { class: "lrn-input" },
      make("label", {}, "Input ", this.select), this.typedRow);
  }

  presetRow() {
    this.presets = PRESETS.map(([name, numbers]) => {
      const button = make("button", { type: "button" }, name);
      button.addEventListener("click", () => this.setAll(numbers(this.pixel.length)));
      return { button, numbers };
    });
    return make("div", { class: "lrn-presets", role: "group", "aria-label": "Parameters" },
      make("span", {}, "Parameters"), ...this.presets.map((preset) => preset.button));
  }

  // A text field and its error message, which stays until a valid text or `accept`.
  textField(kind, apply) {
    const id = `${this.root.id}-${kind}`;
    const error = make("span", { class: "lrn-error", role: "alert", id: `${id}-error` });
    const input = make("input", {
      type: "text", class: `lrn-field lrn-${kind}`, autocomplete: "off", spellcheck: "false",
      id, "aria-describedby": error.id,
    });
    const accept = (message = "") => {
      error.textContent = message;
      input.setAttribute("aria-invalid", message !== "");
    };
    input.addEventListener("input", () => accept(apply(input.value)));
    return { input, error, accept };
  }

  slider(name) {
    const { min, max, step, value = same } = SLIDERS[name];
    const range = make("input", { type: "range", "aria-label": `${name}, slider`, min, max, step });
    const field = this.textField(name, (text) => this.applyParameter(name, text));
    field.input.inputMode = "decimal";
    range.addEventListener("input", () => {
      this.p[name] = value(Number(range.value));
      this.fields[name].shown = undefined;
      this.refresh();
    });
    this.fields[name] = { range, ...field };
    return make("div", { class: "lrn-parameter" },
      make("label", { class: "lrn-name", for: field.input.id }, make("code", {}, name),
        make("span", { class: "lrn-hint" }, HINTS[name])),
      range, field.input, field.error);
  }

  channelRow() {
    const step = (text, label, by) => {
      const button = make("button", { type: "button", "aria-label": label }, text);
      button.addEventListener("click", () => this.choose(this.channel + by));
      return button;
    };
    this.named = make("span", { class: "lrn-named" });
    this.number = this.textField("at", (text) => this.applyNumber(text));
    set(this.number.input, { inputmode: "numeric", "aria-label": "channel" });
    this.ofMany = make("span", { class: "lrn-hint" });
    return make("div", { class: "lrn-nav" }, step("◀", "previous channel", -1), this.named,
      this.number.input, this.ofMany, step("▶", "next channel", 1), this.number.error);
  }

  applyNumber(text) {
    const last = this.pixel.length - 1;
    const channel = /^\s*\d+\s*$/.test(text) ? Number(text) : Infinity;
    if (channel > last) return `A channel is a whole number from 0 to ${last}.`;
    this.choose(channel, true);
    return "";
  }

  // Of few channels the number is text; of many it can be typed as well.
  nameChannel(typing) {
    const [few, last] = [this.pixel.length <= MANY, this.pixel.length - 1];
    this.named.textContent = few ? `channel ${this.channel} of 0 to ${last}` : "channel";
    this.ofMany.textContent = `0 to ${last}`;
    this.number.input.hidden = this.ofMany.hidden = few;
    if (typing) return;
    this.number.input.value = this.channel;
    this.number.accept();
  }

  applyInput() {
    const own = this.select.value === "own";
    this.typedRow.hidden = !own;
    if (own && !this.typed.input.value) this.typed.input.value = this.pixel.join(" ");
    if (own) this.typed.accept(this.applyTyped(this.typed.input.value));
    else this.setPixel(this.inputs[this.select.value].x);
  }

  applyTyped(text) {
    const pixel = parsePixel(text);
    if (pixel instanceof Error) return `${pixel.message}. The bars show the last input.`;
    this.setPixel(pixel);
    return "";
  }

  setPixel(pixel) {
    if (this.channel >= pixel.length) this.channel = Math.floor((pixel.length - 1) / 2);
    this.pixel = pixel;
    this.refresh();
  }

  applyParameter(name, text) {
    const value = parseParameter(name, text);
    if (value instanceof Error) {
      return `${value.message}. The bars show ${name} = ${show(this.p[name], 6)}.`;
    }
    this.p[name] = value;
    this.refresh(name);
    return "";
  }

  setAll(numbers) {
    Object.keys(HINTS).forEach((name, k) => {
      this.p[name] = numbers[k];
      this.fields[name].shown = undefined;
    });
    this.refresh();
  }

  choose(channel, typing = false) {
    this.channel = clamp(channel, 0, this.pixel.length - 1);
    this.nameChannel(typing);
    this.redraw();
    this.explain(this.all[this.channel]);
  }

  // Show the state everywhere. A field stays as it is while the reader types in it, and while it
  // has an error, until its parameter is set in another way.
  refresh(typing) {
    for (const [name, field] of Object.entries(this.fields)) this.showField(name, field, typing);
    for (const { button, numbers } of this.presets) {
      const pressed = numbers(this.pixel.length).every((n, k) => n === Object.values(this.p)[k]);
      button.setAttribute("aria-pressed", pressed);
    }
    this.all = this.pixel.map((_, i) => resultAt(this.pixel, i, this.p));
    this.nameChannel(false);
    this.redraw();
    this.explain(this.all[this.channel]);
  }

  showField(name, field, typing) {
    const { range, input, accept, shown } = field;
    const value = this.p[name];
    if (name === "depth_radius") range.max = clamp(this.pixel.length - 1, 1, MANY - 1);
    range.value = (SLIDERS[name].at || same)(value);
    range.setAttribute("aria-valuetext", show(value, 6));
    field.shown = value;
    if (name === typing || value === shown) return;
    input.value = Number(value.toPrecision(7));
    accept();
  }

  // Only when the width changes: to ask for it costs the browser a layout.
  measure() {
    this.width = this.figure.clientWidth;
    this.widths = [this.barsHolder, this.curveHolder].map((e) => Math.max(200, e.clientWidth));
  }

  redraw() {
    const [bars, curve] = this.widths;
    this.bars.draw(this.all, this.channel, bars);
    this.whole.hidden = this.pixel.length <= MANY;
    if (!this.whole.hidden) this.overview.draw(this.all, this.channel, this.bars.view, this.width);
    this.curve.draw(this.all[this.channel], this.p, this.bars.common.largest, curve);
  }

  explain(r) {
    const pieces = quotientInFull(r, this.p);
    const full = make("p", { class: r.terms.length > 12 ? "lrn-full lrn-long" : "lrn-full" });
    for (const [text, kind] of pieces) {
      full.append(kind ? make(kind === "lrn-power" ? "sup" : "span", { class: kind }, text) : text);
    }
    const special = [explainSpecialValue(r, this.p), countSpecialValues(this.all)]
      .filter(Boolean).join(" ");
    const list = steps(r, this.p).map((text) => make("li", {}, text));
    this.why.replaceChildren(full, make("ul", {}, ...list));
    if (special) this.why.append(make("p", { class: "lrn-special" }, special));
    const spoken = pieces.map(([text, kind]) => (kind === "lrn-power" ? `^${text}` : text));
    this.announce(`Channel ${r.i}: ${spoken.join("")}. ${special}`);
  }

  // To screen readers; the state in which the page opens is not announced.
  announce(text) {
    clearTimeout(this.timer);
    if (this.timer === undefined) this.timer = 0;
    else this.timer = setTimeout(() => { this.live.textContent = text; }, QUIET);
  }
}
