"""LRN agrees with its definition for any shape, axis, dtype, layout and parameters."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.band_matrix import band
from tests.library.oracles.exact import by_decimals, by_fractions, nearest
from tests.library.oracles.strategies import DTYPES, LAYOUTS, cases, laid_out, values
from tests.library.oracles.tolerance import assert_agrees, assert_same_bits

ARTICLE_X = [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [8, 7, 6, 5, 4, 3, 2, 1],
    [4, 3, 2, 1, 8, 7, 6, 5],
    [1, 2, 3, 4, 5, 6, 7, 8],
]
ARTICLE_Y = """
0.07142857 0.06666667 0.05454545 0.04444445 0.03703704 0.03157895 0.04022989 0.05369128
0.05369128 0.04022989 0.03157895 0.03703704 0.04444445 0.05454545 0.06666667 0.07142857
0.13793103 0.10000001 0.0212766  0.00787402 0.05194805 0.04       0.03448276 0.04545454
0.07142857 0.06666667 0.05454545 0.04444445 0.03703704 0.03157895 0.04022989 0.05369128
"""


def expected_of(case):
    """Return the reference's result for a case, in float64."""
    return reference.local_response_normalization(case.x, *case.parameters, axis=case.axis)


@given(case=cases())
def test_agrees_with_the_reference(backend, case):
    """Every element is within its derived bound."""
    y = lrnlib.lrn(case.x, *case.parameters, axis=case.axis, backend=backend)
    assert_agrees(y, expected_of(case), case.terms, case.beta)


@given(case=cases())
def test_result_is_a_new_c_contiguous_array_like_x(backend, case):
    """The result has the shape and dtype of x and is C-contiguous; x is unchanged."""
    before = case.x.copy()
    y = lrnlib.lrn(case.x, *case.parameters, axis=case.axis, backend=backend)
    assert (type(y), y.shape, y.dtype) == (np.ndarray, case.x.shape, case.x.dtype)
    assert y.flags.c_contiguous
    assert y.flags.writeable
    assert not np.shares_memory(y, case.x)
    assert_same_bits(case.x, before)


@given(case=cases(layouts=("contiguous",)), layout=st.sampled_from(LAYOUTS))
def test_layout_does_not_matter(backend, case, layout):
    """Equal arrays have equal results, bit by bit, whatever their memory layout."""
    y = lrnlib.lrn(case.x, *case.parameters, axis=case.axis, backend=backend)
    view = laid_out(case.x, layout)
    z = lrnlib.lrn(view, *case.parameters, axis=case.axis, backend=backend)
    assert_same_bits(z.astype(y.dtype), y)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_are_equal_arrays(layout):
    """Each layout of the tests has the same values, and differs from the plain one."""
    a = values((3, 4, 5), np.float32, seed=1)
    b = laid_out(a, layout)
    np.testing.assert_array_equal(b, a)
    as_plain = b.strides == a.strides and b.dtype.isnative and b.flags.aligned and b.flags.writeable
    assert as_plain == (layout == "contiguous")


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_quarter(backend, dtype):
    """Each power that is computed by square roots is right, and so are its neighbours."""
    x = values((4, 7), dtype, seed=4, low=-1, high=1)
    for beta in np.arange(-3, 3.5, 0.25):
        y = lrnlib.lrn(x, 2, 1.5, 0.25, beta, backend=backend)
        assert_agrees(y, reference.local_response_normalization(x, 2, 1.5, 0.25, beta), 5, beta)


@pytest.mark.parametrize("channels", [200, 513])
@pytest.mark.parametrize("depth_radius", [2, 60, 10**400])
def test_agrees_on_long_axes(backend, channels, depth_radius):
    """Many channels, wide windows, and a radius larger than any machine integer agree too."""
    x = values((2, channels), np.float64, seed=channels, low=-3, high=1)
    y = lrnlib.lrn(x, depth_radius, 1.5, 0.25, 0.75, backend=backend)
    expected = reference.local_response_normalization(x, depth_radius, 1.5, 0.25, 0.75)
    assert_agrees(y, expected, min(2 * depth_radius + 1, channels), 0.75)


@pytest.mark.parametrize("dtype", DTYPES)
def test_agrees_on_many_blocks(backend, dtype):
    """All blocks that a large array is cut into agree; in the last case they differ in shape."""
    for shape, axis in (((61, 96, 90), 1), ((61, 96, 90), 2), ((3, 96, 47, 55), 1)):
        x = values(shape, dtype, seed=7, low=-1, high=0)
        y = np.moveaxis(lrnlib.lrn(x, 2, 2.0, 0.5, 0.75, axis=axis, backend=backend), axis, -1)
        v = np.moveaxis(x, axis, -1).astype(np.float64)
        expected = v / (2.0 + 0.5 * (v**2 @ band(v.shape[-1], 2))) ** 0.75
        assert_agrees(y, expected, 5, 0.75)


