"""Finite input gives the right result wherever the dtype can hold it."""

import numpy as np
import pytest
from hypothesis import strategies as st
from ml_dtypes import finfo

import lrnlib
from tests.backends_under_test import given
from tests.library.oracles.extreme_values import BETAS, FLOAT64, extreme_pairs, magnitudes
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_same_bits

RADII = st.integers(0, 4) | st.sampled_from(((0, 1), (2, 1), (3, 0)))


@given(pair=extreme_pairs(), depth_radius=RADII, bias=FLOAT64, alpha=magnitudes(), beta=BETAS)
def test_any_finite_number(operation, backend, pair, depth_radius, bias, alpha, beta):
    """Any values, bias > 0 and alpha of float64's range give the exact result, rounded."""
    operation.assert_exact(*pair, depth_radius, bias or 1.0, alpha, beta, backend=backend)


@given(
    pair=extreme_pairs(),
    depth_radius=RADII,
    bias=st.sampled_from((0.5, 1.0, 2.0)),
    alpha=st.sampled_from((1e-6, 1e-4, 0.25, 1.0)),
    beta=st.sampled_from((0.5, 0.75, 1.0)),
)
def test_ordinary_parameters(operation, backend, pair, depth_radius, bias, alpha, beta):
    """So do the parameters of real networks, for every finite x and dy."""
    operation.assert_exact(*pair, depth_radius, bias, alpha, beta, backend=backend)


@given(pair=extreme_pairs(), alpha=magnitudes().filter(bool), beta=BETAS)
def test_any_finite_number_without_bias(operation, backend, pair, alpha, beta):
    """With bias 0 the result is exact too, where no window is all zeros."""
    dy, x = pair
    x[x == 0] = 1
    operation.assert_exact(dy, x, 1, 0.0, alpha, beta, backend=backend)


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
        FORWARD.assert_exact(None, np.array(row, dtype), 1, bias, 1, beta, backend=backend)


@pytest.mark.parametrize("beta", [-1, 0.5, 0.75, 1, 2])
@pytest.mark.parametrize("bias", [1, 1e-300, 1e300])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_largest_and_the_smallest_values_in_the_gradient(backend, dtype, bias, beta):
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
            GRADIENT.assert_exact(dy, x, 1, bias, 1, beta, backend=backend)


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
def test_only_a_factor_underflows(backend, dtype, scale, x, dy, parameters):
    """Factors of a term may underflow although the term does not."""
    x, dy = np.array(x, dtype), np.array(dy, dtype) * dtype(scale)
    GRADIENT.assert_exact(dy, x, *parameters, backend=backend)


HUGE_BETAS = [
    *((FORWARD, channels, beta) for channels in (3, 65) for beta in (-300, 150, 300, 1000)),
    *((GRADIENT, 5, beta) for beta in (-200, 150, 200)),
]


@pytest.mark.parametrize(("operation", "channels", "beta"), HUGE_BETAS)
@pytest.mark.parametrize("size", [2.0**-7, 0.25, 8.0])
def test_huge_beta(backend, operation, channels, size, beta):
    """A power may be out of float64's range although the result is not."""
    x = np.full(channels, size)
    for base in (0.75, 1.0, 1.25):
        p = channels, 0.0, base / (channels * size * size), beta
        operation.assert_exact(x, x, *p, backend=backend)


@pytest.mark.parametrize("beta", [-0.25, 0.25, 0.3])
@pytest.mark.parametrize("end", [1.7e308, 1e-307])
def test_value_and_alpha_at_the_same_end_of_the_range(backend, end, beta):
    """A base far beyond float64's range has a power within it."""
    FORWARD.assert_exact(None, np.full(3, end), 1, 0.0, end, beta, backend=backend)


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
    FORWARD.assert_exact(
        None, np.array([size, -2 * size, 0, 3 * size]), 1, bias, alpha, beta, backend=backend
    )


@pytest.mark.parametrize("size", [2.0**63, 2.0**64, 1e38])
@pytest.mark.parametrize(("bias", "beta"), [(1, -1), (1, 0.75)])
def test_squares_that_do_not_count_may_overflow(operation, backend, size, bias, beta):
    """Alpha is 0, and 0 times infinity would be NaN."""
    x, dy = np.array([[0, size, -size, 1], [1, 1.5, -1, 1.75]], np.float32)
    operation.assert_exact(dy, x, 1, bias, 0, beta, backend=backend)


@pytest.mark.parametrize(("size", "alpha"), [(1e25, 1e-50), (1e-25, 1e50)])
def test_alpha_itself_is_out_of_range_of_float32(operation, backend, size, alpha):
    """Its product with the squares is of the size of the bias."""
    x = np.array([size, -2 * size, 0, 3 * size], np.float32)
    dy = np.array([1, 1.5, -1, 1.75], np.float32)
    operation.assert_exact(dy, x, 1, 1.0, alpha, 0.75, backend=backend)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("beta", [2.25, 2.5, 2.6, 3])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 1), (np.float64, 8)])
