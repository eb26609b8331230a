"""`explorer` in a real browser: its texts, and its errors for what a reader types."""

import numpy as np
import pytest

from tests.book.browser import full, numbers, put

NAMES = ("depth_radius", "bias", "alpha", "beta")


def test_the_article_s_arithmetic(show):
    """Channel 3 of the first pixel, and how it comes about step by step."""
    page = show()
    assert page.locator(".lrn-special").count() == 0
    assert full(page) == "4 / (2² + 3² + 4² + 5² + 6²) = 0.0444"
    assert page.locator(".lrn-why li").all_inner_texts() == [
        "The window of channel 3 holds channels 1 to 5. The sum of squares is S = 90.",
        "bias + alpha · S = 0 + 1 · 90 = 90.",
        "4 / 90 = 0.0444.",
    ]
    put(page, bias=2, alpha=0.0001, beta=0.75)
    assert full(page) == "4 / (2 + 0.0001 · (2² + 3² + 4² + 5² + 6²))0.75 = 2.37"
    assert page.inner_text(".lrn-full sup") == "0.75"
    put(page, [-2, 3], depth_radius=1, bias=0, alpha=1, beta=1)
    page.click("text=◀")
    assert full(page) == "−2 / ((−2)² + 3²) = −0.154"
    assert "is clipped at the first channel and holds channels 0 to 1" in page.inner_text(
        ".lrn-why"
    )


@pytest.mark.parametrize(
    ("channel", "radius", "text"),
    [
        (2, 2, "holds channels 0 to 4."),
        (1, 2, "is clipped at the first channel and holds channels 0 to 3."),
        (5, 2, "holds channels 3 to 7."),
        (6, 2, "is clipped at the last channel and holds channels 4 to 7."),
        (3, 9, "is clipped at both ends and holds channels 0 to 7."),
        (4, 0, "holds channel 4 alone."),
    ],
)
def test_the_window_is_described(show, channel, radius, text):
    """A clipped one would extend beyond the first or the last channel."""
    page = show()
    put(page, depth_radius=radius)
    page.press(".lrn-bars", "Home")
    for _ in range(channel):
        page.keyboard.press("ArrowRight")
    step = page.inner_text(".lrn-why li >> nth=0")
    assert step.startswith(f"The window of channel {channel} {text}")


BEYOND = (
    "Beyond the range of this figure: a step overflows or underflows in double precision, so this "
    "result may be wrong. lrnlib computes it right. {0} of {0} results: beyond the range"
)
INFINITE = "Division by infinity: {}; 0 to a power below 0 is infinite, and {} / ∞ is 0."
SPECIAL = [
    ([0, 0, 0], (1, 0, 1, 1), "NaN (not a number): bias is 0 and so is the whole window"),
    ([0, 5], (1, 0, 0, 1), "NaN (not a number): bias and alpha are 0"),
    ([5, 0], (1, 0, 0, 1), "Division by zero: bias and alpha are 0, and 5 / 0 is infinite."),
    ([1, np.nan], (1, 1, 1, 1), "the window holds a NaN. 2 of 2 results: NaN."),
    ([1, np.inf], (1, 1, 1, 1), "holds an infinite number, so 1 becomes 0. 1 of 2 results: NaN."),
    ([1e150, 0], (1, 1e-200, 0, 1), "Overflow: the result is beyond the largest double"),
    ([1e-150, 0], (0, 1e200, 1, 1), "Underflow: the result is nearer to 0 than any double."),
    ([1, 0], (0, 0, 0, -0.5), INFINITE.format("bias and alpha are 0", 1)),
    ([0, -2], (0, 0, 1, -1), INFINITE.format("bias is 0 and so is the whole window", 0)),
    ([1, np.inf], (1, 0, 0, -1), "holds an infinite number, so 1 becomes NaN. 2 of 2"),
    ([1e-140, 0], (0, 0, 1, -1), "Underflow: the result is nearer to 0 than any double."),
    ([1e200, 1], (1, 0, 1, 1), BEYOND.format(2)),
    ([1e200, -3e199, 5e200], (1, 0, 1, 1), BEYOND.format(3)),
    ([1e308, 1e308], (2, 1, 1e3, 0.5), BEYOND.format(2)),
    ([5e-324, 1e-310], (2, 0, 1e-6, 0.5), BEYOND.format(2)),
    ([1e-200, 2e-200], (2, 1e-300, 1.0, 0.75), BEYOND.format(2)),
    ([1e250], (0, 0, 1.0, 2.0), BEYOND.format(1)),
    ([1e100], (0, 0, 1.0, 2.0), BEYOND.format(1)),
    ([1e-300], (0, 0, 1e-300, 0.5), BEYOND.format(1)),
    ([1e200, 0], (1, 1, 0, 1), BEYOND.format(2)),
]


