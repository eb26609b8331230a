"""A NaN or an infinity affects the gradient only within one or two radii."""

import numpy as np
import pytest

from tests.library.oracles.exact import gradient_of
from tests.library.oracles.gradients import grad
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_same_bits

CHANNELS = 9
ORDINARY, TINY_BIAS = (1.5, 0.25, 0.75), (1e-310, 0.25, 0.75)  # bias, alpha, beta
NON_FINITE = (np.nan, np.inf, -np.inf)
RADII = (0, 1, 2, CHANNELS)


def within(channels, k, distance):
    return np.abs(np.arange(channels) - k) <= distance


def with_value(a, axis, k, value):
    """Return a copy with one value of one pixel replaced."""
    a = a.copy()
    np.moveaxis(a, axis, -1)[1, 2, k] = value
    return a


def pixel(a, axis):
    return np.moveaxis(a, axis, -1)[1, 2].astype(np.float64)


def pair(dtype, axis):
    x, dy = values((2, 2, 3, CHANNELS), dtype, seed=8, low=-2, high=2)
    x[x == 0] = 1
    return np.moveaxis(x, -1, axis), np.moveaxis(dy, -1, axis)


def assert_same_elsewhere(dx, clean, axis, near):
    """Fail unless every bit is unchanged except in the channels `near` of the one pixel."""
    elsewhere = np.ones(dx.shape, bool)
    np.moveaxis(elsewhere, axis, -1)[1, 2] = ~near
    assert_same_bits(dx[elsewhere], clean[elsewhere])


@pytest.mark.parametrize("value", NON_FINITE)
@pytest.mark.parametrize("in_dy", [False, True])
@pytest.mark.parametrize("parameters", [ORDINARY, TINY_BIAS])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_x_affects_two_radii_and_dy_one(backend, dtype, axis, parameters, in_dy, value):
    """x is in the bases of its window, and each base in a window's terms; dy is in no base."""
    x, dy = pair(dtype, axis)
    for radius in RADII:
        clean = grad(dy, x, radius, *parameters, axis=axis, backend=backend)
        for k in range(CHANNELS):
            changed = with_value(dy if in_dy else x, axis, k, value)
            inputs = (changed, x) if in_dy else (dy, changed)
            dx = grad(*inputs, radius, *parameters, axis=axis, backend=backend)
            near = within(CHANNELS, k, radius)
            affected = near if in_dy else within(CHANNELS, k, 2 * radius)
            assert_same_elsewhere(dx, clean, axis, affected)
            result = pixel(dx, axis)
            if in_dy and np.isinf(value):
                assert not np.isfinite(result[near]).any()
            else:  # beside an infinite x the terms of its window are 0, except its own, NaN
                nan = near if np.isinf(value) else affected
                np.testing.assert_array_equal(np.isnan(result), nan)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_terms_beside_an_infinity_are_0(backend, dtype):
    """Between one and two radii from an infinity the gradient is its limit."""
    x, dy = values((2, CHANNELS), dtype, seed=5, low=-1, high=1)
    x[4] = np.inf
    dx = grad(dy, x, 1, 1.5, 0.25, 0.75, backend=backend).astype(np.float64)
    x[4] = 1e9
    rows = dy.astype(np.float64).tolist(), x.astype(np.float64).tolist()
    limit, _ = gradient_of(*rows, 1, 1.5, 0.25, 0.75)
    np.testing.assert_allclose(dx[[2, 6]], np.array(limit)[[2, 6]], rtol=1e-5)


def test_beta_0_passes_dy_on(backend):
    """With beta 0 the gradient is dy, whatever x holds."""
    x, dy = np.array([np.nan, np.inf, 1, 2]), np.array([1, np.inf, np.nan, 2])
    assert_same_bits(grad(dy, x, 1, 1, 1, 0, backend=backend), dy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_outlier_in_another_pixel_has_no_effect(backend, dtype):
    """A pixel beside one of huge values has the same bits as alone."""
    x, dy = values((2, 3, CHANNELS), dtype, seed=4, low=-2, high=2)
    alone = grad(dy[[0, 2]], x[[0, 2]], 2, *ORDINARY, backend=backend)
    for a in (x, dy):
        a[1] = np.finfo(dtype).max
        assert_same_bits(grad(dy, x, 2, *ORDINARY, backend=backend)[[0, 2]], alone)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_outlier_affects_two_radii(backend, dtype):
    """An outlier in the first of 512 channels changes no gradient beyond two radii."""
    x, dy = values((2, 512), dtype, seed=6, low=-1, high=1)
    clean = grad(dy, x, 2, backend=backend)
    x[0] = 1e18
    assert_same_bits(grad(dy, x, 2, backend=backend)[5:], clean[5:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nan_two_radii_from_an_outlier(backend, dtype):
    """Results computed by the fallback depend on no more channels than others."""
    x, dy = values((2, 12), dtype, seed=7, low=-1, high=1)
    x[0] = 1e30 if dtype is np.float32 else 1e200
    clean = grad(dy, x, 1, *ORDINARY, backend=backend)
    x[4] = np.nan
    assert_same_bits(grad(dy, x, 1, *ORDINARY, backend=backend)[:2], clean[:2])
