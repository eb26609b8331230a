"""`explorer` fits: in the width of a phone, and its bars in their panels."""

import pytest

from tests.book.browser import put

PANEL, GUTTER = 92, 16  # as in bars.js: of the bars, and of the numbers on either side of them

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
    spans = page.eval_on_selector_all(
        ".lrn-bars text", "(all) => all.map((e) => e.getBBox()).map((b) => [b.x, b.x + b.width])"
    )
    inner = page.locator(".lrn-bars").bounding_box()["width"]
    assert all(a >= -2 and b <= inner + 2 for a, b in spans)
    ends = page.eval_on_selector_all(".lrn-top", "(all) => all.map((e) => e.y1.baseVal.value)")
    for end, bar, number in zip(ends, (".lrn-x", ".lrn-y"), (4, 5), strict=True):
        for kind, room in ((bar, 0.5), (f".lrn-number:nth-child({number})", GUTTER)):
            found = page.eval_on_selector_all(kind, PARTS)
            assert found
            assert min(top for top, _ in found) >= end - room
            assert max(bottom for _, bottom in found) <= end + PANEL + room


def test_the_bars_follow_the_width(show):
    """After a phone turns or a pane widens, they are drawn anew, with all numbers."""
    page = show(width=320)
    narrow = page.locator(".lrn-bars").bounding_box()["width"]
    page.set_viewport_size({"width": 900, "height": 800})
    page.wait_for_function(f"document.querySelector('.lrn-bars').clientWidth > {narrow + 200}")
    assert "0.0714" in page.locator(".lrn-bars text").all_text_contents()
