"""Properties of the gradient that can be tested without a second implementation."""

import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.band_matrix import gradient_size
from tests.library.oracles.operations import GRADIENT
from tests.library.oracles.strategies import DTYPES, cases, values
from tests.library.oracles.tolerance import assert_same_bits, bound_after_rounding, gradient_bound

FLAT = ("contiguous",)
EXACT = (np.float32, np.float64)
of = GRADIENT.of


def wide(a):
    return a.astype(np.float64)


def without_signs_of_zeros(a):
    """Replace -0 by +0: the difference of equal numbers may have either sign."""
    return np.where(a == 0, np.zeros_like(a), a)


def bound_of(case, dy, result):
    """Return the bound of the gradient for a `dy`, with the rounding to its dtype."""
    size = gradient_size(dy, case.x, *case.parameters, axis=case.axis)
    bound = gradient_bound(size, case.x, case.x.dtype, case.terms, case.beta)
    return bound_after_rounding(bound, wide(result), case.x.dtype)


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
    allowed = sum(bound_of(case, *pair) for pair in zip((a, b, a + b), parts, strict=True))
    finite = np.all(np.isfinite(parts), axis=0)  # in a half type they may overflow
    a, b, c = (wide(dx)[finite] for dx in parts)
    assert np.all(np.abs(a + b - c) <= allowed[finite])


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
    most = np.sum((bound_of(case, case.dy, dx) + 2.0**-52 * (v.size + 1) * size) * np.abs(v))
    assert abs(np.sum(dy * jv) - np.sum(dx * v)) <= most


@pytest.mark.parametrize("beta", [-1, -0.5, 0.3, 0.5, 0.75, 1, 2])
def test_directional_derivatives(backend, beta):
    """<gradient, v> is the derivative of <dy, y> along v, by differences of LRN itself."""
    x, dy, v = values((3, 4, 9), np.float64, seed=3, low=-2, high=1)
    h, p = 2.0**-17, (2, 1.5, 0.25, beta)
    ahead, behind = (lrnlib.lrn(x + k * v, *p, backend=backend) for k in (h, -h))
    slope = np.sum(dy * (ahead - behind)) / (2 * h)
    np.testing.assert_allclose(np.sum(GRADIENT(dy, x, *p, backend=backend) * v), slope, rtol=1e-8)


@given(case=cases(dtypes=(np.float64,)), seed=st.integers(0, 2**32))
def test_symmetric_where_every_window_holds_all(backend, case, seed):
    """With one base for all channels, <a, gradient of b> is <b, gradient of a>."""
    a, b = np.random.default_rng(seed).uniform(-1, 1, (2, *case.x.shape))
    p = 10**20, *case.parameters[1:]
    x, n = wide(case.x), case.channels
    products, most = [], 0
    for dy, v in ((a, b), (b, a)):
        products.append(np.sum(v * GRADIENT(dy, x, *p, axis=case.axis, backend=backend)))
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
    dx = GRADIENT(dy, x, *p, axis=case.axis, backend=backend)
    y = lrnlib.lrn(x, *p, axis=case.axis, backend=backend)
    size = gradient_size(dy, x, *p, axis=case.axis)
    bound = gradient_bound(size, x, x.dtype, case.terms, case.beta)
    most = np.sum(np.abs(x) * (bound + 2.0**-52 * x.size * size))
    assert abs(np.sum(x * dx) - (1 - 2 * case.beta) * np.sum(dy * y)) <= most


@given(case=cases(layouts=FLAT))
def test_no_dy_no_gradient(backend, case):
    """With dy 0 the gradient is 0."""
    dx = of(case, dy=np.zeros_like(case.dy), backend=backend)
    np.testing.assert_array_equal(dx, np.zeros_like(dx))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_single_dy_gives_a_row_of_the_jacobian(backend, dtype):
    """With dy = 1 in one channel the gradient is that channel's row of the Jacobian."""
    x = values((8,), dtype, seed=12, low=-1, high=0)
    row = np.eye(8).astype(dtype), np.tile(x, (8, 1)), 2, 1.5, 0.25, 0.75
    GRADIENT.assert_near(GRADIENT(*row, backend=backend), reference.jacobian(x, *row[2:]), *row)
