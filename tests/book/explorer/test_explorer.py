"""`explorer` makes one piece of HTML that is the same every time and needs no other file."""

import re
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import lrnlib
from lrnlib.book import figures
from lrnlib.book.explorer import page, presets
from tests.fresh_interpreter import heavy_after
from tools.notebooks.notebooks import bindings, code_cells, imported
from tools.repository import ROOT
from tools.site import check_html

SIZE = 60_000  # bytes of HTML, so that a notebook's differences can be read
X = np.array([[1.5, -2, 0, 4], [3, 0, 0, 1]])


def html(*arguments, **options):
    return lrnlib.explorer(*arguments, **options)._repr_html_()


def test_the_html_depends_on_the_arguments_alone():
    """Equal ones give equal HTML; a change of any gives other HTML, with another id."""
    assert html(X, 1, 2, 0.5, 0.75, channel=2) == html(X.tolist(), 1, 2, 0.5, 0.75, channel=-2)
    assert html() == html()
    changed = [html(), html(X), html(X[:1]), html(depth_radius=1), html(bias=1)]
    changed += [html(alpha=2), html(beta=2), html(channel=0)]
    assert len(set(changed)) == len(changed)
    assert len({re.search(r'id="([^"]+)"', text)[1] for text in changed}) == len(changed)
    assert len(changed[0].encode()) <= SIZE
    assert len(html(np.linspace(-9, 9, 16), alpha=1e-4).encode()) <= SIZE


def test_its_attributes():
    """The pixels as float64, the parameters, the channel, and the text without HTML."""
    x = X.copy()
    e = lrnlib.explorer(x, 1, channel=-1)
    x[:] = 9  # the figure has a copy
    assert (e.x.dtype, e.channel) == (np.float64, 3)
    np.testing.assert_array_equal(e.x, X)
    assert e.parameters == lrnlib.Parameters(1, 0, 1, 1)
    assert lrnlib.explorer().x.shape == (4, 8)
    assert lrnlib.explorer().channel == 3
    text = "explorer of 2 pixels with 1 channel: depth_radius=2, bias=0, alpha=1, beta=1"
    assert repr(lrnlib.explorer([[1.0], [2.0]])) == text  # others are examples of its docstring


@pytest.mark.parametrize(
    "x", [[1, 2], (1.5,), np.arange(3, dtype=np.uint8), [[np.nan, np.inf]], [True]]
)
def test_x_may_be_anything_like_an_array_of_real_numbers(x):
    np.testing.assert_array_equal(lrnlib.explorer(x).x, np.atleast_2d(x))
    assert html(x)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"x": ["a"]}, TypeError, "x must be of .*, got <U1"),
        ({"x": [1j]}, TypeError, r"x must be of .*, got complex128; .* take numpy.abs\(x\)"),
        ({"x": [[1, 2], [3]]}, ValueError, r"x must be .*, got \[\[1, 2\], \[3\]\]; .* inhomog"),
        ({"x": np.ma.ones(3)}, TypeError, r"x must be .* got a masked array, .* x.filled\(0\)"),
        ({"x": 1.0}, ValueError, r"x must have one axis, .* two, .* got an array of shape \(\)"),
        ({"x": np.ones((1, 2, 2))}, ValueError, r"x must have one axis, .* shape \(1, 2, 2\)"),
        ({"x": []}, ValueError, "x must have from 1 to 1024 channels, got 0"),
        ({"x": np.ones(1025)}, ValueError, "x must have from 1 to 1024 channels, got 1025"),
        ({"x": np.ones((17, 2))}, ValueError, "x must have from 1 to 16 pixels, got 17"),
        ({"x": np.ones((0, 2))}, ValueError, "x must have from 1 to 16 pixels, got 0"),
        ({"depth_radius": 2.0}, TypeError, "depth_radius must be an integer"),
        ({"depth_radius": (1, 2)}, TypeError, r"depth_radius must be .* symmetric .* got \(1, 2\)"),
        ({"bias": -1}, ValueError, "bias must be a finite int or float >= 0"),
        ({"alpha": np.inf}, ValueError, "alpha must be a finite int or float"),
        ({"beta": "1"}, TypeError, "beta must be a finite int or float"),
        ({"channel": 8}, ValueError, "channel must be an integer from -8 to 7, got 8"),
        ({"channel": 1.0}, TypeError, "channel must be an integer from -8 to 7"),
    ],
)
def test_another_argument_is_an_error(options, kind, message):
    """One sentence: what it must be, and what it was."""
    with pytest.raises(kind, match=message) as caught:
        lrnlib.explorer(**options)
    assert "\n" not in str(caught.value)


def test_it_needs_nothing_else_and_leaves_nothing_behind(tmp_path):
    """No address but SVG's namespace, no onclick=…, no eval; the script is one function."""
    text = html()
    found = set(re.findall(r"\w+://[^\s\"'<]*", text))
    assert found == {"http://www.w3.org/2000/svg"}
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    assert list(check_html.problems(tmp_path)) == []
    assert re.search(r"\son\w+\s*=\s*[\"']", text) is None
    assert re.search(r"\beval\(|\bwindow\.|\bglobalThis|innerHTML", text) is None
    script = text.partition("<script>")[2]
    assert script.startswith('\n(function () {\n"use strict";')
    assert script.endswith("})();\n</script>\n")
    assert (text.count("</script"), text.count("</style")) == (1, 1)  # settings cannot end them