def test_lrn_is_the_short_name():
    """`lrn` is `local_response_normalization`."""
    assert lrnlib.lrn is lrnlib.local_response_normalization


def test_defaults_are_those_of_tensorflow(backend):
    """The defaults are 5, 1, 1 and 0.5, and the last axis."""
    x = values((3, 13, 17), np.float64, seed=5, low=-2, high=1)
    y = lrnlib.lrn(x, backend=backend)
    assert_same_bits(y, lrnlib.lrn(x, 5, 1.0, 1.0, 0.5, axis=-1, backend=backend))
    assert_agrees(y, reference.local_response_normalization(x), 11, 0.5)


def test_alexnet(backend):
    """AlexNet's parameters, on activations large enough for the sum to matter."""
    x = np.maximum(values((2, 5, 5, 96), np.float32, seed=2012, low=3, high=7), 0)
    y = lrnlib.lrn(x, depth_radius=2, bias=2, alpha=1e-4, beta=0.75, backend=backend)
    assert_agrees(y, reference.local_response_normalization(x, 2, 2, 1e-4, 0.75), 5, 0.75)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_article(backend, dtype):
    """The 32 numbers that the article prints, with 8 digits of float32."""
    printed = np.array(ARTICLE_Y.split(), np.float64).reshape(1, 2, 2, 8)
    x = np.array(ARTICLE_X, dtype).reshape(1, 2, 2, 8)
    y = lrnlib.lrn(x, 2, 0, 1, 1, backend=backend)
    one_ulp, half_a_digit = float(np.finfo(np.float32).eps), 0.5e-8
    assert np.all(np.abs(y - printed) <= one_ulp * printed + half_a_digit)
    exact = [nearest(by_fractions(row, 2, 0, 1, 1)) for row in ARTICLE_X]
    assert_agrees(y, np.reshape(exact, (1, 2, 2, 8)), 5, 1, sides=1)


BY_HAND = [
    ((1, 0, 1, 0.5), [1 / 5**0.5, 2 / 14**0.5, 3 / 13**0.5]),
    ((1, 0, 1, 1), [1 / 5, 2 / 14, 3 / 13]),
    # bias 3, alpha 1/2: bases 3 + 5/2, 3 + 14/2, 3 + 13/2; their squares
    ((1, 3, 0.5, 2), [1 / 30.25, 2 / 100, 3 / 90.25]),
    ((1, 3, 0.5, -1), [1 * 5.5, 2 * 10, 3 * 9.5]),
    ((0, 3, 2, 1), [1 / 5, 2 / 11, 3 / 21]),
    ((2, 2, 1, 1), [1 / 16, 2 / 16, 3 / 16]),
]


@pytest.mark.parametrize(("parameters", "expected"), BY_HAND)
def test_hand_calculations(backend, parameters, expected):
    """[1, 2, 3], computed by hand, from the reference and from the library."""
    row = [1.0, 2.0, 3.0]
    by_reference = reference.local_response_normalization(row, *parameters)
    assert_agrees(by_reference, expected, 3, parameters[3])
    y = lrnlib.lrn(np.array(row), *parameters, backend=backend)
    assert_agrees(y, expected, 3, parameters[3])


@given(case=cases(betas=st.sampled_from((-2, -1, 0, 1, 2, 3)), layouts=("contiguous",)))
def test_reference_against_fractions(case):
    """For an integer beta the reference is within its bound of exact fractions."""
    rows = np.moveaxis(case.x, case.axis, -1).reshape(-1, case.channels).tolist()
    exact = [nearest(by_fractions(row, *case.parameters)) for row in rows]
    y = np.moveaxis(expected_of(case), case.axis, -1).reshape(-1, case.channels)
    assert_agrees(y, np.reshape(exact, y.shape), case.terms, case.beta, sides=1)


@given(case=cases(layouts=("contiguous",), max_channels=6))
def test_reference_against_decimals(case):
    """For any beta the reference is within its bound of arithmetic with 60 digits."""
    rows = np.moveaxis(case.x, case.axis, -1).reshape(-1, case.channels)[:4]
    exact = [nearest(by_decimals(row, *case.parameters)) for row in rows]
    y = np.moveaxis(expected_of(case), case.axis, -1).reshape(-1, case.channels)[:4]
    assert_agrees(y, np.reshape(exact, y.shape), case.terms, case.beta, sides=1)


def test_the_two_exact_methods_agree():
    """Fractions and decimals give the same numbers."""
    row = [0.5, -3.0, 0.0, 7.25, -(2.0**-10)]
    fractions = by_fractions(row, 1, Fraction(3, 2), Fraction(1, 64), 2)
    decimals = by_decimals(row, 1, 1.5, 1 / 64, 2)
    np.testing.assert_array_equal(nearest(decimals), nearest(fractions))


@pytest.mark.parametrize("dtype", DTYPES)
def test_reference_computes_in_float64(dtype):
    """The reference returns float64 for every input."""
    assert reference.local_response_normalization(np.ones(3, dtype)).dtype == np.float64
