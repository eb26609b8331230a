"""`explorer` of layers as they are: 96 channels in AlexNet, 192 in GoogLeNet, up to 1,024."""

import functools
import itertools

import numpy as np
import pytest

import lrnlib
from tests.book.browser import full, numbers, put

PARAMETERS = 2, 2, 1e-2, 0.75
SHOWN = """() => [...document.querySelectorAll(".lrn-column")]
  .map((column) => Number(column.dataset.channel)).sort((a, b) => a - b)"""
TEXTS = """() => [...document.querySelectorAll(".lrn-bars text")]
  .filter((text) => text.textContent && text.getBBox().width).map((text) => {
    const box = text.getBoundingClientRect();
    return [text.getAttribute("class"), text.textContent, box.left, box.right];
  })"""


def layer(channels):
    return np.random.default_rng(channels).normal(0, 9, channels).round(2)


@functools.cache  # its picture takes longer than the test
def explorer_of(channels):
    return lrnlib.explorer(layer(channels), channels, 1e-8, 1 / channels, 0.5)


def chosen(page):
    return int(page.get_attribute(".lrn-bars", "aria-valuenow"))


@pytest.mark.parametrize("channels", [65, 96, 192, 1024])
def test_the_bars_are_those_of_the_channels_they_name(show, channels):
    """Wherever the part lies, its numbers are lrnlib's, and it holds the chosen one's window."""
    x = layer(channels)
    page = show(lrnlib.explorer(x, *PARAMETERS))
    y = lrnlib.lrn(x, *PARAMETERS)
    for channel in (0, channels // 3, channels - 1, channels // 2):
        page.fill(".lrn-at", str(channel))
        shown = page.evaluate(SHOWN)
        assert shown == list(range(shown[0], shown[0] + len(shown)))
        assert {max(0, channel - 2), channel, min(channels - 1, channel + 2)} <= set(shown)
        np.testing.assert_allclose(numbers(page), [x[shown], y[shown]], rtol=1e-6)
        name = f"in the frame: {shown[0]} to {shown[-1]}"
        assert page.locator(".lrn-overview .lrn-end").text_content() == name
        assert chosen(page) == channel


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("channels", [96, 192, 1024])
def test_bars_and_numbers_are_legible(show, width, channels):
    """Bars are 7 pixels wide or more, no two numbers of one row touch, nothing sticks out."""
    page = show(explorer_of(channels), width=width, html='<body style="margin: 12px">{}')
    page.fill(".lrn-at", str(channels - 1))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    widths = page.eval_on_selector_all(".lrn-x", "(all) => all.map((e) => e.width.baseVal.value)")
    assert min(widths) >= 7
    for kind in ("lrn-channel", "lrn-number", "lrn-divisor"):
        row = sorted((left, right) for name, _, left, right in page.evaluate(TEXTS) if kind in name)
        if kind != "lrn-number":  # x's and y's
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(row))
    for selector in (".lrn-bars", ".lrn-overview"):
        frame, svg = (page.locator(s).bounding_box() for s in (".lrn-explorer", selector))
        assert svg["x"] + svg["width"] <= frame["x"] + frame["width"]
    for control in page.locator(".lrn-nav button, .lrn-at").all():
        assert min(control.bounding_box()["width"], control.bounding_box()["height"]) >= 24


def test_keys_move_through_all_channels(show):
    """Past the last bar that is drawn; the part moves no further than it must."""
    page = show(lrnlib.explorer(layer(192), *PARAMETERS))
    page.focus(".lrn-bars")
    before = page.evaluate(SHOWN)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SHOWN) == before
    at = []
    for key in ("PageUp", "PageUp", "PageUp", "PageDown", "End", "PageUp", "Home", "ArrowLeft"):
        page.keyboard.press(key)
        at.append(chosen(page))
        assert chosen(page) in page.evaluate(SHOWN)
    assert at == [106, 116, 126, 116, 191, 191, 0, 0]


