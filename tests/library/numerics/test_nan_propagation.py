"""A NaN, an infinity or an outlier in one channel affects only one or two windows."""

import numpy as np
import pytest

import lrnlib
from lrnlib import reference
from lrnlib.backends import _extended_range
from tests.library.oracles.exact import gradient_of
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import (
    assert_agrees,
    assert_same_bits,
    error_over_bound,
    forward_bound,
)

CHANNELS = 9
ORDINARY, TINY_BIAS = (1.5, 0.25, 0.75), (1e-310, 0.25, 0.75)  # bias, alpha, beta
CASES = [(FORWARD, False), (GRADIENT, False), (GRADIENT, True)]  # and whether dy is changed


def test_the_two_sets_of_parameters_use_both_code_paths(monkeypatch):
    """NumPy's backend uses the extended range for a tiny bias, but not for an ordinary one."""
    calls = []
    original = _extended_range.forward

    def spy(*args):
        calls.append(True)
        return original(*args)

    monkeypatch.setattr(_extended_range, "forward", spy)
    x = np.array([0.0, 1.0, 2.0])
    lrnlib.lrn(x, 1, *ORDINARY, backend="numpy")
    assert not calls
    lrnlib.lrn(x, 1, *TINY_BIAS, backend="numpy")
    assert calls


@pytest.mark.parametrize(("operation", "in_dy"), CASES)
@pytest.mark.parametrize("parameters", [ORDINARY, TINY_BIAS])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_how_far_a_value_has_an_effect(backend, dtype, axis, parameters, operation, in_dy):
    """One window, but two for x in the gradient: it is in bases, and these in windows of terms."""
    x, dy = values((2, CHANNELS, 3, CHANNELS), dtype, seed=8, low=-2, high=2)
    if operation is GRADIENT:
        x[x == 0] = 1
    x, dy = np.moveaxis(x, -1, axis), np.moveaxis(dy, -1, axis)
    others = {"axis": axis, "backend": backend}
    k = np.arange(CHANNELS)  # the value is at channel k of pixel (k, 2)
    distance = k - k[:, np.newaxis]
    for radius in (0, 1, 2, CHANNELS, (0, 2), (2, 1)):
        clean = operation(dy, x, radius, *parameters, **others)
        near = operation.reaches(distance, radius, in_dy=True)
        affected = operation.reaches(distance, radius, in_dy)
        elsewhere = np.ones(x.shape, bool)
        np.moveaxis(elsewhere, axis, -1)[:, 2] = ~affected
        for value in (np.nan, np.inf, -np.inf):
            pair = dy.copy(), x.copy()
            np.moveaxis(pair[0 if in_dy else 1], axis, -1)[k, 2, k] = value
            result = operation(*pair, radius, *parameters, **others)
            assert_same_bits(result[elsewhere], clean[elsewhere])
            pixels = np.moveaxis(result, axis, -1)[:, 2].astype(np.float64)
            assert_affected(pixels, operation, in_dy, value, distance == 0, near, affected)


def assert_affected(pixels, operation, in_dy, value, own, near, affected):
    """Fail unless a NaN gives NaN in all that it affects, and an infinity the limits."""
    if in_dy and np.isinf(value):
        assert not np.isfinite(pixels[near]).any()
    elif np.isnan(value):
        np.testing.assert_array_equal(np.isnan(pixels), affected)
    elif operation is GRADIENT:  # beside an infinite x the terms of its window are 0, its own NaN
        np.testing.assert_array_equal(np.isnan(pixels), near)
    else:  # inf / inf is NaN, x / inf is 0
        np.testing.assert_array_equal(np.isnan(pixels), own)
        assert not pixels[near & ~own].any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("beta", [0, -0.5, -1])
def test_infinity_under_other_powers(backend, dtype, beta):
    """With beta 0, inf is like any x; with beta < 0 its neighbours are inf, or NaN for 0 * inf."""
    x = np.array([0, -1, np.inf, 2, 3, 4], dtype)
    y = lrnlib.lrn(x, 2, 1, 1, beta, backend=backend)
    inf, nan = np.inf, np.nan
    expected = x[:5] if beta == 0 else [nan, -inf, inf, inf, inf]
    np.testing.assert_array_equal(y[:5].astype(np.float64), np.array(expected, np.float64))
    assert np.isfinite(y[5])


def test_alpha_0_times_infinity_is_nan(backend):
    """With alpha 0, an infinity gives 0 * inf = NaN, in its windows only."""
    y = lrnlib.lrn(np.array([np.inf, 1, 1]), 1, 1, 0, 0.5, backend=backend)
    np.testing.assert_array_equal(y, [np.nan, np.nan, 1])


