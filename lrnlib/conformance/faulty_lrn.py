"""Faulty LRNs, each with one mistake; apart from that they are right and compute in float64.

A forward one takes ``(x, p)``, one of the gradient ``(dy, x, p)``, with the channels last; both
return an array of x's dtype.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lrnlib.conformance.bounds import Array, window_sums
from lrnlib.parameters import Parameters

Forward = Callable[[Array, Parameters], Array]
Gradient = Callable[[Array, Array, Parameters], Array]


@np.errstate(all="ignore")
def normalize(x: Array, p: Parameters, sums: Array) -> Array:
    """Apply the formula to these sums of squares and round to the dtype of `x`."""
    y = x.astype(np.float64) / (p.bias + p.alpha * sums.astype(np.float64)) ** p.beta
    return y.astype(x.dtype)


@np.errstate(all="ignore")
def squares(x: Array) -> Array:
    return np.square(x.astype(np.float64))


def around(t: Array, p: Parameters) -> Array:
    """Return the sums of `t` over the right windows."""
    return window_sums(t, *p.reach)


def window(before: int, after: int) -> Forward:
    """Extend the window by so many channels on either side."""
    return lambda x, p: normalize(
        x, p, window_sums(squares(x), p.reach[0] + before, p.reach[1] + after)
    )


right = window(0, 0)


def radius(change: Callable[[int, int], int]) -> Forward:
    """Use another radius, computed from the right one and the number of channels."""
    return lambda x, p: right(x, replace(p, depth_radius=change(max(p.reach), x.shape[-1])))


def parameters(change: Callable[[Parameters, int], Any]) -> Forward:
    """Use other parameters, computed from the right ones and the number of channels."""
    return lambda x, p: right(x, change(p, x.shape[-1]))


def size(p: Parameters) -> int:
    return sum(p.reach) + 1


def identity(x: Array, p: Parameters) -> Array:
    return x.copy()


def padded(mode: Any) -> Forward:
    """Pad the edges by numpy.pad in that mode instead of clipping the windows."""

    def faulty(x: Array, p: Parameters) -> Array:
        before = p.reach[0]
        t = np.pad(squares(x), [(0, 0)] * 3 + [p.reach], mode=mode)
        return normalize(x, p, around(t, p)[..., before : before + x.shape[-1]])

    return faulty


def average(x: Array, p: Parameters) -> Array:
    channels = around(np.ones(x.shape[-1]), p)
    return normalize(x, p, around(squares(x), p) * size(p) / channels)


def shifted(x: Array, p: Parameters) -> Array:
    channels = x.shape[-1]
    n = min(size(p), channels)
    first = np.clip(np.arange(channels) - p.reach[0], 0, channels - n)
    t = squares(x)
    return normalize(x, p, np.stack([t[..., i : i + n].sum(-1) for i in first], -1))


def sums_along(axis: int, t: Array, p: Parameters) -> Array:
    return np.moveaxis(around(np.moveaxis(t, axis, -1), p), -1, axis)


def along(axis: int) -> Forward:
    """Sum along another axis."""
    return lambda x, p: normalize(x, p, sums_along(axis, squares(x), p))


def spatial(x: Array, p: Parameters) -> Array:
    return normalize(x, p, sums_along(1, sums_along(2, squares(x), p), p))


def over_the_batch(x: Array, p: Parameters) -> Array:
    sums = around(squares(x), p)
    sums[..., x.shape[0] :] = 0
    return normalize(x, p, sums)


def first_kept(x: Array, p: Parameters) -> Array:
    t = squares(x)
    sums = around(t, p)
    sums[..., p.reach[0] + 1 :] += t[..., :1]
    return normalize(x, p, sums)


def square_of_the_sum(x: Array, p: Parameters) -> Array:
    return normalize(x, p, np.square(around(x.astype(np.float64), p)))


@np.errstate(all="ignore")
def bias_outside(x: Array, p: Parameters) -> Array:
    y: Array = x.astype(np.float64) / (p.bias + (p.alpha * around(squares(x), p)) ** p.beta)
    return y.astype(x.dtype)


@np.errstate(all="ignore")
def in_place(x: Array, p: Parameters) -> Array:
    y = x.astype(np.float64)
    for i in range(x.shape[-1]):
        near = y[..., max(0, i - p.reach[0]) : i + p.reach[1] + 1]
        y[..., i] /= (p.bias + p.alpha * np.square(near).sum(-1)) ** p.beta
    return y.astype(x.dtype)


@np.errstate(all="ignore")
def running(x: Array, p: Parameters) -> Array:
    """Slide the sum, in the dtype of `x`: add what enters and subtract what leaves."""
    (before, after), channels = p.reach, x.shape[-1]
    t = np.square(x)
    sums, s = np.empty_like(x), t[..., :after].sum(-1, dtype=x.dtype)
    for i in range(channels):
        if i + after < channels:
            s = s + t[..., i + after]
        if i - before - 1 >= 0:
            s = s - t[..., i - before - 1]
        sums[..., i] = s
    return normalize(x, p, sums)


def running_beyond_384(x: Array, p: Parameters) -> Array:
    switches = x.shape[-1] > 384 and p.beta in (0.5, 1)
    return running(x, p) if switches else right(x, p)


@np.errstate(all="ignore")
def prefix(x: Array, p: Parameters) -> Array:
    """Subtract two sums from the first channel on, in the dtype of `x`."""
    channels = np.arange(x.shape[-1])
    t = np.cumsum(np.square(x), axis=-1, dtype=x.dtype)
    t = np.concatenate([np.zeros_like(t[..., :1]), t], axis=-1)
    last = np.minimum(channels + p.reach[1] + 1, x.shape[-1])
    return normalize(x, p, t[..., last] - t[..., np.maximum(channels - p.reach[0], 0)])


@np.errstate(all="ignore")
def band(x: Array, p: Parameters) -> Array:
    channels = np.arange(x.shape[-1])
    distance = channels[:, None] - channels
    near = (-p.reach[0] <= distance) & (distance <= p.reach[1])
    return normalize(x, p, squares(x) @ near.astype(np.float64))


def zeros_for_nans(x: Array, p: Parameters) -> Array:
    return normalize(x, p, around(np.nan_to_num(squares(x), posinf=np.inf), p))


def squares_in(dtype: Any) -> Forward:
    """Compute squares and sums in a dtype; None means that of `x`."""

    @np.errstate(all="ignore")
    def faulty(x: Array, p: Parameters) -> Array:
        return normalize(x, p, around(np.square(x.astype(dtype or x.dtype)), p))

    return faulty


@np.errstate(all="ignore")
def rounded_first(x: Array, p: Parameters) -> Array:
    return right(x.astype(np.float32), p).astype(x.dtype)


def truncated(x: Array, p: Parameters) -> Array:
    if x.dtype != "bfloat16":
        return right(x, p)
    y = right(x.astype(np.float32), p)
    return (y.view(np.uint32) >> 16).astype(np.uint16).view(x.dtype)


def parameters_rounded(x: Array, p: Parameters) -> Array:
    bias, alpha, beta = (float(np.asarray(n).astype(x.dtype)) for n in (p.bias, p.alpha, p.beta))
    return right(x, Parameters(p.depth_radius, bias, alpha, beta))


@np.errstate(all="ignore")
def by_the_largest(x: Array, p: Parameters) -> Array:
    """Scale by the pixel's largest value against overflow; it is 0 where all values are."""
    largest = np.abs(x.astype(np.float64)).max(axis=-1, keepdims=True)
    return normalize(x, p, around(squares(x / largest), p) * largest**2)


