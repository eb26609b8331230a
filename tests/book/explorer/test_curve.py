"""`explorer`'s response curve: y of the chosen channel as a function of its own x."""

import re

import numpy as np
import pytest

import lrnlib
from tests.book.browser import put

NAMES = ("depth_radius", "bias", "alpha", "beta")
LEFT, TOP, HEIGHT = 8, 22, 150  # as in curve.js, in CSS pixels

UP, LOUD = range(1, 9), [32.82, 19.92, 5.83, 2.24, 1.37, 0.75, 3.02, 17.8]
CASES = {  # x, the parameters, the channel, and what is marked in the drawing
    "the article's": (UP, (2, 0, 1, 1), 3, "peak"),
    "clipped": (UP, (2, 0, 1, 1), 0, "peak"),
    "TensorFlow's defaults": (UP, (1, 1, 1, 0.5), 3, "bend"),
    "a straight line": (UP, (2, 2, 1e-4, 0.75), 7, ""),
    "a photograph's": (LOUD, (2, 2, 1e-2, 0.75), 0, "peak"),
    "grows": ([0.5, 3, 0.5], (1, 1, 1, 0.25), 1, "bend"),
    "negative": (range(-4, 5), (2, 1, 0.5, 0.5), 1, "bend"),
    "alone": ([0, 0, 6, 0, 0], (1, 1, 0.2, 0.75), 2, "peak"),
    "a pole": ([0, 0, 6, 0, 0], (1, 0, 1, 1), 2, ""),
    "beta below 0": (UP, (1, 1, 0.1, -0.5), 4, ""),
    "large": ([1e150, -5e149], (1, 2, 1e-300, 1), 0, ""),
}


def number(text):
    return float(text.replace("−", "-"))


class Drawn:
    """What the drawing says, in the units of its axes."""

    def __init__(self, page):
        texts = {
            name: page.locator(f".lrn-{name}").text_content() for name in ("from", "to", "high")
        }
        self.start, self.end = number(texts["from"]), number(texts["to"].removeprefix("x = "))
        self.high = number(texts["high"])
        self.low = -self.high if self.start else 0
        self.width = float(page.get_attribute(".lrn-curve", "width")) - 2 * LEFT
        self.page = page

    def value(self, across, down):
        """x and y at a place in the plot."""
        x = self.start + (np.asarray(across) - LEFT) / self.width * (self.end - self.start)
        return x, self.low + (1 - np.asarray(down) / HEIGHT) * (self.high - self.low)

    def line(self):
        path = self.page.get_attribute(".lrn-line", "d")
        return self.value(*np.array(re.findall(r"[-\d.]+", path), float).reshape(-1, 2).T)

    def circle(self, kind):
        """The place of a circle, or None where there is none."""
        circle = self.page.locator(f".lrn-{kind}")
        if not circle.is_visible():
            return None
        return self.value(*(float(circle.get_attribute(at)) - top for at, top in PLACES))


PLACES = (("cx", 0), ("cy", TOP))


def enter(page, x, parameters, channel):
    put(page, x, **dict(zip(NAMES, parameters, strict=True)))
    page.focus(".lrn-bars")
    page.keyboard.press("Home")
    for _ in range(channel):
        page.keyboard.press("ArrowRight")


def response(values, x, parameters, channel):
    """y of the channel for each value of its own x, by lrnlib."""
    rows = np.repeat(np.array([x], float), len(values), axis=0)
    rows[:, channel] = values
    return lrnlib.lrn(rows, *parameters)[:, channel]


@pytest.mark.parametrize("case", CASES)
def test_the_curve_is_lrnlib_s(show, case):
    """To a pixel, and so is the point; the mark is where the curve is highest."""
    x, parameters, channel, landmark = CASES[case]
    page = show()
    enter(page, x, parameters, channel)
    drawn = Drawn(page)
    xs, ys = drawn.line()
    inside = (np.abs(ys) <= drawn.high) & (np.abs(xs) > drawn.end / 10)
    assert inside.sum() > 50
    wanted = response(xs[inside], x, parameters, channel)
    np.testing.assert_allclose(ys[inside], wanted, rtol=0, atol=drawn.high / HEIGHT)
    here = drawn.circle("point")
    there = x[channel], lrnlib.lrn(np.array(x, float), *parameters)[channel]
    np.testing.assert_allclose(here, there, rtol=1e-9)
    assert page.locator(".lrn-landmark").text_content() == landmark
    mark = drawn.circle("mark")
    assert (mark is not None) == bool(landmark)
    if landmark:
        np.testing.assert_allclose(response([mark[0]], x, parameters, channel), mark[1])
        assert np.sign(mark[0]) == np.sign(x[channel])
    if landmark == "peak":
        fine = np.linspace(0, drawn.end, 9999)
        best = np.argmax(response(fine, x, parameters, channel))
        assert mark[0] == pytest.approx(fine[best], rel=1e-3)


