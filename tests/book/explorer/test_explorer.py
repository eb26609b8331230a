"""`explorer` makes one piece of HTML that is the same every time and asks nobody anything."""

import base64
import re
from html.parser import HTMLParser
from importlib import resources
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest

import lrnlib
from lrnlib.book import figures
from lrnlib.book.explorer import presets, static_figure
from tests.library.api.test_imports import heavy_after
from tools.notebooks import explorer_presets, rules
from tools.site import check_html

SVG = "{http://www.w3.org/2000/svg}"
SIZE = 40_000  # bytes of HTML, so that a notebook's differences can be read
X = np.array([[1.5, -2, 0, 4], [3, 0, 0, 1]])


def html(*arguments, **options):
    """The HTML of an explorer."""
    return lrnlib.explorer(*arguments, **options)._repr_html_()


def still(text):
    """The picture in the HTML, as XML."""
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    return ElementTree.fromstring(base64.b64decode(found[1]))


def test_the_same_arguments_give_the_same_html():
    """A notebook's stored output can be compared with the one computed."""
    assert html() == html()
    assert html(X, 1, 2, 0.5, 0.75, channel=2) == html(X.tolist(), 1, 2, 0.5, 0.75, channel=-2)


def test_each_argument_counts():
    """A change of any argument gives other HTML, with another id."""
    changed = [html(), html(X), html(X[:1]), html(depth_radius=1), html(bias=1)]
    changed += [html(alpha=2), html(beta=2), html(channel=0)]
    assert len(set(changed)) == len(changed)
    assert len({re.search(r'id="([^"]+)"', text)[1] for text in changed}) == len(changed)


def test_it_is_small():
    """At most 40 kB, of which the given pixels are few."""
    assert len(html().encode()) <= SIZE


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "explorer of 4 pixels with 8 channels: depth_radius=2, bias=0, alpha=1, beta=1"),
        (
            ([1, 2, 3], 1, 2, 1e-4, 0.75),
            "explorer of 1 pixel with 3 channels: depth_radius=1, bias=2, alpha=0.0001, beta=0.75",
        ),
        (([[1.0], [2.0]],), "explorer of 2 pixels with 1 channel: depth_radius=2, bias=0, alpha=1"),
    ],
)
def test_its_text_names_input_and_parameters(arguments, text):
    """What is printed where there is no HTML says what it is."""
    assert repr(lrnlib.explorer(*arguments)).startswith(text)


def test_what_it_holds_can_be_asked_for():
    """The pixels as float64, the parameters and the channel."""
    x = X.copy()
    e = lrnlib.explorer(x, 1, channel=-1)
    x[:] = 9  # the figure has a copy
    assert (e.x.dtype, e.channel) == (np.float64, 3)
    np.testing.assert_array_equal(e.x, X)
    assert e.parameters == lrnlib.Parameters(1, 0, 1, 1)
    assert lrnlib.explorer().x.shape == (4, 8)
    assert lrnlib.explorer().channel == 3


@pytest.mark.parametrize("x", [[1, 2], (1.5,), np.arange(3, dtype=np.uint8), [[np.nan, np.inf]]])
def test_x_may_be_anything_like_an_array_of_real_numbers(x):
    """Lists, integers and numbers that are not finite are taken."""
    np.testing.assert_array_equal(lrnlib.explorer(x).x, np.atleast_2d(x))
    assert html(x)


