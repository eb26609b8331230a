"""A NaN, an infinity or an outlier in one channel affects only its windows."""

import numpy as np
import pytest

import lrnlib
from lrnlib import reference
from lrnlib.backends import _extended_range
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import (
    assert_agrees,
    assert_same_bits,
    error_over_bound,
    forward_bound,
)

CHANNELS = 7
ORDINARY, TINY_BIAS = (1.5, 0.25, 0.75), (1e-310, 0.25, 0.75)  # bias, alpha, beta
NON_FINITE = (np.nan, np.inf, -np.inf)


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


@pytest.mark.parametrize("value", NON_FINITE)
@pytest.mark.parametrize("parameters", [ORDINARY, TINY_BIAS])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_non_finite_value_stays_in_its_windows(backend, dtype, axis, parameters, value):
    """Outside the windows that hold it every bit is unchanged, in other pixels too."""
    x = np.moveaxis(values((2, 3, CHANNELS), dtype, seed=8, low=-2, high=2), -1, axis)
    for radius in (0, 1, 2, CHANNELS):
        clean = lrnlib.lrn(x, radius, *parameters, axis=axis, backend=backend)
        for k in range(CHANNELS):
            changed = x.copy()
            np.moveaxis(changed, axis, -1)[1, 2, k] = value
            y = lrnlib.lrn(changed, radius, *parameters, axis=axis, backend=backend)
            reached = np.zeros(x.shape, bool)
            lane = np.moveaxis(reached, axis, -1)[1, 2]
            lane[max(0, k - radius) : k + radius + 1] = True
            assert_same_bits(y[~reached], clean[~reached])
            own = np.moveaxis(y, axis, -1)[1, 2]
            assert np.isnan(own[k])  # NaN, or inf / inf
            assert_reached(np.delete(own[lane], k - max(0, k - radius)), value)


def assert_reached(others, value):
    """Fail unless neighbours are NaN beside a NaN, and x / inf = 0 beside an infinity."""
    assert np.all(np.isnan(others) if np.isnan(value) else others == 0)


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
def test_an_outlier_in_another_pixel_has_no_effect(backend, dtype):
    """A pixel beside one of huge values is within its bound."""
    x = values((3, CHANNELS), dtype, seed=4, low=-2, high=2)
    x[1] = np.finfo(dtype).max
    y = lrnlib.lrn(x, 2, *ORDINARY, backend=backend)[[0, 2]]
    expected = reference.local_response_normalization(x[[0, 2]], 2, *ORDINARY)
    assert_agrees(y, expected, 5, 0.75)