def test_the_curve_fills_its_drawing(show):
    """The highest point of curve and response is between 2/5 of the height and all of it."""
    page = show()
    narrow_peak = [-30, 1, 2, 800], (1, 0, 1, 0.75), 1
    for case in (CASES["the article's"][:3], CASES["alone"][:3], CASES["grows"][:3], narrow_peak):
        enter(page, *case)
        drawn = Drawn(page)
        assert 0.4 <= drawn.line()[1].max() / drawn.high <= 1


@pytest.mark.parametrize("act", ["alpha", "the channel", "the input"])
def test_the_point_moves(show, act):
    """With a parameter it goes up or down; with another x it goes along the curve as well."""
    page = show()
    before, text = Drawn(page).circle("point"), page.get_attribute(".lrn-curve", "aria-label")
    if act == "alpha":
        page.get_by_role("slider", name="alpha, slider").press("ArrowRight")
    elif act == "the channel":
        page.click("text=▶")
    else:
        page.select_option("select", label="second pixel, 8 to 1")
    after = Drawn(page).circle("point")
    assert (before[0] == after[0]) == (act == "alpha")
    assert before[1] != after[1]
    assert page.get_attribute(".lrn-curve", "aria-label") != text


def test_a_screen_reader_gets_the_curve_in_words(show):
    """What is drawn and where the point is; the sentence below is about its shape."""
    image = show().get_by_role("img")
    assert image.get_attribute("aria-label") == (
        "Curve of y of channel 3 over its own x, from 0 to 10, if the others stay. "
        "The point is at x = 4, y = 0.0444."
    )


# 90 without 4² is 74: the peak of x / (74 + x²) is at its root, and half of 1 / root(74) high.
WORDS = [
    (UP, (2, 0, 1, 1), 3, "y is largest, 0.0581, at x = 8.6. Beyond this peak, more input gives"),
    (UP, (2, 2, 1e-4, 0.75), 3, "Nearly a straight line: its peak is far off, at x = 200."),
    (UP, (5, 1, 1, 0.5), 3, "From the bend at x = 13.7 on, y levels off towards 1."),
    (UP, (0, 4, 1, 0.25), 3, "From the bend at x = 2 on, y keeps growing, but ever more slowly."),
    (UP, (2, 2, 0, 0.75), 3, "A straight line: x is divided by a constant."),
    (UP, (2, 2, 1, 0), 3, "A straight line: x is divided by a constant."),
    (UP, (2, 2, 1, -1), 3, "With beta below 0 strong responses grow even more."),
    ([0, 6, 0], (1, 0, 4, 0.5), 1, "Nothing else counts: y is the same for every x."),
    ([0, 6, 0], (1, 0, 4, 1), 1, "Nothing else counts: the stronger the response, the less"),
    ([0, 6, np.inf], (1, 1, 1, 1), 1, "The divisor is infinite, so y is 0 for every x."),
    ([0, 6, np.nan], (1, 1, 1, 1), 1, "No curve: y of channel 1 is not finite, whatever its x"),
    ([6, 1], (1, 0, 0, 1), 1, "No curve: y of channel 1 is not finite, whatever its x is."),
    ([1e200, 1], (1, 0, 1, 1), 1, "No curve: a step is beyond the range of this figure."),
]


@pytest.mark.parametrize(("x", "parameters", "channel", "text"), WORDS)
def test_the_shape_is_described(show, x, parameters, channel, text):
    """Also where there is no curve, which is not drawn then."""
    page = show()
    enter(page, x, parameters, channel)
    assert page.inner_text(".lrn-caption").startswith(text)
    assert page.locator(".lrn-curve").is_visible() != text.startswith("No curve")


@pytest.mark.parametrize("x", [np.nan, np.inf, -np.inf, 0.0])
def test_a_response_that_is_not_finite_has_no_point(show, x):
    """But its curve, which depends on the neighbours; 0 / 0 has no place either."""
    page = show()
    enter(page, [2, x, 2] if x else [0, 0, 0], (1, 1 if x else 0, 1, 1), 1)
    drawn = Drawn(page)
    assert drawn.circle("point") is None
    assert not page.locator(".lrn-guides").is_visible()
    assert "No point." in page.get_attribute(".lrn-curve", "aria-label")
    assert np.isfinite(drawn.line()).all()
