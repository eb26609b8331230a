"""The CUDA kernels with windows that reach further to one side than to the other."""

import numpy as np
import pytest

import lrnlib
from tests.backends_under_test import BACKENDS, needs_fake_gpu
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_agrees, assert_within, gradient_bound

if "cupy" not in BACKENDS:
    pytest.skip("neither a GPU nor a C++ compiler to run the kernels", allow_module_level=True)

from tests.library.fake_gpu import host_kernels

CHANNELS = 13
REACHES = [(0, 1), (1, 0), (2, 1), (1, 2), (0, 12), (7, 3), (3, 40)]  # 40: beyond the axis
ORDINARY = 1.5, 0.25, 0.75  # bias, alpha, beta


def holds(reach, channels):
    """Return a matrix: whether the window of channel i, a row, holds channel j, a column."""
    before, after = reach
    distance = np.arange(channels) - np.arange(channels)[:, np.newaxis]
    return (-before <= distance) & (distance <= after)


def window_sums(a, window):
    """Return the sum over each window, along the last axis."""
    return np.where(window, a[..., np.newaxis, :], 0).sum(axis=-1)


def expected(dy, x, reach, bias, alpha, beta):
    """Return y, dx and the sum of dx's absolute terms, along the last axis, in long double.

    Each channel's term goes to all channels of its window: the gradient's window is mirrored.
    """
    window = holds(reach, x.shape[-1])
    x, dy = x.astype(np.longdouble), dy.astype(np.longdouble)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = bias + alpha * window_sums(x**2, window)
        y, direct = x / s**beta, dy / s**beta
        terms = alpha * x / s * direct
        dx = direct - 2 * beta * x * window_sums(terms, window.T)
    size = abs(direct) + 2 * abs(beta * x) * window_sums(abs(terms), window.T)
    return y, dx, size


def on_the_gpu(dy, x, reach, parameters, axis):
    """Return y and dx, computed along `axis`, with the channels last."""
    dy, x = (np.ascontiguousarray(np.moveaxis(a, -1, axis)) for a in (dy, x))
    options = dict(axis=axis, backend="cupy")
    y = lrnlib.lrn(x, reach, *parameters, **options)
    dx = lrnlib.local_response_normalization_grad(dy, x, reach, *parameters, **options)
    return np.moveaxis(y, axis, -1), np.moveaxis(dx, axis, -1)


def assert_right(dy, x, reach, parameters, axis):
    """Fail unless y and dx are within their bounds."""
    beta, terms = parameters[2], min(sum(reach) + 1, x.shape[-1])
    y, dx = on_the_gpu(dy, x, reach, parameters, axis)
    right_y, right_dx, size = (a.astype(np.float64) for a in expected(dy, x, reach, *parameters))
    assert_agrees(y, right_y, terms, beta)
    assert_within(dx, right_dx, gradient_bound(size, x, x.dtype, terms, beta))


@pytest.mark.parametrize("beta", [0.5, 0.6, 0.75, 1.0])
@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_uneven_windows(dtype, axis, reach, beta):
    """Forward and gradient, channels last and first."""
    x, dy = (values((3, 5, CHANNELS), dtype, seed, low=-1, high=1) for seed in (1, 2))
    assert_right(dy, x, reach, (1.5, 0.25, beta), axis)


@pytest.mark.parametrize("reach", [(2, 1), (9, 40), (0, 5)])
@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_out_of_range(dtype, axis, reach):
    """Squares that overflow or underflow are computed again, with the same windows."""
    x, dy = (values((4, 3, CHANNELS), dtype, seed, low=-1, high=1) for seed in (3, 4))
    huge = 2.0 ** (100 if dtype is np.float32 else 900)
    x[0] *= huge
    x[1, :, 4] = huge
    x[2, :, ::5] = huge
    for parameters in (ORDINARY, (0, 1, 0.5)):
        x[3] = values((3, CHANNELS), dtype, 5, low=-1, high=1)
        if parameters[0] == 0:
            x[3] = np.where(x[3] == 0, 1, x[3]) / huge
        assert_right(dy, x, reach, parameters, axis)


@pytest.mark.parametrize("reach", [*REACHES, (40, 1)])
@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_nan_stays_in_its_windows(dtype, axis, reach):
    """A NaN in x is in the bases of its windows, and these are in the windows of the gradient."""
    x, dy = (values((CHANNELS, 2, CHANNELS), dtype, seed, low=-1, high=1) for seed in (6, 7))
    x[x == 0] = 1
    window = holds(reach, CHANNELS)
    affected = [window.T, window.T.astype(int) @ window > 0]
    clean = on_the_gpu(dy, x, reach, ORDINARY, axis)
    k = np.arange(CHANNELS)
    x[k, 0, k] = np.nan
    changed = on_the_gpu(dy, x, reach, ORDINARY, axis)
    for result, before, where in zip(changed, clean, affected, strict=True):
        np.testing.assert_array_equal(np.isnan(result[:, 0]), where)
        np.testing.assert_array_equal(result[:, 0][~where], before[:, 0][~where])
        np.testing.assert_array_equal(result[:, 1], before[:, 1])


@needs_fake_gpu
@pytest.mark.parametrize("reach", [(1, 2), (4, 1), (2, 40)])
@pytest.mark.parametrize("axis", [-1, 1])
def test_windows_of_zeros_with_bias_0(axis, reach):
    """They are NaN, the gradient wherever one of them has a term; nothing is recomputed."""
    x, dy = (values((40, 3, CHANNELS), np.float32, seed, low=-1, high=1) for seed in (8, 9))
    x[:, :, 3:10] = 0
    x[::2, :, 3:] = 0
    counts = host_kernels.library("float").count_extended_numbers
    before = counts()
    results = on_the_gpu(dy, x, reach, (0, 1, 0.75), axis)
    assert counts() == before
    empty = window_sums(abs(x), holds(reach, CHANNELS)) == 0
    assert empty.any()
    assert not empty.all()
    np.testing.assert_array_equal(np.isnan(results[0]), empty)
    in_windows = window_sums(empty.astype(int), holds(reach, CHANNELS).T) > 0
    np.testing.assert_array_equal(np.isnan(results[1]), in_windows)


def test_which_kernels_are_launched(monkeypatch):
    """Equal sides, also after both are cut to the axis, take the kernels of such windows."""
    from lrnlib.backends import cupy_backend

    launched, get = [], cupy_backend._kernel
    monkeypatch.setattr(cupy_backend, "_kernel", lambda *a: launched.append(a[0]) or get(*a))
    for reach in ((3, 3), (3, 2), (20, 10**20), (12, 11)):
        lrnlib.lrn(np.ones((2, CHANNELS), np.float32), reach, backend="cupy")
    kernels = [name.partition("<")[0] for name in launched]
    assert kernels == ["channels_last", "any_window", "all_channels", "any_window"]
