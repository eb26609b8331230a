"""Finite input gives the right gradient wherever the dtype can hold it."""

import numpy as np
import pytest
from hypothesis import strategies as st
from ml_dtypes import finfo

from tests.backends_under_test import given
from tests.library.oracles.exact import gradient_by_decimals, gradient_by_fractions, nearest
from tests.library.oracles.extreme_values import BETAS, FLOAT64, extreme_rows, magnitudes
from tests.library.oracles.gradients import assert_agrees, assert_exact, grad
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_same_bits


@given(
    pair=extreme_rows(2, 7),
    depth_radius=st.integers(0, 4),
    bias=FLOAT64,
    alpha=magnitudes(),
    beta=BETAS,
)
def test_any_finite_number(backend, pair, depth_radius, bias, alpha, beta):
    """Any values, bias > 0 and alpha of float64's range give the exact gradient."""
    x, dy = pair
    assert_exact(dy, x, depth_radius, bias or 1.0, alpha, beta, backend=backend)


@given(
    pair=extreme_rows(2, 7),
    depth_radius=st.integers(0, 4),
    bias=st.sampled_from((0.5, 1.0, 2.0)),
    alpha=st.sampled_from((1e-6, 1e-4, 0.25, 1.0)),
    beta=st.sampled_from((0.5, 0.75, 1.0)),
)
def test_any_finite_number_under_ordinary_parameters(
    backend, pair, depth_radius, bias, alpha, beta
):
    """So do the parameters of real networks, for every finite x and dy."""
    x, dy = pair
    assert_exact(dy, x, depth_radius, bias, alpha, beta, backend=backend)


@given(pair=extreme_rows(2, 7), alpha=magnitudes().filter(bool), beta=BETAS)
def test_any_finite_number_without_bias(backend, pair, alpha, beta):
    """With bias 0 the gradient is exact too, where no window is all zeros."""
    x, dy = pair
    x[x == 0] = 1
    assert_exact(dy, x, 1, 0.0, alpha, beta, backend=backend)


@pytest.mark.parametrize("beta", [-1, 0.5, 0.75, 1, 2])
@pytest.mark.parametrize("bias", [1, 1e-300, 1e300])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_largest_and_the_smallest_values(backend, dtype, bias, beta):
    """The dtype's largest values, its smallest, and both together, in x and in dy."""
    info = finfo(dtype)
    largest, tiny, least = info.max, info.smallest_normal, info.smallest_subnormal
    rows = (
        [largest, -largest, largest, 1, -1],
        [tiny, -tiny, 3 * tiny, 0, 1],
        [least, -least, 3 * least, largest, 0],
        [1, 0, -tiny, 2, least],
    )
    for x in rows:
        for dy in rows:
            x, dy = np.array(x, dtype), np.array(dy, dtype)
            assert_exact(dy, x, 1, bias, 1, beta, backend=backend)


# Here alpha * x / s, or a product with it, underflows in float32, although the term, times a
# large dy and a large neighbour, does not.
SMALL_FACTORS = [
    ([2.0**29, 2.0**-100], [0, 2.0**88], (1, 0, 1, 0.5)),
    ([1, 1e-36], [0, 1e18], (1, 1, 1e-6, 0.5)),
    ([1, 2.0**-140], [0, 2.0**50], (1, 1, 1, 0.5)),
    ([2.0**20, 2.0**-110], [0, 2.0**80], (1, 1, 1, 1)),
]


@pytest.mark.parametrize(("x", "dy", "parameters"), SMALL_FACTORS)
@pytest.mark.parametrize("scale", [1, -8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_only_an_intermediate_value_is_out_of_range(backend, dtype, scale, x, dy, parameters):
    """Factors of a term may underflow although the term does not."""
    x, dy = np.array(x, dtype), np.array(dy, dtype) * dtype(scale)
    assert_exact(dy, x, *parameters, backend=backend)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("beta", [2.25, 2.5, 2.6])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 1), (np.float64, 8)])
