"""LRN exactly as defined: plain loops in float64. The oracle of all tests; never optimised."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters


def local_response_normalization(
    x: npt.ArrayLike,
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
) -> npt.NDArray[Any]:
    """Return LRN of `x` along `axis` in float64, one window at a time."""
    before, after = Parameters(depth_radius).reach
    a = np.moveaxis(np.array(x, dtype=np.float64), axis, -1)
    b = np.empty_like(a)
    channels = a.shape[-1]
    with np.errstate(all="ignore"):
        for pixel in np.ndindex(a.shape[:-1]):
            for i in range(channels):
                first = max(0, i - before)
                last = min(channels - 1, i + after)
                window_sum = 0.0
                for j in range(first, last + 1):
                    window_sum += a[(*pixel, j)] ** 2
                s = bias + alpha * window_sum
                b[(*pixel, i)] = a[(*pixel, i)] / s**beta
    return np.moveaxis(b, -1, axis)


def jacobian(
    x: npt.ArrayLike,
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> npt.NDArray[Any]:
    """Return the derivative of each of one pixel's results by each of its channels.

    Row i, column j: of y[i] = x[i] * s[i]**-beta by x[j].
    """
    before, after = Parameters(depth_radius).reach
    a = np.array(x, dtype=np.float64)
    channels = len(a)
    d = np.zeros((channels, channels))
    with np.errstate(all="ignore"):
        for i in range(channels):
            window = range(max(0, i - before), min(channels, i + after + 1))
            s = bias
            for j in window:
                s += alpha * a[j] ** 2
            for j in window:
                d[i, j] = -2 * alpha * beta * a[i] * a[j] * s ** (-beta - 1)
            d[i, i] += s**-beta
    return d


def local_response_normalization_grad(
    dy: npt.ArrayLike,
    x: npt.ArrayLike,
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
) -> npt.NDArray[Any]:
    """Return the gradient by `x` in float64: one pixel's Jacobian at a time, from the left."""
    a = np.moveaxis(np.array(x, dtype=np.float64), axis, -1)
    da = np.moveaxis(np.array(dy, dtype=np.float64), axis, -1)
    dx = np.empty_like(a)
    for pixel in np.ndindex(a.shape[:-1]):
        dx[pixel] = da[pixel] @ jacobian(a[pixel], depth_radius, bias, alpha, beta)
    return np.moveaxis(dx, -1, axis)