def test_a_picture_remains_where_scripts_are_stripped():
    """Only what GitHub and an untrusted notebook show: paragraphs and an image with alt text."""
    kept = html().partition("<style>")[0]
    assert re.findall(r"<(\w+)", kept) == ["div", "p", "img", "p", "p", "p"]
    assert re.findall(r' (\w+)="', kept) == ["class", "id", "src", "width", "alt", "class"]
    text = (
        "Bars of 8 channels of a pixel before LRN and, on another scale, after it. "
        "Channel 3 is divided by 90 and goes from 4 to 0.0444; its window holds channels 1 to 5."
    )
    assert f'alt="{text}"' in kept
    assert f"<p>{text}</p>" in kept
    assert "run this cell" in kept


def test_the_picture_ignores_the_notebook_s_style(monkeypatch):
    """And leaves no figure behind; without matplotlib, all but the picture remains."""
    expected = html()
    with plt.rc_context({"font.size": 30, "figure.figsize": (1, 1)}):
        assert html() == expected
    assert plt.get_fignums() == []
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert html() == re.sub("<p><img [^>]*></p>\n", "", expected)


def bars(*arguments, **options):
    """The texts, heights and colours of x's bars, then of y's."""
    drawn = figures.window(*arguments, **options, figure=Figure())
    for axes in drawn.axes:
        patches = axes.containers[0].patches
        heights = np.array([patch.get_height() for patch in patches])
        colors = [to_hex(patch.get_facecolor()) for patch in patches]
        yield [text.get_text() for text in axes.texts], heights, colors


@pytest.mark.parametrize(
    ("x", "parameters"),
    [
        (X[0], (1, 2, 0.5, 0.75)),
        (np.arange(1.0, 9), (2, 0, 1, 1)),
        (np.zeros(8), (2, 0, 1, 1)),
        ([np.inf, 1, np.nan], (0, 1, 1, 0.5)),
        ([1e308, -5e-324, 1e-300], (1, 0, 1, 1)),
        ([-np.inf, 0, -1e-3], (2, 1, 0, 1)),
        ([np.inf, -np.inf, np.nan], (0, 1, 0, 0)),
    ],
)
def test_the_picture_s_bars_and_numbers_are_lrnlib_s(x, parameters):
    """Text to three digits; length relative to the largest finite value, at most 1."""
    both = np.asarray(x, float), lrnlib.lrn(np.asarray(x, float), *parameters)
    for values, (texts, heights, _) in zip(both, bars(x, 0, *parameters), strict=True):
        assert texts == [f"{value:.3g}" for value in values]
        finite = np.isfinite(values)
        largest = np.abs(values[finite]).max(initial=0) or 1
        np.testing.assert_allclose(heights[finite], values[finite] / largest, atol=1e-9)
        np.testing.assert_array_equal(heights[~finite], np.nan_to_num(np.sign(values[~finite])))


def test_the_picture_s_colours_name_the_channel_and_its_window():
    """The window is coloured in x alone."""
    near, far, own = figures.WINDOW, figures.OUTSIDE, figures.CENTRE
    before, after = (colors for *_, colors in bars(range(1, 9), 3, 2, 0, 1, 1))
    assert before == [far, near, near, own, near, near, far, far]
    assert after == [far] * 3 + [own] + [far] * 4


@pytest.mark.parametrize("x", [X[0], np.zeros(3), [np.inf, 1, np.nan], np.arange(64.0)])
def test_the_picture_names_the_divisors(x):
    """Below x, where its bar has a number; x divided by it is y."""
    x = np.asarray(x, float)
    drawn = figures.window(x, 1, 1, 2, 0.5, 0.75, figure=Figure())
    before, after = drawn.axes
    divisors = page._divisors(x, lrnlib.Parameters(1, 2, 0.5, 0.75))
    page._name_divisors(before, after, divisors)
    with np.errstate(invalid="ignore"):  # an infinite x
        np.testing.assert_allclose(x / divisors, lrnlib.lrn(x, 1, 2, 0.5, 0.75), rtol=1e-14)
    named = range(x.size) if x.size <= 8 else [1]
    numbers = [f"{x[i]:.3g}" for i in named] + [f"÷{divisors[i]:.3g}" for i in named]
    assert [text.get_text() for text in before.texts] == numbers


def test_a_picture_of_many_channels_has_the_chosen_number_alone():
    """64 numbers would not be legible; 5 / (3² + 4² + 5² + 6² + 7²) is 0.037."""
    before, after = (texts for texts, *_ in bars(np.arange(64.0), 5, 2, 0, 1, 1))
    assert [text for text in before + after if text] == ["5", "0.037"]


def test_the_photograph_s_responses_are_those_of_the_chapter():
    """Its cells that import or define what is needed recompute what presets.py stores."""
    names, needed = {}, {"photo", "gabor", "angles", "convolve", "x"}
    for cell in code_cells(nbformat.read(ROOT / "chapters/what_it_does.ipynb", as_version=4))[1:]:
        if imported(cell) or needed & set(bindings(cell)) - names.keys():
            exec(cell.source, names)
    maps = names["x"].reshape(-1, len(names["angles"]))
    strongest = maps.max(axis=-1)
    wanted = np.percentile(strongest, (99, 90, 50, 5))[:, np.newaxis]
    pixels = maps[np.abs(strongest - wanted).argmin(axis=1)].round(2)
    np.testing.assert_allclose(list(presets.PHOTOGRAPH.values()), pixels, rtol=0, atol=0.0101)


def test_the_files_are_read_only_when_shown():
    name = "'lrnlib.book.explorer.page'"
    code = f"import lrnlib, sys; lrnlib.explorer(); assert {name} not in sys.modules"
    assert heavy_after(code) == set()
