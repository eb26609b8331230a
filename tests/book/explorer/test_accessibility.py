"""`explorer` for every reader: keyboard, screen reader, touch, dark mode, phone."""

import pytest

import lrnlib
from tests.book.browser import full, numbers, put

# the system's colours, the page, whether the explorer is dark in it
PAGES = [
    ("dark", "<html><body>{}", True),
    ("light", "<html data-theme=dark><body>{}", True),
    ("light", "<html><body data-jp-theme-light=false>{}", True),
    ("light", "<html><body class=vscode-dark>{}", True),
    ("light", "<html theme=dark><body>{}", True),
    ("light", "<html><body>{}", False),
    ("dark", "<html data-theme=light><body>{}", False),
    ("dark", "<html><body data-jp-theme-light=true>{}", False),
]


def focused(page):
    return page.evaluate(
        """() => {
          const e = document.activeElement;
          const label = e.labels && e.labels.length ? e.labels[0].innerText : "";
          const name = e.getAttribute("aria-label") || label || e.textContent;
          return `${e.type || e.tagName}: ${name.trim().split("\\n")[0].trim()}`;
        }"""
    )


def test_tab_goes_through_everything_in_the_order_of_the_page(show):
    """Each control once, with its name; the bars are one stop."""
    page, seen = show(), []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(focused(page))
    sliders = ("depth_radius", "bias", "alpha", "beta")
    assert seen == [
        "select-one: Input",
        *(f"button: {n}" for n in ("Article", "TensorFlow’s defaults", "AlexNet", "PixelNorm")),
        *(each for n in sliders for each in (f"range: {n}, slider", f"text: {n}")),
        "svg: Channel whose arithmetic is shown",
        "button: previous channel",
        "button: next channel",
    ]


def test_arrow_keys_choose_the_channel(show):
    """To either side and no further than the ends; Home and End; others are left alone."""
    page = show(html='{}<p style="height: 2000px">')
    bars = page.locator(".lrn-bars")
    bars.focus()
    scrolled = page.evaluate("scrollY")
    at = []
    keys = ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "Home", "ArrowLeft", "End")
    for key in (*keys, "ArrowRight", "a"):
        page.keyboard.press(key)
        at.append(int(bars.get_attribute("aria-valuenow")))
    assert at == [4, 5, 4, 3, 0, 0, 7, 7, 7]
    assert full(page) == "8 / (6² + 7² + 8²) = 0.0537"
    assert bars.get_attribute("aria-valuetext") == "channel 7: 8 divided by 149 becomes 0.0537"
    assert page.evaluate("scrollY") == scrolled


def test_sliders_work_with_the_keyboard(show):
    """alpha is logarithmic, with 0 at its left end; all say their value."""
    page = show()
    alpha = page.get_by_role("slider", name="alpha, slider")
    alpha.focus()
    at = []
    for key in ("ArrowRight", "End", "Home", "ArrowRight"):
        page.keyboard.press(key)
        at.append((page.input_value(".lrn-alpha"), alpha.get_attribute("aria-valuetext")))
    assert at == [("1.3", "1.3"), ("1000", "1000"), ("0", "0"), ("0.000001", "1e−6")]
    page.get_by_role("slider", name="depth_radius, slider").press("End")
    page.get_by_role("slider", name="bias, slider").press("ArrowRight")
    page.get_by_role("slider", name="beta, slider").press("ArrowLeft")
    shown = [page.input_value(f".lrn-{name}") for name in ("depth_radius", "bias", "beta")]
    assert shown == ["7", "0.1", "0.95"]


def test_keys_do_not_leave_the_explorer(show):
    """JupyterLab would go to another cell at an arrow, and delete one at d, d.

    The browser's and the notebook's own shortcuts go on working.
    """
    page = show(html="{}<input class=outside>")
    page.evaluate(
        """() => {
          window.heard = [];
          document.addEventListener("keydown", (event) => heard.push(event.key));
        }"""
    )
    kept = ("ArrowDown", "ArrowRight", "d", "d", "Shift+M", "Escape", "Enter")
    for control in ("input[type=range] >> nth=0", "select", ".lrn-bars", ".lrn-nav button"):
        page.focus(f".lrn-explorer {control}")
        for key in kept:
            page.keyboard.press(key)
    assert set(page.evaluate("heard")) <= {"Shift"}
    for key in ("Control+s", "Alt+x", "Meta+b", "Shift+Enter"):
        page.keyboard.press(key)
    assert {"s", "x", "b", "Enter"} <= set(page.evaluate("heard"))
    page.focus(".outside")
    page.keyboard.press("d")
    assert page.evaluate("heard").count("d") == 1


# One after another without a pause, however busy the machine is.
PRESSED = """(keys) => {
  for (const key of keys) {
    document.querySelector(".lrn-bars").dispatchEvent(new KeyboardEvent("keydown", { key }));
  }
  return document.querySelector(".lrn-live").innerText;
}"""