def zero_guarded(x: Array, p: Parameters) -> Array:
    y = right(x, p)
    y[x == 0] = 0
    return y


@np.errstate(all="ignore")
def half_sums(x: Array, p: Parameters) -> Array:
    return normalize(x, p, around(np.square(x.astype(np.float32)).astype(x.dtype), p))


@np.errstate(all="ignore")
def with_epsilon(x: Array, p: Parameters) -> Array:
    s = p.bias + p.alpha * around(squares(x), p)
    y: Array = x.astype(np.float64) / np.maximum(s, 1e-12) ** p.beta
    return y.astype(x.dtype)


def gradient(
    first: float = 1, second: float = 2, base: str = "neighbours", power: float = 1,
    factor: Callable[[Parameters], float] = lambda p: p.alpha * p.beta,
    extent: Callable[[tuple[int, int]], tuple[int, int]] = lambda reach: reach[::-1],
) -> Gradient:  # fmt: skip
    """Return the gradient with one of its parts replaced; with the defaults it is right."""

    @np.errstate(all="ignore")
    def faulty(dy: Array, x: Array, p: Parameters) -> Array:
        a = x.astype(np.float64)
        s = p.bias + p.alpha * around(a * a, p)
        share = dy * a * (s ** -(p.beta + power) if base == "neighbours" else 1)
        sums = window_sums(share, *extent(p.reach))
        if base == "own":
            sums = sums * s ** -(p.beta + power)
        dx = first * dy * s**-p.beta - second * factor(p) * a * sums
        return np.asarray(dx.astype(x.dtype))

    return faulty


def nan_everywhere(dy: Array, x: Array, p: Parameters) -> Array:
    dx = gradient()(dy, x, p)
    return np.where(np.isnan(dx).any(axis=-1, keepdims=True), np.asarray(np.nan, x.dtype), dx)


def in_float32(dy: Array, x: Array, p: Parameters) -> Array:
    return gradient()(dy.astype(np.float32), x.astype(np.float32), p).astype(x.dtype)


@np.errstate(all="ignore")
def gradient_by_quotient(dy: Array, x: Array, p: Parameters) -> Array:
    """Recover the powers as y / x, as cuda-convnet does; where x is 0 that is 0 / 0."""
    y = right(x, p).astype(np.float64)
    power = y / x
    s = power ** (-1 / p.beta)
    sums = window_sums(dy * y / s, *p.reach[::-1])
    return np.asarray((dy * power - 2 * p.alpha * p.beta * x * sums).astype(x.dtype))


def gradient_running(dy: Array, x: Array, p: Parameters) -> Array:
    """Sum the shares by a running sum, in float32."""
    (before, after), channels = p.reach, x.shape[-1]
    s = p.bias + p.alpha * around(squares(x), p)
    share = (dy * x * s ** -(p.beta + 1)).astype(x.dtype)
    start = np.cumsum(np.pad(share, [(0, 0)] * 3 + [(after + 1, before)]), axis=-1, dtype=x.dtype)
    sums = start[..., size(p) :] - start[..., :channels]
    return np.asarray((dy * s**-p.beta - 2 * p.alpha * p.beta * x * sums).astype(x.dtype))
