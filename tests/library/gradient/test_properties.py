"""Properties of the gradient that can be tested without a second implementation."""

import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.band_matrix import gradient_size
from tests.library.oracles.gradients import bound_of, grad, of, without_signs_of_zeros
from tests.library.oracles.strategies import DTYPES, cases, values
from tests.library.oracles.tolerance import assert_same_bits, assert_within, gradient_bound, rounded

FLAT = ("contiguous",)
EXACT = (np.float32, np.float64)


def wide(a):
    return a.astype(np.float64)


def error_of(case, dx):
    """Return the error bound of a case's gradient, with the rounding to its dtype."""
    return rounded(bound_of(case), wide(dx), case.x.dtype)


@given(case=cases())
def test_even_in_x(backend, case):
    """The gradient at -x is the same: each term has x twice or not at all."""
    dx, other = of(case, backend=backend), of(case, x=-case.x, backend=backend)
    assert_same_bits(without_signs_of_zeros(other), without_signs_of_zeros(dx))


@given(case=cases())
def test_odd_in_dy(backend, case):
    """The gradient of -dy is the negative gradient."""
    dx, other = of(case, backend=backend), of(case, dy=-case.dy, backend=backend)
    assert_same_bits(without_signs_of_zeros(-other), without_signs_of_zeros(dx))


@given(case=cases(), seed=st.integers(0, 2**32))
def test_additive_in_dy(backend, case, seed):
    """The gradient of a sum of dy is the sum of the gradients; integers add exactly."""
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(-8, 8, case.x.shape).astype(case.x.dtype) for _ in range(2))
    parts = [of(case, dy=dy, backend=backend) for dy in (a, b, a + b)]
    axis = {"axis": case.axis}
    sizes = [gradient_size(dy, case.x, *case.parameters, **axis) for dy in (a, b, a + b)]
    dtype = case.x.dtype
    allowed = sum(
        rounded(gradient_bound(size, case.x, dtype, case.terms, case.beta), wide(dx), dtype)
        for dx, size in zip(parts, sizes, strict=True)
    )
    difference, finite = _finite_difference(*parts)
    assert np.all(difference <= allowed[finite])


def _finite_difference(a, b, c):
    """Return abs(a + b - c) where all are finite: in a half type they may overflow."""
    finite = np.isfinite(wide(a)) & np.isfinite(wide(b)) & np.isfinite(wide(c))
    return np.abs(wide(a)[finite] + wide(b)[finite] - wide(c)[finite]), finite


@given(case=cases(layouts=FLAT, dtypes=EXACT, betas=st.sampled_from((-0.5, 0.5, 0.75))))
def test_a_power_of_two_in_dy_is_one_in_the_gradient(backend, case):
    """64 times dy gives 64 times the gradient, bit by bit."""
    dx, other = of(case, backend=backend), of(case, dy=case.dy * 64, backend=backend)
    assert_same_bits(other, dx * 64)


@given(case=cases(dtypes=(np.float64,)), seed=st.integers(0, 2**32))
def test_adjoint(backend, case, seed):
    """<dy, J v> is <gradient, v>, with J v from the dense Jacobian."""
    v = np.random.default_rng(seed).uniform(-1, 1, case.x.shape)
    rows = [np.moveaxis(wide(a), case.axis, -1).reshape(-1, case.channels) for a in (case.x, v)]
    jv = [reference.jacobian(x, *case.parameters) @ w for x, w in zip(*rows, strict=True)]
    dy = np.moveaxis(wide(case.dy), case.axis, -1).reshape(-1, case.channels)
    dx = wide(of(case, backend=backend))
    size = gradient_size(case.dy, case.x, *case.parameters, axis=case.axis)
    # Both sums round at most once for each element, and once more for each product.
    most = np.sum((error_of(case, dx) + 2.0**-52 * (v.size + 1) * size) * np.abs(v))
    assert abs(np.sum(dy * jv) - np.sum(dx * v)) <= most


@pytest.mark.parametrize("beta", [-1, -0.5, 0.3, 0.5, 0.75, 1, 2])
def test_directional_derivatives(backend, beta):
    """<gradient, v> is the derivative of <dy, y> along v, by differences of LRN itself."""
    x, dy, v = values((3, 4, 9), np.float64, seed=3, low=-2, high=1)
    h, p = 2.0**-17, (2, 1.5, 0.25, beta)
    ahead, behind = (lrnlib.lrn(x + k * v, *p, backend=backend) for k in (h, -h))
    slope = np.sum(dy * (ahead - behind)) / (2 * h)
    np.testing.assert_allclose(np.sum(grad(dy, x, *p, backend=backend) * v), slope, rtol=1e-8)


@given(case=cases(dtypes=(np.float64,)), seed=st.integers(0, 2**32))
def test_symmetric_where_every_window_holds_all(backend, case, seed):
    """With one base for all channels, <a, gradient of b> is <b, gradient of a>."""
    a, b = np.random.default_rng(seed).uniform(-1, 1, (2, *case.x.shape))
    p = 10**20, *case.parameters[1:]
    x, n = wide(case.x), case.channels
    products, most = [], 0
    for dy, v in ((a, b), (b, a)):
        products.append(np.sum(v * grad(dy, x, *p, axis=case.axis, backend=backend)))
        size = gradient_size(dy, x, *p, axis=case.axis)
        bound = gradient_bound(size, x, x.dtype, n, case.beta, sides=1)
        most += np.sum(np.abs(v) * (bound + 2.0**-52 * v.size * size))
    assert abs(products[0] - products[1]) <= most


