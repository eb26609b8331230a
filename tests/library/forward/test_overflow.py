"""Finite input gives the right result wherever the dtype can hold it."""

import numpy as np
import pytest
from hypothesis import strategies as st
from ml_dtypes import finfo

import lrnlib
from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.exact import by_decimals, nearest
from tests.library.oracles.extreme_values import BETAS, FLOAT64, extreme_rows, magnitudes
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_agrees, assert_same_bits, terms_in


def assert_exact(x, depth_radius, bias, alpha, beta, backend):
    """Fail unless one row is within its bound of the exact result."""
    y = lrnlib.lrn(x, depth_radius, bias, alpha, beta, backend=backend)
    expected = nearest(by_decimals(x, depth_radius, bias, alpha, beta))
    assert y.dtype == x.dtype
    assert_agrees(y, expected, terms_in(depth_radius, len(x)), beta, sides=1)


@given(
    x=extreme_rows(), depth_radius=st.integers(0, 4), bias=FLOAT64, alpha=magnitudes(), beta=BETAS
)
def test_any_finite_number(backend, x, depth_radius, bias, alpha, beta):
    """Any values, bias > 0 and alpha of float64's range give the exact result, rounded."""
    assert_exact(x, depth_radius, bias or 1.0, alpha, beta, backend)


@given(x=extreme_rows(), alpha=magnitudes().filter(bool), beta=BETAS)
def test_any_finite_number_without_bias(backend, x, alpha, beta):
    """With bias 0 the result is exact too, where no window is all zeros."""
    x[x == 0] = 1
    assert_exact(x, 1, 0.0, alpha, beta, backend)


@pytest.mark.parametrize("beta", [-1, 0, 0.5, 0.75, 1, 2, 3])
@pytest.mark.parametrize("bias", [0, 1, 1e-300, 1e300])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_largest_and_the_smallest_values(backend, dtype, bias, beta):
    """The dtype's largest values, its smallest, and both together."""
    info = finfo(dtype)
    largest, tiny, least = info.max, info.smallest_normal, info.smallest_subnormal
    for row in (
        [largest, -largest, largest],
        [tiny, -tiny, 3 * tiny],
        [least, -least, 3 * least],
        [tiny, 0, -tiny, 0, least],
        [largest, 1, 1, -tiny, least, largest],
    ):
        assert_exact(np.array(row, dtype), 1, bias, 1, beta, backend)


@pytest.mark.parametrize("beta", [-300, 150, 300, 1000])
@pytest.mark.parametrize("channels", [3, 65])
@pytest.mark.parametrize("size", [2.0**-7, 0.25, 8.0])
def test_huge_beta(backend, channels, size, beta):
    """A power may be out of float64's range although the result is not."""
    x = np.full(channels, size)
    for base in (0.75, 1.0, 1.25):
        assert_exact(x, channels, 0.0, base / (channels * size * size), beta, backend)


@pytest.mark.parametrize("beta", [-0.25, 0.25, 0.3])
@pytest.mark.parametrize("end", [1.7e308, 1e-307])
def test_value_and_alpha_at_the_same_end_of_the_range(backend, end, beta):
    """A base far beyond float64's range has a power within it."""
    assert_exact(np.full(3, end), 1, 0.0, end, beta, backend)


@pytest.mark.parametrize(
    ("size", "bias", "alpha", "beta"),
    [
        (1e-200, 1e-160, 1.0, 2),  # the power overflows, the result does not
        (1e70, 1e160, 1.0, 2),  # the power underflows, the result does not
        (1e-160, 1e-13, 1e307, 0.75),  # the squares are subnormal, their product with alpha is not
        (1e170, 1.0, 1e-300, 0.75),  # the squares overflow, their product with alpha does not
    ],
)
def test_only_an_intermediate_value_is_out_of_range(backend, size, bias, alpha, beta):
    """Squares, sums and powers may be out of float64's range although the result is not."""
    assert_exact(np.array([size, -2 * size, 0, 3 * size]), 1, bias, alpha, beta, backend)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("beta", [2.25, 2.5, 2.6, 3])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 1), (np.float64, 8)])
