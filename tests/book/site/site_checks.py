"""Checks of a page in a browser; each returns a list of problems."""

from tests.book.site.site_pages import TOOLS, need

# All rules of WCAG 2.2 AA, and axe's own best practices.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Without transitions, which change colours while axe reads them; with the button that appears
# after scrolling.
STATIC = """* { transition: none !important; animation: none !important }
#pst-back-to-top { display: block !important }"""
OPEN = """() => {
  if (window.unfolded) return false;
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  return (window.unfolded = true);
}"""
SETTLED = 500  # milliseconds; the theme reacts 300 ms after a resize
# The contrast of text and background where axe cannot determine it: for single characters and
# below overlapping buttons. The explorer's drawings have their own test.
CONTRAST = """(node) => {
  const rgba = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let back = node;
  while (back && !rgba(getComputedStyle(back).backgroundColor)[3]
    && getComputedStyle(back).backgroundImage === "none") back = back.parentElement;
  const behind = rgba(getComputedStyle(back || document.body).backgroundColor);
  const front = rgba(getComputedStyle(node).color);
  if (behind[3] < 1 || front[3] < 1) return 0;
  const [dark, bright] = [light(behind), light(front)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""
AXE = f"""async (tags) => {{
  const {{violations, incomplete}} = await axe.run(document,
    {{runOnly: tags, resultTypes: ["violations", "incomplete"]}});
  const contrast = {CONTRAST};
  const pale = (node) => {{
    const element = document.querySelector(node.target[0]);
    return !element.closest(".lrn-explorer svg") && contrast(element) < 4.5;
  }};
  const unclear = incomplete.filter((rule) => rule.id === "color-contrast")
    .map((rule) => ({{...rule, nodes: rule.nodes.filter(pale)}}));
  return [...violations, ...unclear].flatMap((rule) => rule.nodes.map((node) =>
    `${{rule.id}}: ${{node.html.slice(0, 120)}} `
    + [...node.any, ...node.all, ...node.none].map((why) => why.message).join("; ")));
}}"""


def unfold(page) -> None:
    """Open everything that is folded, and stop animations."""
    if page.evaluate(OPEN):
        page.add_style_tag(content=STATIC)
        page.wait_for_timeout(SETTLED)


def axe(page) -> list[str]:
    """Violations of accessibility rules, in light and dark mode."""
    file = need(TOOLS / "axe-core" / "axe.min.js", "npm ci --prefix tools/site/web")
    page.add_script_tag(content=file.read_text(encoding="utf-8"))
    unfold(page)
    found = []
    for theme in ("light", "dark"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme}: {each}" for each in page.evaluate(AXE, TAGS)]
    return found


FONTS = """() => document.fonts.ready.then(() =>
  [...document.fonts].filter((f) => f.status === "error").map((f) => `font: ${f.family}`))"""
SHOWN = """(e) => e.textContent.trim().slice(0, 60) || e.outerHTML.slice(0, 80)"""
# What is wrong with which elements, and the condition for it.
CONTENT = {
    "not typeset": (".math", """(e) => {
      const math = e.querySelector("math");
      const box = math && math.getBoundingClientRect();
      const seen = e.checkVisibility();  // false in a tab that is not selected
      return !math || (seen && !(box.width && box.height)) || math.querySelector("merror")
        || math.namespaceURI !== "http://www.w3.org/1998/Math/MathML"; }"""),
    "raw TeX": ("main :is(p, li, td, figcaption)", r"""(e) => !e.closest("pre, code")
      && /\\[([]|\$\$/.test(
        [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(""))"""),
    "no icon": ("i:is(.fa-solid, .fa-brands)", """(e) => e.checkVisibility()
      && ["none", "normal"].includes(getComputedStyle(e, "::before").content)"""),
    "not shown": ("img", "(e) => !e.complete || !e.naturalWidth"),
    "no number": (".bd-article figure", r"""(e) =>
      !/^Fig\. [\d.]+/.test(e.querySelector("figcaption .caption-number")?.textContent)"""),
    "no caption": (".bd-article figure", """(e) =>
      !e.querySelector("figcaption .caption-text")?.textContent.trim()"""),
    "not in a figure": (".bd-article :is(img, .lrn-explorer)", "(e) => !e.closest('figure')"),
    "poor alt text": (".bd-article img", r"(e) => e.alt.trim().split(/\s+/).length < 5"),
    "no headers": (".bd-article table:not(.indextable)", """(e) => !e.querySelector("th")
      || [...e.querySelectorAll("th")].some((h) => !h.textContent.trim())"""),
}  # fmt: skip


def content(page) -> list[str]:
    """Formulas not typeset, fonts not loaded, figures without caption, tables without headers."""
    unfold(page)
    found = page.evaluate(FONTS)
    for what, (selector, wrong) in CONTENT.items():
        elements = page.eval_on_selector_all(selector, f"(all) => all.filter({wrong}).map({SHOWN})")
        found += [f"{what}: {each}" for each in elements]
    return found


WIDE = """() => {
  const scrolls = (e) => e && e !== document.body && (["auto", "scroll"].includes(
    getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const page = document.scrollingElement.scrollWidth;
  const cut = [...document.querySelectorAll(".bd-article-container *")].filter((e) =>
    e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e));
  return [...(page > innerWidth ? [`${page} pixels wide on ${innerWidth}`] : []),
    ...cut.slice(0, 3).map((e) => `cut off at ${innerWidth}: ${e.outerHTML.slice(0, 80)}`)];
}"""


def width(page, pixels: int) -> list[str]:
    """Content wider than a screen of this width, except inside scrollable elements."""
    unfold(page)
    page.set_viewport_size({"width": pixels, "height": 800})
    page.wait_for_timeout(SETTLED)
    return page.evaluate(WIDE)


UNFOCUSED = """() => {
  document.activeElement.blur();
  scrollTo(0, 0);
  window.reached = new Set();
  window.frame = (e) => {  // the styles that may show the focus
    const s = getComputedStyle(e);
    const outline = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) ? s.outline : "";
    return outline + (s.boxShadow !== "none" ? s.boxShadow : ""); };
  window.unfocused = new Map([...document.querySelectorAll("*")].map((e) => [e, frame(e)]));
}"""
FOCUS = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const again = reached.has(e);
  reached.add(e);
  const label = e.type === "radio" && e.labels[0];
  const seen = [e, label].filter(Boolean).some((each) => {
    const now = frame(each);
    return now && now !== unfocused.get(each); });
  return [again, seen ? "" : e.outerHTML.slice(0, 100)];
}"""
NOT_REACHED = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true})
    && !e.closest("[inert]") && !(e.type === "radio" && !e.checked) && !window.reached.has(e))
  .map((e) => `the keyboard does not reach ${e.outerHTML.slice(0, 100)}`)"""


def keyboard(page, most: int = 1500) -> list[str]:
    """What Tab does not reach, and where the focus is invisible."""
    unfold(page)
    page.evaluate(UNFOCUSED)
    unseen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUS)
        if now is None or now[0]:
            break
        if now[1]:
            unseen.append(f"the focus is not seen on {now[1]}")
    return unseen + page.evaluate(NOT_REACHED)