def test_only_the_power_is_out_of_range(operation, backend, dtype, k, beta, sign):
    """The base and the quotient may be well within the dtype's range, but not the power."""
    x = np.ldexp(np.array([1, -1.5, 0, 1.25], dtype), 40 * sign * k)
    dy = np.ldexp(np.array([1, 1.5, -1, 1.75], dtype), 40 * sign * k)
    operation.assert_exact(dy, x, 1, 0, 2.0 ** (-24 * sign * k), beta, backend=backend)


@pytest.mark.parametrize("exponent", [-560, -400, -200, 200, 400, 480, 900])
@pytest.mark.parametrize("beta", [-0.5, 0.5, 0.75, 1])
def test_float64_across_its_exponents(operation, backend, exponent, beta):
    """x and dy of every order of magnitude, with equal and with opposite exponents."""
    for sign in (-1, 1):
        x = np.ldexp([1.0, -1.5, 0.0, 1.25], exponent)
        dy = np.ldexp([1.5, 1.25, -1.0, 1.75], sign * exponent)
        operation.assert_exact(dy, x, 1, 1.0, 0.5, beta, backend=backend)


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_a_subnormal_beside_many_larger_values(backend, beta):
    """A value near float64's smallest keeps its digits if its result is larger."""
    x = np.full(31, 2.0**-5)
    x[0] = 5 * np.finfo(np.float64).smallest_subnormal
    FORWARD.assert_exact(None, x, 30, 0.0, 1.0, beta, backend=backend)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize(("dtype", "k"), [(np.float32, 90), (np.float64, 700)])
def test_many_pixels_out_of_range(operation, backend, dtype, k, axis):
    """2**k * x, without bias, has the same y and 2**-k of the gradient, for beta = 0.5."""
    x, dy = values((2, 5, 40, 60), dtype, seed=k, low=-1, high=1)
    x[x == 0] = 1
    result = operation(dy, np.ldexp(x, k), 2, 0, 0.25, 0.5, axis=axis, backend=backend)
    if operation is GRADIENT:
        result = np.ldexp(result, k)
    operation.assert_agrees(result, dy, x, 2, 0, 0.25, 0.5, axis=axis)


def test_the_largest_dy_of_float16(operation, backend):
    """With 65504 in x and dy, squares and products overflow float16; the result does not."""
    x = np.full(5, 65504, np.float16)
    operation.assert_exact(x, x, 2, 1, 1, 0.5, backend=backend)
    operation.assert_exact(x, np.ones_like(x), 2, 1, 1, 0.75, backend=backend)


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


@pytest.mark.parametrize(
    ("depth_radius", "zeros"),  # before and after the small value, which has 1 in its own window
    [(1, (1, 0)), (2, (1, 1)), ((1, 2), (1, 1)), ((12, 1), (0, 12)), (20, (2, 3))],
)
@pytest.mark.parametrize(
    ("small", "alpha"), [(1e-30, 1), (1e-23, 2**30), (1e-20, 2**-30), (1e-200, 1)]
)
def test_a_square_that_underflows_beside_zeros(
    operation, backend, depth_radius, zeros, small, alpha
):
    """A zero is 0 / small, not 0 / 0, where the small value's own window holds a large one."""
    before, after = zeros
    x = [0] * before + [small] + [0] * after
    x = np.array([1, *x] if before == 0 else [*x, 1], np.float32 if small > 1e-100 else np.float64)
    operation.assert_exact(np.ones_like(x), x, depth_radius, 0, alpha, 0.125, backend=backend)


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


@pytest.mark.parametrize("beta", [0.5, 0.75, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_base_of_0_makes_the_gradient_nan(backend, dtype, beta):
    """The gradient is NaN exactly where the window holds a base of 0."""
    x, dy = np.array([0, 0, 0, 1, 0, 1, 1], dtype), np.ones(7, dtype)
    dx = GRADIENT(dy, x, 1, 0, 1, beta, backend=backend)
    finite = [False, False, False, True, True, True, True]
    np.testing.assert_array_equal(np.isfinite(dx), finite)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "axis"), [((0,), 0), ((3, 0), -1), ((0, 3), -1), ((0, 3), 0), ((2, 0, 4), 2)]
)
def test_empty_arrays(operation, backend, shape, axis, dtype):
    """An array without elements gives one like it, and `out` may be given."""
    x, dy = np.zeros((2, *shape), dtype)
    for parameters in ((), (2, 0, 1, 0.5), (0, 0, 0, 1), (9, 1e-310, 1, -1)):
        assert_same_bits(operation(dy, x, *parameters, axis=axis, backend=backend), x)
        out = np.zeros(shape, dtype)
        assert operation(dy, x, *parameters, axis=axis, backend=backend, out=out) is out
