"""`explain` shows the arithmetic behind one value, as text and as LaTeX."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrnlib
from tests.library.oracles.bad_arguments import INPUTS
from tests.library.oracles.strategies import cases

ARTICLE = np.array([[[[1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]]]], np.float32)


def explained(x, index, *parameters, **keywords):
    """Return an explanation, its text, and its LaTeX without spaces."""
    e = lrnlib.explain(np.asarray(x, np.float64), index, *parameters, **keywords)
    return e, repr(e), re.sub(r"\s+", "", e._repr_latex_())


@pytest.mark.parametrize(
    ("channel", "channels", "power", "s", "y"),
    [
        (0, range(3), "1² + 2² + 3²", 14, "0.07142857"),
        (3, range(1, 6), "2² + 3² + 4² + 5² + 6²", 90, "0.04444444"),
    ],
)
def test_the_article_s_calculations(channel, channels, power, s, y):
    """1/(1² + 2² + 3²) and 4/(2² + 3² + 4² + 5² + 6²), in the first pixel."""
    e, text, latex = explained(ARTICLE, (0, 0, 0, channel), 2, 0, 1, 1)
    x = channel + 1
    assert text == f"y[0, 0, 0, {channel}] = {x} / (0 + 1·({power}))^1 = {x} / {s}^1 = {y}"
    assert latex == (
        rf"$$\begin{{aligned}}S&={power.replace('²', '^2').replace(' ', '')}\\y_{{0,0,0,{channel}}}"
        rf"&=\frac{{{x}}}{{(0+1\cdotS)^{{1}}}}\\&=\frac{{{x}}}{{{s}^{{1}}}}={y}\end{{aligned}}$$"
    )
    assert (e.channels, e.terms) == (channels, tuple(k + 1 for k in channels))
    assert (e.x, e.s, e.y) == (x, s, pytest.approx(x / s, rel=1e-15))


def test_a_wide_window_takes_several_lines_of_latex():
    """A sum of many squares is broken into short lines, and none is lost."""
    _, _, latex = explained(np.arange(1.0, 22), (10,), 10, 0, 1, 1)
    lines = latex.partition("S&=")[2].partition(r"\\y_")[0].split(r"\\&\quad+")
    assert "+".join(lines) == "+".join(f"{k}^2" for k in range(1, 22))
    assert all(len(line.split("+")) <= 8 for line in lines)


# A row, parameters, the arithmetic of its first value, and parts of its LaTeX.
SHOWN = [
    # (-2)² is not -2².
    ([1, -2.5, 3], (1, 1, 1, 1), "1 / (1 + 1·(1² + (-2.5)²))^1 = 1 / 8.25^1 = 0.1212121",
     ["S&=1^2+(-2.5)^2"]),
    # 2 · 10^{10}^2 is invalid LaTeX, and 2 · (10^{10})^2 would be another number.
    ([2e10], (0, 2, 1, 0.75), "2e+10 / (2 + 1·((2e+10)²))^0.75 = 2e+10 / (4e+20)^0.75 = "
     "7.071068e-06", [r"10^{10})^2", r"10^{20})^{0.75}", r"\frac{2\cdot10^{10}}"]),
    ([1], (0, 2, 1e-5, 1), "1 / (2 + 1e-05·(1²))^1 = 1 / 2.00001^1 = 0.4999975",
     [r"(2+1\cdot10^{-5}\cdotS)"]),
    # 1e-200 squared is 1e-400, and not 0; 1e200 squared is 1e+400, and not infinite.
    ([1e-200], (0, 0, 1, 0.5), "1e-200 / (0 + 1·((1e-200)²))^0.5 = 1e-200 / (1e-400)^0.5 = 1",
     [r"(1\cdot10^{-400})^{0.5}}=1\end"]),
    ([1e200], (0, 0, 1, 0.5), "1e+200 / (0 + 1·((1e+200)²))^0.5 = 1e+200 / (1e+400)^0.5 = 1",
     [r"(1\cdot10^{400})^{0.5}}=1\end"]),
    ([0, 0], (1, 0, 1, 1), "0 / (0 + 1·(0² + 0²))^1 = 0 / 0^1 = nan", []),
    ([1], (0, 1.23456789), "1 / (1.234568 + 1·(1²))^0.5 = 1 / 2.234568^0.5 = 0.6689647", []),
    ([3], (10**400, 0, 1, 0.5), "3 / (0 + 1·(3²))^0.5 = 3 / 9^0.5 = 1", ["y_{0}"]),
    # In LaTeX, NaN is upright text, not a product of three letters.
    ([np.nan], (), "nan / (1 + 1·((nan)²))^0.5 = nan / (nan)^0.5 = nan", [r"=\mathrm{nan}\end"]),
]  # fmt: skip


@pytest.mark.parametrize(("row", "parameters", "arithmetic", "in_latex"), SHOWN)
def test_numbers_of_every_kind(row, parameters, arithmetic, in_latex):
    """Seven digits; in LaTeX 1e-05 is 1 · 10^{-5}, and only digits or a bracket have a power."""
    _, text, latex = explained(row, (0,), *parameters)
    assert text == f"y[0] = {arithmetic}"
    assert all(part in latex for part in in_latex)
    assert re.search(r"[0-9]e[+-]|[0-9]\}\^", latex) is None


def test_a_negative_index_counts_from_the_end():
    """The index shown is counted from the front."""
    e, text, _ = explained(ARTICLE, (-1, -1, -2, -5), 2, 0, 1, 1)
    assert e.index == (0, 0, 0, 3)
    assert text.startswith("y[0, 0, 0, 3] = ")


@pytest.mark.parametrize("index", [2, (2,), [np.int8(2)], np.uint64(2), np.array([2]), -1])
@pytest.mark.parametrize("x", [[1, 2, 3], range(1, 4), np.array([1, 2, 3], np.float16)])
def test_one_axis_needs_one_integer(x, index):
    """No tuple; x and index may be what NumPy's functions take."""
    e = lrnlib.explain(x, index, 1, 0, 1, 1)
    assert repr(e) == "y[2] = 3 / (0 + 1·(2² + 3²))^1 = 3 / 13^1 = 0.2307692"