@pytest.mark.parametrize(("x", "parameters", "text"), SPECIAL)
def test_a_special_value_is_explained(show, x, parameters, text):
    """0 / 0, an overflow and so on are named, with their reason."""
    page = show()
    put(page, x, **dict(zip(NAMES, parameters, strict=True)))
    page.press(".lrn-bars", "Home")
    assert text in page.inner_text(".lrn-special")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 two 3", "“two” is not a number. The bars show the last input."),
        ("1,2;0x10", "“0x10” is not a number"),
        ("1e999", "1e999 is beyond the largest double"),
        ("", "Type from 1 to 1024 numbers"),
        (" ".join("1" * 1025), "1025 numbers; there may be 1024 at most"),
        ("<b>&", "“<b>&” is not a number"),
    ],
)
def test_an_invalid_pixel_is_named(show, text, message):
    """The error says what is wrong; the bars stay until it is corrected."""
    page = show()
    page.select_option("select", "own")
    assert page.input_value(".lrn-typed") == "1 2 3 4 5 6 7 8"
    page.fill(".lrn-typed", text)
    assert message in page.inner_text(".lrn-own-row .lrn-error")
    assert page.get_attribute(".lrn-typed", "aria-invalid") == "true"
    np.testing.assert_array_equal(numbers(page)[0], np.arange(1, 9))
    page.fill(".lrn-typed", "1, 2.5; -3e0 −4")
    assert page.inner_text(".lrn-own-row .lrn-error") == ""
    assert page.get_attribute(".lrn-typed", "aria-invalid") == "false"
    np.testing.assert_array_equal(numbers(page)[0], [1, 2.5, -3, -4])


def test_both_minus_signs_can_be_typed(show):
    """The explorer shows U+2212, so what it shows can be typed; a keyboard has another."""
    page = show()
    put(page, [1])
    for typed in ("−4 −.5 −1e−5 −∞ −inf +∞ −Infinity", "-4 -.5 -1e-5 -∞ -inf +∞ -Infinity"):
        page.fill(".lrn-typed", typed)
        assert page.inner_text(".lrn-own-row .lrn-error") == ""
        expected = [-4, -0.5, -1e-5, -np.inf, -np.inf, np.inf, -np.inf]
        np.testing.assert_array_equal(numbers(page)[0], expected)
        page.fill(".lrn-typed", "1")
    page.fill(".lrn-typed", "−−4")
    assert "“−−4” is not a number" in page.inner_text(".lrn-own-row .lrn-error")
    page.fill(".lrn-beta", "−0.5")
    assert "To the power beta, −0.5," in page.inner_text(".lrn-why")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("depth_radius", "2.5", "depth_radius must be a whole number, 0 or more"),
        ("bias", "-1", "bias must be a number, 0 or more. The bars show bias = 0."),
        ("alpha", "x", "“x” is not a number. The bars show alpha = 1."),
        ("alpha", "inf", "alpha must be a number, 0 or more"),
        ("beta", "nan", "beta must be a number"),
        ("beta", "", "beta must be a number"),
    ],
)
def test_an_invalid_parameter_is_named(show, name, text, message):
    """What lrnlib refuses; the error stays until another number is set."""
    page = show()
    before = numbers(page)
    page.fill(f".lrn-{name}", text)
    error = page.locator(f".lrn-parameter:has(.lrn-{name}) .lrn-error")
    assert message in error.inner_text()
    np.testing.assert_array_equal(numbers(page), before)
    page.click("text=AlexNet")
    expected = dict(zip(NAMES, (2, 2, 1e-4, 0.75), strict=True))
    assert error.inner_text() == ""
    assert float(page.input_value(f".lrn-{name}")) == expected[name]