def test_a_screen_reader_is_told_when_it_is_quiet(show):
    """Nothing at first; then the last of several results, once, politely."""
    page = show()
    live = page.get_by_role("status")
    page.wait_for_timeout(700)
    assert live.inner_text() == ""
    keys = ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"]
    assert page.evaluate(PRESSED, keys) == ""
    page.wait_for_function("document.querySelector('.lrn-live').innerText")
    assert live.inner_text() == f"Channel 3: {full(page)}."


@pytest.mark.parametrize("how", ["click", "tap"])
def test_a_channel_is_chosen_where_it_is_touched(show, how):
    """Anywhere in its column, also where its bar is short."""
    page = show(has_touch=True)
    for at, channel in (((0.01, 0.1), 0), ((0.99, 0.9), 7), ((0.56, 0.5), 4)):
        box = page.locator(".lrn-bars").bounding_box()
        place = {"x": at[0] * box["width"], "y": at[1] * box["height"]}
        getattr(page.locator(".lrn-bars"), how)(position=place)
        assert page.get_attribute(".lrn-bars", "aria-valuenow") == str(channel)
    page.get_by_role("button", name="previous channel").click()
    assert page.get_attribute(".lrn-bars", "aria-valuenow") == "3"


def luminance(color):
    """Of an rgb(…) as WCAG 2 defines it."""
    parts = [float(part) / 255 for part in color.strip("rgba()").split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    """The ratio of WCAG 2, from 1 to 21."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def colors(page, selector, what):
    """A computed colour of each element."""
    return page.eval_on_selector_all(
        selector, f"(all) => all.map((e) => getComputedStyle(e).{what})"
    )


TEXTS = {
    ".lrn-lead, .lrn-hint, .lrn-name code, .lrn-error, .lrn-full, .lrn-full span, "
    ".lrn-caption, .lrn-special, li, select, .lrn-field, button[aria-pressed=false]": "color",
    ".lrn-bars text, .lrn-curve text": "fill",
}
GRAPHICS = {
    ".lrn-bar, .lrn-zero, .lrn-band, .lrn-line, .lrn-axes, .lrn-guides, .lrn-mark": "stroke",
    ".lrn-chosen .lrn-y, .lrn-chosen .lrn-level, .lrn-point": "fill",
    "select, button[aria-pressed=false], .lrn-field": "borderTopColor",
    "input[type=range]": "accentColor",
}


@pytest.mark.parametrize(("system", "html", "dark"), PAGES)
def test_colours_follow_the_page_and_can_be_seen(show, system, html, dark):
    """The page's own word counts more than the system's. Text 4.5 : 1, graphics 3 : 1."""
    page = show(html=html, media={"reduced_motion": "reduce", "color_scheme": system})
    put(page, [0, 0, 0, 0, 0, 5], bias=0)
    page.fill(".lrn-beta", "?")
    page.click("text=◀")
    page.mouse.move(0, 0)
    (card,) = colors(page, ".lrn-explorer", "backgroundColor")
    assert (luminance(card) < 0.1) == dark
    for wanted, kinds in ((4.5, TEXTS), (3, GRAPHICS)):
        for selector, what in kinds.items():
            found = colors(page, selector, what)
            assert found
            assert min(contrast(color, card) for color in found) >= wanted, selector
    (ink,) = colors(page, "[aria-pressed=true]", "color")
    assert contrast(ink, *colors(page, "[aria-pressed=true]", "backgroundColor")) >= 4.5


def test_colour_is_not_the_only_mark(show):
    """The chosen bars have a thicker line and bold numbers; the window is framed and named."""
    page = show()
    lines = colors(page, ".lrn-x", "strokeWidth")
    assert sorted(lines) == ["1.5px"] * 4 + ["1px"] * 3 + ["2px"]
    assert colors(page, ".lrn-chosen .lrn-channel", "fontWeight") == ["700"]
    assert colors(page, ".lrn-bars .lrn-band", "strokeDasharray") == ["5px, 3px"]
    assert "window" in page.locator(".lrn-bars text").all_text_contents()
    # Last, so that its numbers are in front of its neighbours' bars.
    assert page.get_attribute(".lrn-bars > :last-child", "data-channel") == "3"


@pytest.mark.parametrize(("motion", "still"), [("reduce", True), ("no-preference", False)])
def test_reduced_motion_is_respected(show, motion, still):
    page = show(media={"reduced_motion": motion})
    durations = {
        float(each.rstrip("s"))
        for listed in colors(page, ".lrn-explorer *", "transitionDuration")
        for each in listed.split(", ")
    }
    assert (max(durations) == 0) == still


def test_the_state_is_kept_while_input_changes(show):
    """A new input keeps the parameters, and the channel where it has one."""
    page = show(lrnlib.explorer(channel=7))
    put(page, beta=0.5)
    page.select_option("select", label="one spike")
    assert page.get_attribute(".lrn-bars", "aria-valuenow") == "7"
    assert page.input_value(".lrn-beta") == "0.5"
    put(page, [1, 2, 3])
    assert page.get_attribute(".lrn-bars", "aria-valuenow") == "1"
    assert numbers(page).shape == (2, 3)
