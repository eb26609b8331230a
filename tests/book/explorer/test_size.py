"""`explorer` fits: in the width of a phone, and its bars in their panels."""

import pytest

from tests.book.browser import put

# As in bars.js: the tops and the height of the bars, and the room for the numbers, rounded up.
ENDS, PANEL, GUTTER = (52, 222), 92, 16.5

STATES = {
    "article": lambda page: None,
    "64 channels": lambda page: put(page, [(-1.234567e-5) ** (k % 3) for k in range(64)]),
    "long numbers": lambda page: put(page, [-1.23456789e-200] * 8, alpha=1.2345678e-5),
    "errors": lambda page: put(page, [1]) or page.fill(".lrn-typed", "x" * 300),
    "NaN": lambda page: put(page, [0] * 9),
    "infinite below": lambda page: put(page, [float("-inf"), 2]),
    "infinite above": lambda page: put(page, [float("inf"), -2]),
    "nothing finite": lambda page: put(page, [-5, 0, 1e-3], depth_radius=1, alpha=0),
}


def boxes(page, selector):
    """Where what is visible lies in the frame, and how large it is."""
    return page.eval_on_selector_all(
        selector,
        """(all) => {
          const frame = document.querySelector(".lrn-explorer").getBoundingClientRect();
          return all.map((e) => e.getBoundingClientRect()).filter((b) => b.width).map((b) => ({
            left: b.left - frame.left, right: b.right - frame.left, frame: frame.width,
            width: b.width, height: b.height,
          }));
        }""",
    )


PARTS = """(all) => all.map((e) => e.tagName === "text" ? e.getBBox() : {
  y: e.y.baseVal.value, height: e.height.baseVal.value,
}).filter((b) => b.height).map((b) => [b.y, b.y + b.height])"""  # a drawn box of a bar may move


MARGINS = """(svgs) => svgs.filter((svg) => svg.clientWidth).flatMap((svg) =>
  [...svg.querySelectorAll("text")].map((text) => text.getBBox())
    .flatMap((box) => [box.x, svg.clientWidth - box.x - box.width]))"""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_it_fits_a_phone(show, width, state):
    """No horizontal scrolling, nothing outside the frame, and everything is 24 pixels large.

    The bars and numbers of x are above those of y, also where a bar has no end.
    """
    page = show(width=width, html='<body style="margin: 12px">{}')
    STATES[state](page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in boxes(page, ".lrn-explorer *:not(svg *, .lrn-live)"):
        assert part["left"] >= -0.5
        assert part["right"] <= part["frame"] + 0.5
    for control in boxes(page, "select, input, button"):
        assert min(control["width"], control["height"]) >= 24
    assert min(page.eval_on_selector_all(".lrn-bars, .lrn-curve", MARGINS)) >= -2
    panels = ({".lrn-x": 0.5, ".lrn-level": 0.5, ".lrn-number:nth-child(6)": GUTTER},
              {".lrn-y": 0.5, ".lrn-number:nth-child(8)": GUTTER})  # fmt: skip
    for end, kinds in zip(ENDS, panels, strict=True):
        for kind, room in kinds.items():
            found = page.eval_on_selector_all(kind, PARTS)
            assert found
            assert min(top for top, _ in found) >= end - room
            assert max(bottom for _, bottom in found) <= end + PANEL + room
    between = page.eval_on_selector_all(".lrn-divisor", PARTS)
    assert min(top for top, _ in between) >= ENDS[0] + PANEL + GUTTER - 1
    assert max(bottom for _, bottom in between) <= ENDS[1] - GUTTER


@pytest.mark.parametrize("width", [320, 1280])
def test_a_label_does_not_touch_its_slider(show, width):
    """Not even the longest one, `depth_radius`."""
    page = show(width=width)
    gaps = page.eval_on_selector_all(
        ".lrn-parameter",
        """(all) => all.map((row) => row.querySelector("input").getBoundingClientRect().left
          - row.querySelector("code").getBoundingClientRect().right)""",
    )
    assert len(gaps) == 4
    assert min(gaps) >= 8


def test_the_curve_stands_beside_the_bars_where_there_is_room(show):
    """Below them on a phone."""
    for width, beside in ((1280, True), (360, False)):
        page = show(width=width)
        bars, curve = (page.locator(f".lrn-{each}").bounding_box() for each in ("bars", "curve"))
        assert (curve["x"] >= bars["x"] + bars["width"]) == beside
        assert (curve["y"] >= bars["y"] + bars["height"]) != beside


def test_the_bars_follow_the_width(show):
    """After a phone turns or a pane widens, they are drawn anew, with all numbers."""
    page = show(width=320)
    narrow = page.locator(".lrn-bars").bounding_box()["width"]
    page.set_viewport_size({"width": 900, "height": 800})
    page.wait_for_function(f"document.querySelector('.lrn-bars').clientWidth > {narrow + 100}")
    assert "0.0714" in page.locator(".lrn-bars text").all_text_contents()