def test_a_click_or_a_drag_on_the_overview_chooses_a_channel(show):
    """To within a pixel; a drag follows the pointer, and outside it nothing is chosen."""
    page = show(lrnlib.explorer(layer(192)))
    box = page.locator(".lrn-overview").bounding_box()
    for at in (0.0, 0.25, 0.8, 1.0):
        page.locator(".lrn-overview").click(
            position={"x": min(at * box["width"] + 0.5, box["width"] - 1), "y": 40}
        )
        assert abs(chosen(page) - at * 192) <= 2
    middle = box["y"] + 40
    page.mouse.move(box["x"] + 10, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.wait_for_selector(".lrn-bars[aria-valuenow='96']")
    page.mouse.move(box["x"] + box["width"] + 9, middle)
    page.wait_for_selector(".lrn-bars[aria-valuenow='191']")
    page.mouse.up()
    page.mouse.move(box["x"] + 10, middle)
    page.wait_for_timeout(100)
    assert chosen(page) == 191


def test_a_bar_that_is_pointed_at_shows_its_numbers(show):
    """In place of those of the chosen one, which come back."""
    x = layer(96)
    page = show(lrnlib.explorer(x, *PARAMETERS))
    kept = [text for _, text, *_ in page.evaluate(TEXTS)]
    page.locator(".lrn-column[data-channel='33'] .lrn-hit").hover()
    texts = {name.split()[0]: text for name, text, *_ in page.evaluate(TEXTS)}
    assert texts["lrn-divisor"] == f"÷{x[33] / lrnlib.lrn(x, *PARAMETERS)[33]:.3g}"
    assert texts["lrn-channel"] == "33"
    page.mouse.move(0, 0)
    assert [text for _, text, *_ in page.evaluate(TEXTS)] == kept


def test_the_channel_can_be_typed(show):
    """What is no channel is named, and stays until another is chosen; keys stay inside."""
    page = show(lrnlib.explorer(layer(192)))
    page.evaluate("document.addEventListener('keydown', () => { window.heard = true; })")
    page.fill(".lrn-at", "")
    page.type(".lrn-at", "17")
    assert (chosen(page), page.input_value(".lrn-at")) == (17, "17")
    error = page.locator(".lrn-nav .lrn-error")
    for wrong in ("192", "-1", "1.5", "x", "", "9" * 400):
        page.fill(".lrn-at", wrong)
        assert error.inner_text() == "A channel is a whole number from 0 to 191."
        assert (chosen(page), page.get_attribute(".lrn-at", "aria-invalid")) == (17, "true")
    page.get_by_role("button", name="next channel").click()
    assert (chosen(page), page.input_value(".lrn-at"), error.inner_text()) == (18, "18", "")
    assert page.evaluate("window.heard") is None


def test_a_long_sum_is_shortened(show):
    """The ends, the channel and its neighbours are written; S is of all."""
    x = layer(192)
    page = show(lrnlib.explorer(x, 100, 0, 1, 1, channel=95))
    shown = full(page)
    assert shown.count("…") == 2
    assert len(page.locator(".lrn-full span").all()) <= 25
    assert f"S = {(x[:192] ** 2).sum():.6g}".rstrip("0") in page.inner_text(".lrn-why")
    put(page, depth_radius=16)  # 33 terms
    assert "…" not in full(page)
    assert full(page).count("²") == 33


@pytest.mark.parametrize("channels", [1, 8, 32, 64])
def test_few_channels_have_no_overview(show, channels):
    """Every channel has its bar, and the channel's number is text."""
    page = show(lrnlib.explorer(layer(channels)))
    assert not page.locator(".lrn-overview").is_visible()
    assert not page.locator(".lrn-at").is_visible()
    assert page.evaluate(SHOWN) == list(range(channels))
    put(page, layer(65))
    assert page.locator(".lrn-overview").is_visible()
    put(page, layer(channels))
    assert not page.locator(".lrn-overview").is_visible()


def test_special_values_are_drawn(show):
    """NaN has no line in the overview; infinities end at its edge."""
    x = layer(96)
    x[[3, 50, 90]] = np.nan, np.inf, -np.inf
    page = show(lrnlib.explorer(x, 1, 1, 1, 0.5))
    path = page.get_attribute(".lrn-lines-x", "d")
    assert path.count("M") == 95
    assert "NaN" not in path
    assert "of 96 results: NaN" in page.inner_text(".lrn-special")