@pytest.mark.parametrize(
    ("x", "kind", "message"),
    [
        (["a"], TypeError, r"x must be an array or a list of real numbers, got \['a'\]"),
        ([1j], TypeError, "x must be .* real numbers, got .* of dtype complex128"),
        ([True], TypeError, "x must be .* real numbers, got .* of dtype bool"),
        ([[1, 2], [3]], ValueError, "x must be .* all rows of one length, got"),
        (np.ma.ones(3), TypeError, "x must be .* got a masked array; fill it"),
        (1.0, ValueError, r"x must have one axis, .* or two, .* got an array of shape \(\)"),
        (np.ones((1, 2, 2)), ValueError, r"x must have one axis, .* shape \(1, 2, 2\)"),
        ([], ValueError, "x must have from 1 to 64 channels, got 0"),
        (np.ones(65), ValueError, "x must have from 1 to 64 channels, got 65"),
        (np.ones((17, 2)), ValueError, "x must have from 1 to 16 pixels, got 17"),
        (np.ones((0, 2)), ValueError, "x must have from 1 to 16 pixels, got 0"),
    ],
)
def test_another_x_is_an_error(x, kind, message):
    """One sentence: what x must be, and what it was."""
    with pytest.raises(kind, match=message) as caught:
        lrnlib.explorer(x)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"depth_radius": 2.0}, TypeError, "depth_radius must be an integer"),
        ({"bias": -1}, ValueError, "bias must be a finite int or float >= 0"),
        ({"alpha": np.inf}, ValueError, "alpha must be a finite int or float"),
        ({"beta": "1"}, TypeError, "beta must be a finite int or float"),
        ({"channel": 8}, ValueError, "channel must be an integer from -8 to 7, got 8"),
        ({"channel": 1.0}, TypeError, "channel must be an integer from -8 to 7"),
    ],
)
def test_another_parameter_is_an_error(options, kind, message):
    """The parameters are checked as everywhere in lrnlib."""
    with pytest.raises(kind, match=message):
        lrnlib.explorer(**options)


def test_it_asks_nobody_anything(tmp_path):
    """No address but the name of SVG's namespace, nothing that a page may not have."""
    text = html()
    drawn = base64.b64decode(re.search(r"base64,([^\"]+)", text)[1]).decode()
    found = set(re.findall(r"\w+://[^\s\"'<]*", text + drawn))
    assert found == {"http://www.w3.org/2000/svg"}
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    assert list(check_html.problems(tmp_path)) == []


def test_it_has_no_inline_handler_and_leaves_nothing_global():
    """No onclick=…; no eval; the script is one function of its own."""
    text = html()
    assert re.search(r"\son\w+\s*=\s*[\"']", text) is None
    assert re.search(r"\beval\(|\bwindow\.|\bglobalThis|innerHTML", text) is None
    script = text.partition("<script>")[2]
    assert script.startswith('\n(function () {\n"use strict";')
    assert script.endswith("})();\n</script>\n")