@given(case=cases(dtypes=(np.float64,), betas=st.sampled_from((-1.0, 0.25, 0.5, 0.75, 1.0))))
def test_euler(backend, case):
    """With bias 0 y is homogeneous, so <x, gradient> = (1 - 2 beta) <dy, y>."""
    x, dy = wide(case.x), wide(case.dy)
    x[x == 0] = 1
    p = case.depth_radius, 0.0, case.alpha or 1.0, case.beta
    dx = grad(dy, x, *p, axis=case.axis, backend=backend)
    y = lrnlib.lrn(x, *p, axis=case.axis, backend=backend)
    size = gradient_size(dy, x, *p, axis=case.axis)
    bound = gradient_bound(size, x, x.dtype, case.terms, case.beta)
    most = np.sum(np.abs(x) * (bound + 2.0**-52 * x.size * size))
    assert abs(np.sum(x * dx) - (1 - 2 * case.beta) * np.sum(dy * y)) <= most


@given(case=cases())
def test_reversing_the_channels_commutes(backend, case):
    """Reversed channels give the reversed gradient: the window is symmetric."""
    dy, x = np.flip(case.dy, case.axis), np.flip(case.x, case.axis)
    dx, other = of(case, backend=backend), np.flip(of(case, dy, x, backend=backend), case.axis)
    dx, other = wide(dx), wide(other)
    same = (dx == other) | np.isinf(dx) | np.isinf(other)
    with np.errstate(invalid="ignore"):
        assert np.all(same | (np.abs(dx - other) <= 2 * error_of(case, dx)))


@given(case=cases(), data=st.data())
def test_permuting_axes_commutes(backend, case, data):
    """Axes may be put in any order, if `axis` follows its axis."""
    order = data.draw(st.permutations(range(case.x.ndim)))
    axis = order.index(case.axis % case.x.ndim)
    dy, x = case.dy.transpose(order), case.x.transpose(order)
    dx = of(case, backend=backend).transpose(order)
    assert_same_bits(of(case, dy, x, axis=axis, backend=backend), np.ascontiguousarray(dx))


@given(case=cases(), data=st.data())
def test_pixels_are_independent(backend, case, data):
    """A pixel alone has the same bits as among others."""
    pixel = [slice(k, k + 1) for k in (data.draw(st.integers(0, n - 1)) for n in case.x.shape)]
    pixel[case.axis] = slice(None)
    pixel = tuple(pixel)
    alone = of(case, case.dy[pixel], case.x[pixel], backend=backend)
    assert_same_bits(alone, of(case, backend=backend)[pixel])


@given(case=cases(layouts=FLAT), data=st.data(), in_dy=st.booleans())
def test_distant_channels_have_no_effect(backend, case, data, in_dy):
    """A channel of x affects two radii, a channel of dy one radius."""
    x, dy, k = case.x.copy(), case.dy.copy(), data.draw(st.integers(0, case.channels - 1))
    np.moveaxis(dy if in_dy else x, case.axis, 0)[k] = 3.25
    extent = case.depth_radius * (1 if in_dy else 2)
    far = np.abs(np.arange(case.channels) - k) > extent
    dx = np.moveaxis(of(case, dy, x, backend=backend), case.axis, 0)
    other = np.moveaxis(of(case, backend=backend), case.axis, 0)
    assert_same_bits(dx[far], other[far])


@given(case=cases(betas=st.just(0.0)))
def test_beta_0_leaves_dy(backend, case):
    """With beta = 0 the gradient is dy, exactly."""
    assert_same_bits(of(case, backend=backend), np.ascontiguousarray(case.dy))


@given(case=cases(alphas=st.just(0.0)))
def test_alpha_0_leaves_a_factor(backend, case):
    """With alpha = 0 the gradient is dy * bias**-beta."""
    expected = wide(case.dy) * case.bias**-case.beta
    assert_within(of(case, backend=backend), expected, bound_of(case))


@given(case=cases(layouts=FLAT))
def test_no_dy_no_gradient(backend, case):
    """With dy 0 the gradient is 0."""
    dx = of(case, dy=np.zeros_like(case.dy), backend=backend)
    np.testing.assert_array_equal(dx, np.zeros_like(dx))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_single_dy_gives_a_row_of_the_jacobian(backend, dtype):
    """With dy = 1 in one channel the gradient is that channel's row of the Jacobian."""
    x = values((8,), dtype, seed=12, low=-1, high=0)
    rows = grad(np.eye(8).astype(dtype), np.tile(x, (8, 1)), 2, 1.5, 0.25, 0.75, backend=backend)
    jacobian = reference.jacobian(x, 2, 1.5, 0.25, 0.75)
    size = gradient_size(np.eye(8), np.tile(x, (8, 1)), 2, 1.5, 0.25, 0.75)
    bound = gradient_bound(size, x, dtype, 5, 0.75)
    assert np.all(np.abs(wide(rows) - jacobian) <= rounded(bound, jacobian, dtype))
