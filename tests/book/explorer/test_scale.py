"""`explorer` draws how much LRN shrinks: y inside x on one scale, the divisor, y enlarged."""

import numpy as np
import pytest

import lrnlib
from tests.book.browser import put

# x, the parameters, and what is said of the drawing of y alone
CASES = {
    "the article's": (range(1, 9), (2, 0, 1, 1), "enlarged 100 times"),
    "hardly shrunk": (range(1, 9), (2, 2, 1e-4, 0.75), "on the same scale"),
    "to a thousandth": ([300, 200, 100, 50, 20], (2, 1, 1, 0.75), "enlarged 10000 times"),
    "negative": (range(-4, 5), (2, 1, 0.2, 0.5), "on the same scale"),
    "two signs": ([-30, 1, 2, 800], (1, 0, 1, 0.75), "enlarged 2000 times"),
    "grown a little": ([0.5, 1, 0.5], (1, 0.5, 0, 1), "on the same scale"),
    "grown far": ([0.01, 0.02, 0.03, 0.01], (1, 0, 1, 1), "reduced 1000 times"),
    "tiny": ([1e-200, 3e-200], (1, 4, 1, 0.5), "on the same scale"),
    "huge": ([1e150, -5e149], (1, 2, 1e-300, 1), "on the same scale"),
}
DRAWN = """() => [...document.querySelectorAll(".lrn-column")]
  .sort((a, b) => a.dataset.channel - b.dataset.channel)
  .map((column) => [".lrn-x", ".lrn-level", ".lrn-y"].map((kind) => {
    const bar = column.querySelector(kind);
    return Number(bar.getAttribute("height"));
  }))"""


def drawn(page):
    """The heights of x, of y inside it and of y alone, of each channel."""
    return np.array(page.evaluate(DRAWN)).T


def shown(page, kind):
    return page.locator(f"{kind}:not(:empty)").all_text_contents()


@pytest.mark.parametrize("case", CASES)
def test_lengths_can_be_compared(show, case):
    """y inside x is as long as lrnlib says; y alone is so many times longer as it is said."""
    x, parameters, text = CASES[case]
    page = show()
    put(page, x, **dict(zip(("depth_radius", "bias", "alpha", "beta"), parameters, strict=True)))
    shares = np.abs(lrnlib.lrn(np.array(x, float), *parameters)) / np.abs(x).max()
    before, level, after = drawn(page)
    unit = before.max()
    np.testing.assert_allclose(before, np.abs(x) / np.abs(x).max() * unit, atol=0.51)
    assert shown(page, ".lrn-title")[1] == f"y alone, {text}"
    times = {"enlarged": 1.0, "reduced": -1.0}.get(text.split()[0], 0)
    times = float(text.split()[1]) ** times if times else 1
    np.testing.assert_allclose(level, np.minimum(shares * unit, level.max()), atol=0.51)
    np.testing.assert_allclose(after, shares * unit * times, atol=0.51)
    assert after.max() >= 92 / 8  # pixels: legible