def test_another_axis():
    """The window lies along `axis`, which may be any."""
    x = np.arange(24.0).reshape(4, 3, 2)
    e = lrnlib.explain(x, [2, 1, 0], 1, axis=0)
    assert (e.terms, e.channels) == ((8.0, 14.0, 20.0), range(1, 4))
    e = lrnlib.explain(x, (2, 1, 0), 1, axis=-2)
    assert (e.terms, e.channels) == ((12.0, 14.0, 16.0), range(3))


@given(case=cases(), data=st.data())
def test_the_value_is_the_library_s(case, data):
    """The value is that of LRN in float64, and so are the window and the base."""
    index = tuple(data.draw(st.integers(0, n - 1)) for n in case.x.shape)
    e = lrnlib.explain(case.x, index, *case.parameters, axis=case.axis)
    x = case.x.astype(np.float64)
    y = lrnlib.lrn(x, *case.parameters, axis=case.axis)
    assert e.y == y[index]
    assert e.x == x[index]
    lane = np.moveaxis(x, case.axis, -1)[tuple(np.delete(index, case.axis))]
    assert e.terms == tuple(lane[e.channels.start : e.channels.stop])
    assert e.s == pytest.approx(case.bias + case.alpha * sum(t * t for t in e.terms), rel=1e-14)
    assert e.parameters == lrnlib.Parameters(*case.parameters)


@pytest.mark.parametrize("row", [[np.nan, 1], [np.inf, 1], [-np.inf, 1], [1e308, 1e308], [0, 0]])
@pytest.mark.parametrize("bias", [0, 1])
def test_numbers_that_are_not_finite_are_shown(row, bias):
    """NaN, infinities and overflowing sums are shown as such, without error or warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in (0, 1):
            _, text, latex = explained(row, (i,), 1, bias, 1, 0.5)
            assert text.startswith(f"y[{i}] = ")
            assert re.search("nan|inf", re.sub(r"\\mathrm\{-?(nan|inf)\}", "", latex)) is None


def test_a_matrix_is_explained_as_an_array():
    """A subclass of ndarray with other shapes and products is treated as a plain array."""
    matrix = np.array([[1.0, 2, 3]]).view(Matrix)
    assert type(lrnlib.lrn(matrix, 1)) is np.ndarray
    e = lrnlib.explain(matrix, (0, 1), 1, 0, 1, 1)
    assert (e.terms, e.y) == ((1, 2, 3), pytest.approx(1 / 7, rel=1e-15))


class Matrix(np.ndarray):
    """Like numpy.matrix: always two axes, and no elementwise `*`."""

    def reshape(self, *shape, **options):
        raise AssertionError("reshaped as a matrix")

    def __getitem__(self, index):
        return np.asarray(self)[index].view(Matrix)

    def __mul__(self, other):
        raise AssertionError("multiplied as a matrix")


LONG = 10**5000  # more than the 4300 digits that Python prints
INDEX_ERRORS = [
    (3, TypeError, "index must be a tuple of 2 integers, got 3"),
    ("01", TypeError, "index must be a tuple of 2 integers, got '01'"),
    (None, TypeError, "index must be a tuple of 2 integers, got None"),
    ((1,), ValueError, "index must hold 2 integers, one per axis, got (1,)"),
    ((0, 1, 2), ValueError, "index must hold 2 integers, one per axis, got (0, 1, 2)"),
    ((2, 0), ValueError, "index[0] must be an integer from -2 to 1, got 2"),
    ((0, -4), ValueError, "index[1] must be an integer from -3 to 2, got -4"),
    ((0, 1.0), TypeError, "index[1] must be an integer from -3 to 2, got 1.0 of type float"),
    ((0, True), TypeError, "index[1] must be an integer from -3 to 2, got True of type bool"),
    (LONG, TypeError, "index must be a tuple of 2 integers, got an integer of thousands of digits"),
]
ONES = np.ones((2, 3))
ERRORS = [
    *((ONES, {"index": index}, error, message) for index, error, message in INDEX_ERRORS),
    ([1.0], {"index": 1}, ValueError, "index[0] must be an integer from -1 to 0, got 1"),
    ([1.0], {"index": 0.0}, TypeError, "index must be a tuple of 1 integer, got 0.0"),
    (
        np.ones((2, 0)),
        {"index": (0, 0)},
        ValueError,
        "index[1] has nothing to choose from: that axis is empty",
    ),
    # Those of LRN.
    (None, {}, TypeError, next(message for x, _, message in INPUTS if x is None)),
    (ONES, {"bias": -1}, ValueError, "bias must be a finite int or float >= 0, got -1"),
    (ONES, {"axis": 2}, ValueError, "axis must be an integer from -2 to 1, got 2"),
]


@pytest.mark.parametrize(("x", "arguments", "error", "message"), ERRORS)
def test_errors(x, arguments, error, message):
    """An index must be one integer per axis, within the array; the rest is as in LRN."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrnlib.explain(x, **{"index": (0, 0), **arguments})