class Tags(HTMLParser):
    """The tags that are left where scripts and styles are stripped."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, sorted(name for name, _ in attributes)))


def test_a_picture_remains_where_scripts_are_stripped():
    """Only what GitHub and an untrusted notebook leave: paragraphs and an image with words."""
    kept = html().partition("<style>")[0]
    assert Tags(kept).found == [
        ("div", ["class", "id"]), ("p", []), ("img", ["alt", "src"]), ("p", []), ("p", []),
    ]  # fmt: skip
    alt = re.search(r'alt="([^"]+)"', kept)[1]
    assert alt == (
        "Bars of 8 channels of a pixel, before and after LRN. Channel 3 goes from 4 to 0.0444; "
        "its window holds channels 1 to 5."
    )
    assert "still picture" in kept


@pytest.mark.parametrize(
    ("x", "parameters"),
    [
        (X[0], (1, 2, 0.5, 0.75)),
        (np.arange(1.0, 9), (2, 0, 1, 1)),
        (np.zeros(8), (2, 0, 1, 1)),
        (np.array([np.inf, 1, np.nan]), (0, 1, 1, 0.5)),
    ],
)
def test_the_picture_s_numbers_are_lrnlib_s(x, parameters):
    """Every bar carries its value, above x and below LRN of x, to three digits."""
    shown = [text.text for text in still(html(x, *parameters)).iter(f"{SVG}text")]
    y = lrnlib.lrn(x, *parameters)
    expected = [f"{value:.3g}" for value in (*x, *y)]
    titles = {"before, x", "after, y"}
    numbers = [text for text in shown if text not in titles]
    assert numbers == [*expected, *map(str, range(x.size))]


def test_the_picture_s_bars_are_as_long_as_their_values():
    """Before and after, each panel in its own scale; the colours are those of the figures."""
    x = np.arange(1.0, 9)
    bars = still(html(x)).findall(f"{SVG}rect")[1:]
    long = np.array([float(bar.get("height")) for bar in bars]).reshape(2, 8)
    np.testing.assert_allclose(long[0] / long[0].max(), x / 8, atol=1e-3)
    y = lrnlib.lrn(x, 2, 0, 1, 1)
    np.testing.assert_allclose(long[1] / long[1].max(), y / y.max(), atol=1e-3)
    fills = [bar.get("fill") for bar in bars[:8]]
    near, far = figures.WINDOW, figures.OUTSIDE
    assert fills == [far, near, near, figures.CENTRE, near, near, far, far]
    assert set(static_figure.FILLS.values()) == {figures.CENTRE, near, far}


@pytest.mark.parametrize(
    ("x", "parameters"),
    [
        ([-np.inf, 0, 1e-3], (2, 1, 0, 1)),
        ([np.inf, 0, -5], (2, 1, 0, 1)),
        ([np.inf, -np.inf, np.nan], (0, 1, 0, 0)),
        ([-5, 0, 1e-3], (1, 0, 0, 1)),
        ([1, -2, 3], (0, 1, 1, 1)),
    ],
)
def test_the_picture_s_bars_stay_in_their_panel(x, parameters):
    """Also those of infinities, which have no end, whatever the others are."""
    bars = still(html(x, *parameters)).findall(f"{SVG}rect")[1:]
    tops = np.array([float(bar.get("y")) for bar in bars]).reshape(2, -1)
    long = np.array([float(bar.get("height")) for bar in bars]).reshape(2, -1)
    first = static_figure.GUTTER + np.array([[0], [static_figure.PANEL + 2 * static_figure.GUTTER]])
    assert (tops >= first - 0.01).all()
    assert (tops + long <= first + static_figure.PANEL + 0.01).all()


def test_a_picture_of_many_channels_has_the_chosen_number_alone():
    """64 numbers would not be legible; 5 / (3² + 4² + 5² + 6² + 7²) is 0.037."""
    shown = [text.text for text in still(html(np.arange(64.0), channel=5)).iter(f"{SVG}text")]
    assert shown == ["before, x", "5", "after, y", "0.037", "5"]


def test_the_photograph_s_responses_are_those_of_the_chapter():
    """The stored pixels are recomputed from matplotlib's photograph with the chapter's code."""
    np.testing.assert_allclose(
        list(presets.PHOTOGRAPH.values()), explorer_presets.responses(), rtol=0, atol=0.0101
    )


def test_the_files_are_shipped_and_read_only_when_shown():
    """Scripts and styles are package data; importing lrnlib does not read them."""
    for name in ("lrn.js", "format.js", "bars.js", "parameters.js", "explorer.js", "explorer.css"):
        assert resources.files("lrnlib.book.explorer").joinpath(name).is_file()
    code = "import lrnlib, sys; e = lrnlib.explorer(); assert 'lrnlib.book.explorer.page' not in "
    assert heavy_after(code + "sys.modules") == set()


def test_the_settings_cannot_end_the_script():
    """Nothing in the HTML closes the script before its end."""
    assert html().count("</script") == 1
    assert html().count("</style") == 1


def test_a_chapter_may_show_it(tmp_path):
    """The rules for a chapter's outputs count its text and not its HTML."""
    shown = {"text/plain": repr(lrnlib.explorer()), "text/html": html()}
    cell = nbformat.v4.new_code_cell(
        "lrnlib.explorer()",
        outputs=[nbformat.v4.new_output("execute_result", shown, execution_count=1)],
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    for rule in ("output-length", "stable-outputs", "nothing-hidden", "figures"):
        assert list(rules.RULES[rule](notebook)) == []
    notebook.cells.append(nbformat.v4.new_markdown_cell("It is 0.125."))
    assert list(rules.RULES["numbers-shown"](notebook)) != []