def by_running_sum(x, radius, accumulate):
    """LRN with a running sum: add what enters the window and subtract what leaves."""
    squares = np.square(x.astype(accumulate))
    total, sums = squares[: radius + 1].sum(), []
    for i in range(len(x)):
        sums.append(total)
        if i + radius + 1 < len(x):
            total += squares[i + radius + 1]
        if i - radius >= 0:
            total -= squares[i - radius]
    with np.errstate(all="ignore"):
        return (x / np.sqrt(1 + np.array(sums))).astype(x.dtype)


OUTLIERS = [
    (np.float32, np.float32, 1e4),
    (np.float32, np.float64, 1e18),
    (np.float64, np.float64, 1e18),
]


@pytest.mark.parametrize(("dtype", "accumulate", "outlier"), OUTLIERS)
def test_an_outlier_leaves_when_its_window_ends(backend, dtype, accumulate, outlier):
    """An outlier in the first of 512 channels affects three results only."""
    x = np.ones(512, dtype)
    x[0] = outlier
    expected = reference.local_response_normalization(x, 2)
    assert_agrees(lrnlib.lrn(x, 2, backend=backend), expected, 5, 0.5)
    running = by_running_sum(x, 2, accumulate)
    assert_agrees(running[:1], expected[:1], 5, 0.5)
    bound = forward_bound(expected[3:500], dtype, 5, 0.5)
    assert error_over_bound(running[3:500], expected[3:500], bound) > 1000


def test_a_running_sum_is_right_where_nothing_cancels():
    """The running sum above is wrong only by cancellation: with integers it is exact."""
    x = np.arange(1.0, 40)
    expected = reference.local_response_normalization(x, 2)
    assert_agrees(by_running_sum(x, 2, np.float64), expected, 5, 0.5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_terms_beside_an_infinity_are_0(backend, dtype):
    """Between one and two radii from an infinity the gradient is its limit."""
    x, dy = values((2, CHANNELS), dtype, seed=5, low=-1, high=1)
    x[4] = np.inf
    dx = GRADIENT(dy, x, 1, *ORDINARY, backend=backend).astype(np.float64)
    x[4] = 1e9
    rows = dy.astype(np.float64).tolist(), x.astype(np.float64).tolist()
    limit, _ = gradient_of(*rows, 1, *ORDINARY)
    np.testing.assert_allclose(dx[[2, 6]], np.array(limit)[[2, 6]], rtol=1e-5)


def test_beta_0_passes_dy_on(backend):
    """With beta 0 the gradient is dy, whatever x holds."""
    x, dy = np.array([np.nan, np.inf, 1, 2]), np.array([1, np.inf, np.nan, 2])
    assert_same_bits(GRADIENT(dy, x, 1, 1, 1, 0, backend=backend), dy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_outlier_in_another_pixel_has_no_effect(operation, backend, dtype):
    """A pixel beside one of huge values is within its bound, with the same bits as alone."""
    x, dy = values((2, 3, CHANNELS), dtype, seed=4, low=-2, high=2)
    pair = dy[[0, 2]], x[[0, 2]]
    alone = operation(*pair, 2, *ORDINARY, backend=backend)
    operation.assert_agrees(alone, *pair, 2, *ORDINARY)
    for a in (x, dy):
        a[1] = np.finfo(dtype).max
        assert_same_bits(operation(dy, x, 2, *ORDINARY, backend=backend)[[0, 2]], alone)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_outlier_affects_two_radii(backend, dtype):
    """An outlier in the first of 512 channels changes no gradient beyond two radii."""
    x, dy = values((2, 512), dtype, seed=6, low=-1, high=1)
    clean = GRADIENT(dy, x, 2, backend=backend)
    x[0] = 1e18
    assert_same_bits(GRADIENT(dy, x, 2, backend=backend)[5:], clean[5:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_nan_two_radii_from_an_outlier(backend, dtype):
    """Results computed by the fallback depend on no more channels than others."""
    x, dy = values((2, 12), dtype, seed=7, low=-1, high=1)
    x[0] = 1e30 if dtype is np.float32 else 1e200
    clean = GRADIENT(dy, x, 1, *ORDINARY, backend=backend)
    x[4] = np.nan
    assert_same_bits(GRADIENT(dy, x, 1, *ORDINARY, backend=backend)[:2], clean[:2])