def test_only_the_power_is_out_of_range(backend, dtype, k, beta, sign):
    """The base and the quotient may be well within the dtype's range, but not the power."""
    x = np.ldexp(np.array([1, -1.5, 0, 1.25], dtype), 40 * sign * k)
    dy = np.ldexp(np.array([1, 1.5, -1, 1.75], dtype), 40 * sign * k)
    assert_exact(dy, x, 1, 0, 2.0 ** (-24 * sign * k), beta, backend=backend)


@pytest.mark.parametrize("exponent", [-560, -400, -200, 200, 400, 480, 900])
@pytest.mark.parametrize("beta", [-0.5, 0.5, 0.75, 1])
def test_float64_across_its_exponents(backend, exponent, beta):
    """x and dy of every order of magnitude, with equal and with opposite exponents."""
    for sign in (-1, 1):
        x = np.ldexp([1.0, -1.5, 0.0, 1.25], exponent)
        dy = np.ldexp([1.5, 1.25, -1.0, 1.75], sign * exponent)
        assert_exact(dy, x, 1, 1.0, 0.5, beta, backend=backend)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 90), (np.float64, 700)])
def test_many_pixels_out_of_range(backend, dtype, k, axis):
    """2**k * x, without bias, has 2**-k of the gradient for beta = 0.5, in thousands of pixels."""
    x, dy = values((2, 5, 40, 60), dtype, seed=k, low=-1, high=1)
    x[x == 0] = 1
    dx = grad(dy, np.ldexp(x, k), 2, 0, 0.25, 0.5, axis=axis, backend=backend)
    assert_agrees(np.ldexp(dx, k), dy, x, 2, 0, 0.25, 0.5, axis=axis)


def test_the_largest_dy_of_float16(backend):
    """With 65504 in x and dy, squares and products overflow float16; the gradient does not."""
    x = np.full(5, 65504, np.float16)
    assert_exact(x, x, 2, 1, 1, 0.5, backend=backend)
    assert_exact(x, np.ones_like(x), 2, 1, 1, 0.75, backend=backend)


@pytest.mark.parametrize("beta", [-200, 150, 200])
@pytest.mark.parametrize("size", [2.0**-7, 0.25, 8.0])
def test_huge_beta(backend, size, beta):
    """A power may be out of float64's range although the gradient is not."""
    x = np.full(5, size)
    for base in (0.75, 1.0, 1.25):
        assert_exact(x[::-1], x, 5, 0.0, base / (5 * size * size), beta, backend=backend)


@pytest.mark.parametrize("beta", [0.5, 0.75, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_zeros_without_bias_is_nan(backend, dtype, beta):
    """The gradient is NaN exactly where the window holds a base of 0."""
    x, dy = np.array([0, 0, 0, 1, 0, 1, 1], dtype), np.ones(7, dtype)
    dx = grad(dy, x, 1, 0, 1, beta, backend=backend)
    finite = [False, False, False, True, True, True, True]
    np.testing.assert_array_equal(np.isfinite(dx), finite)


def test_the_two_exact_methods_agree():
    """Fractions and decimals give the same numbers."""
    dy, x = [1.0, 0.25, -2.0, 8.0], [0.5, -3.0, 0.0, 7.25]
    fractions, sizes = gradient_by_fractions(dy, x, 1, 1.5, 1 / 64, 2)
    decimals, more = gradient_by_decimals(dy, x, 1, 1.5, 1 / 64, 2)
    np.testing.assert_array_equal(nearest(decimals), nearest(fractions))
    np.testing.assert_array_equal(nearest(more), nearest(sizes))


@pytest.mark.parametrize("parameters", [(), (2, 0, 1, 0.5), (0, 0, 0, 1), (9, 1e-310, 1, -1)])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "axis"), [((0,), 0), ((3, 0), -1), ((0, 3), -1), ((0, 3), 0), ((2, 0, 4), 2)]
)
def test_empty_arrays(backend, shape, axis, dtype, parameters):
    """An array without elements gives one like it, and `out` may be given."""
    x, dy = np.zeros((2, *shape), dtype)
    assert_same_bits(grad(dy, x, *parameters, axis=axis, backend=backend), x)
    out = np.zeros(shape, dtype)
    assert grad(dy, x, *parameters, axis=axis, backend=backend, out=out) is out