def test_only_the_power_is_out_of_range(backend, dtype, k, beta, sign):
    """The base and the quotient may be well within the dtype's range, but not the power."""
    x = np.ldexp(np.array([1, -1.5, 0, 1.25], dtype), 40 * sign * k)
    assert_exact(x, 1, 0, 2.0 ** (-24 * sign * k), beta, backend)


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_a_subnormal_beside_many_larger_values(backend, beta):
    """A value near float64's smallest keeps its digits if its result is larger."""
    x = np.full(31, 2.0**-5)
    x[0] = 5 * np.finfo(np.float64).smallest_subnormal
    assert_exact(x, 30, 0.0, 1.0, beta, backend)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 90), (np.float64, 700)])
def test_many_pixels_out_of_range(backend, dtype, k, axis):
    """Thousands of pixels whose squares are out of range are all normalized correctly."""
    x = values((5, 40, 60), dtype, seed=k, low=-1, high=1)
    x[x == 0] = 1
    expected = reference.local_response_normalization(x, 2, 0, 0.25, 0.5, axis=axis)
    y = lrnlib.lrn(np.ldexp(x, k), 2, 0, 0.25, 0.5, axis=axis, backend=backend)
    assert_agrees(y, expected, 5, 0.5)


@pytest.mark.parametrize("beta", [0.5, 0.75, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_zeros_without_bias_is_nan(backend, dtype, beta):
    """0/0 is NaN, in that window and in no other."""
    x = np.array([0, 0, 0, 1, 0], dtype)
    nan = [True, True, False, False, False]
    np.testing.assert_array_equal(np.isnan(lrnlib.lrn(x, 1, 0, 1, beta, backend=backend)), nan)
    everywhere = lrnlib.lrn(np.zeros((2, 3), dtype), 1, 0, 1, beta, backend=backend)
    assert np.isnan(everywhere).all()
    assert np.isnan(lrnlib.lrn(np.zeros(3, dtype), 1, 0, 0, beta, backend=backend)).all()


@pytest.mark.parametrize("alpha", [0, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_zeros_without_bias_and_power(backend, dtype, alpha):
    """With bias 0, beta 0 divides by 0**0 = 1 and a negative beta multiplies by 0."""
    zeros = np.zeros((2, 3), dtype)
    for beta in (0, -1, -0.5):
        assert_same_bits(lrnlib.lrn(zeros, 1, 0, alpha, beta, backend=backend), zeros)


@pytest.mark.parametrize("bias", [2.0, 1e-310, 1e300])
@pytest.mark.parametrize("dtype", DTYPES)
def test_zeros_keep_their_sign(backend, dtype, bias):
    """A zero divided by a positive number keeps its sign."""
    x = np.array([0.0, -0.0, 1.0, -0.0], dtype)
    assert_same_bits(lrnlib.lrn(x, 0, bias, 1, 0.75, backend=backend)[[0, 1, 3]], x[[0, 1, 3]])


@pytest.mark.parametrize("parameters", [(), (2, 0, 1, 0.5), (0, 0, 0, 1), (9, 1e-310, 1, -1)])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "axis"), [((0,), 0), ((3, 0), -1), ((0, 3), -1), ((0, 3), 0), ((2, 0, 4), 2)]
)
def test_empty_arrays(backend, shape, axis, dtype, parameters):
    """An array without elements gives one like it, and `out` may be given."""
    x = np.zeros(shape, dtype)
    assert_same_bits(lrnlib.lrn(x, *parameters, axis=axis, backend=backend), x)
    out = np.zeros(shape, dtype)
    assert lrnlib.lrn(x, *parameters, axis=axis, backend=backend, out=out) is out
