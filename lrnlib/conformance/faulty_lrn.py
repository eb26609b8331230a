"""What the wrong LRNs compute, each with one mistake.

A forward one takes ``(x, p)``, one of the gradient ``(dy, x, p)``, with the channels last; both
return an array of x's type. All but their mistake is right: they compute in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.conformance.bounds import window_sums as sums
from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]


def divided(x: Array, p: Parameters, total: Array) -> Array:
    """The formula over these sums of squares, rounded to the type of `x`."""
    with np.errstate(all="ignore"):
        y = x.astype(np.float64) / (p.bias + p.alpha * total.astype(np.float64)) ** p.beta
        return y.astype(x.dtype)


def squares(x: Array) -> Array:
    """In float64."""
    with np.errstate(all="ignore"):
        return np.square(x.astype(np.float64))


def window(before: int, after: int) -> Callable[[Array, Parameters], Array]:
    """A window that reaches so many channels further on either side."""

    def wrong(x: Array, p: Parameters) -> Array:
        lo, hi = p.depth_radius + before, p.depth_radius + after
        return divided(x, p, sums(squares(x), lo, hi))

    return wrong


def radius(
    of: Callable[[int, int], int],
) -> Callable[[Array, Parameters], Array]:
    """Another radius, of the right one and of the channels."""

    def wrong(x: Array, p: Parameters) -> Array:
        r = of(p.depth_radius, x.shape[-1])
        return divided(x, p, sums(squares(x), r, r))

    return wrong


def parameters(of: Callable[[Parameters, int], Any]) -> Callable[[Array, Parameters], Array]:
    """Other parameters, of the right ones and of the channels."""
    right = window(0, 0)
    return lambda x, p: right(x, of(p, x.shape[-1]))


def size(p: Parameters) -> int:
    return 2 * p.depth_radius + 1


def identity(x: Array, p: Parameters) -> Array:
    return x.copy()


def padded(mode: Any) -> Callable[[Array, Parameters], Array]:
    """Edges filled by numpy.pad in that mode instead of clipped."""

    def wrong(x: Array, p: Parameters) -> Array:
        r = p.depth_radius
        t = np.pad(squares(x), [(0, 0)] * 3 + [(r, r)], mode=mode)
        return divided(x, p, sums(t, r, r)[..., r : r + x.shape[-1]])

    return wrong


def average(x: Array, p: Parameters) -> Array:
    there = sums(np.ones(x.shape), p.depth_radius, p.depth_radius)
    return divided(x, p, sums(squares(x), p.depth_radius, p.depth_radius) * size(p) / there)


def shifted(x: Array, p: Parameters) -> Array:
    channels = x.shape[-1]
    n = min(size(p), channels)
    first = np.clip(np.arange(channels) - p.depth_radius, 0, channels - n)
    t = squares(x)
    return divided(x, p, np.stack([t[..., i : i + n].sum(-1) for i in first], -1))


def along(axis: int) -> Callable[[Array, Parameters], Array]:
    """A window along another axis."""

    def wrong(x: Array, p: Parameters) -> Array:
        t = np.moveaxis(squares(x), axis, -1)
        total = sums(t, p.depth_radius, p.depth_radius)
        return divided(x, p, np.moveaxis(total, -1, axis))

    return wrong


def spatial(x: Array, p: Parameters) -> Array:
    total = squares(x)
    for axis in (1, 2):
        r = p.depth_radius
        total = np.moveaxis(sums(np.moveaxis(total, axis, -1), r, r), -1, axis)
    return divided(x, p, total)


def over_the_batch(x: Array, p: Parameters) -> Array:
    total = sums(squares(x), p.depth_radius, p.depth_radius)
    total[..., x.shape[0] :] = 0
    return divided(x, p, total)


def first_kept(x: Array, p: Parameters) -> Array:
    t, r = squares(x), p.depth_radius
    total = sums(t, r, r)
    total[..., r + 1 :] += t[..., :1]
    return divided(x, p, total)


def square_of_the_sum(x: Array, p: Parameters) -> Array:
    total = sums(x.astype(np.float64), p.depth_radius, p.depth_radius)
    return divided(x, p, np.square(total))


def bias_outside(x: Array, p: Parameters) -> Array:
    total = sums(squares(x), p.depth_radius, p.depth_radius)
    with np.errstate(all="ignore"):
        y: Array = x.astype(np.float64) / (p.bias + (p.alpha * total) ** p.beta)
    return y.astype(x.dtype)


def in_place(x: Array, p: Parameters) -> Array:
    y = x.astype(np.float64)
    for i in range(x.shape[-1]):
        near = y[..., max(0, i - p.depth_radius) : i + p.depth_radius + 1]
        with np.errstate(all="ignore"):
            y[..., i] /= (p.bias + p.alpha * np.square(near).sum(-1)) ** p.beta
    return y.astype(x.dtype)


def running(x: Array, p: Parameters) -> Array:
    """In the type of `x`: what enters is added and what leaves is subtracted."""
    r, channels = p.depth_radius, x.shape[-1]
    with np.errstate(all="ignore"):
        t = np.square(x)
        total, s = np.empty_like(x), t[..., :r].sum(-1, dtype=x.dtype)
        for i in range(channels):
            if i + r < channels:
                s = s + t[..., i + r]
            if i - r - 1 >= 0:
                s = s - t[..., i - r - 1]
            total[..., i] = s
    return divided(x, p, total)


def running_beyond_384(x: Array, p: Parameters) -> Array:
    switches = x.shape[-1] > 384 and p.beta in (0.5, 1)
    return running(x, p) if switches else window(0, 0)(x, p)


def prefix(x: Array, p: Parameters) -> Array:
    """In the type of `x`: the difference of two sums from the first channel on."""
    channels = np.arange(x.shape[-1])
    with np.errstate(all="ignore"):
        t = np.cumsum(np.square(x), axis=-1, dtype=x.dtype)
        t = np.concatenate([np.zeros_like(t[..., :1]), t], axis=-1)
        last = np.minimum(channels + p.depth_radius + 1, x.shape[-1])
        return divided(x, p, t[..., last] - t[..., np.maximum(channels - p.depth_radius, 0)])


def band(x: Array, p: Parameters) -> Array:
    channels = np.arange(x.shape[-1])
    near = np.abs(channels[:, None] - channels) <= p.depth_radius
    with np.errstate(all="ignore"):
        return divided(x, p, squares(x) @ near.astype(np.float64))


def zeros_for_nans(x: Array, p: Parameters) -> Array:
    return divided(x, p, sums(np.nan_to_num(squares(x), posinf=np.inf), *[p.depth_radius] * 2))


def squares_in(dtype: Any) -> Callable[[Array, Parameters], Array]:
    """Squares and sums in a type; None means that of `x`."""

    def wrong(x: Array, p: Parameters) -> Array:
        with np.errstate(all="ignore"):
            t = np.square(x.astype(dtype or x.dtype))
            return divided(x, p, sums(t, p.depth_radius, p.depth_radius))

    return wrong


def rounded_first(x: Array, p: Parameters) -> Array:
    with np.errstate(all="ignore"):
        return window(0, 0)(x.astype(np.float32), p).astype(x.dtype)


def cut_off(x: Array, p: Parameters) -> Array:
    if x.dtype != "bfloat16":
        return window(0, 0)(x, p)
    y = window(0, 0)(x.astype(np.float32), p)
    return (y.view(np.uint32) >> 16).astype(np.uint16).view(x.dtype)


def parameters_rounded(x: Array, p: Parameters) -> Array:
    def rounded(number: float) -> float:
        return float(np.asarray(number).astype(x.dtype))

    alike = Parameters(p.depth_radius, rounded(p.bias), rounded(p.alpha), rounded(p.beta))
    return window(0, 0)(x, alike)


def by_the_largest(x: Array, p: Parameters) -> Array:
    """Scaled by the pixel's largest against overflow, which is 0 where all are."""
    with np.errstate(all="ignore"):
        largest = np.abs(x.astype(np.float64)).max(axis=-1, keepdims=True)
        total = sums(squares(x / largest), p.depth_radius, p.depth_radius) * largest**2
        return divided(x, p, total)


def nan_everywhere(dy: Array, x: Array, p: Parameters) -> Array:
    dx = gradient()(dy, x, p)
    return np.where(np.isnan(dx).any(axis=-1, keepdims=True), np.asarray(np.nan, x.dtype), dx)


def in_float32(dy: Array, x: Array, p: Parameters) -> Array:
    dx = gradient()(dy.astype(np.float32), x.astype(np.float32), p)
    return dx.astype(x.dtype)


def zero_guarded(x: Array, p: Parameters) -> Array:
    y = window(0, 0)(x, p)
    y[x == 0] = 0
    return y


def half_sums(x: Array, p: Parameters) -> Array:
    with np.errstate(all="ignore"):
        t = np.square(x.astype(np.float32)).astype(x.dtype)
        return divided(x, p, sums(t, p.depth_radius, p.depth_radius))


def with_epsilon(x: Array, p: Parameters) -> Array:
    total = p.alpha * sums(squares(x), p.depth_radius, p.depth_radius)
    with np.errstate(all="ignore"):
        y: Array = x.astype(np.float64) / np.maximum(p.bias + total, 1e-12) ** p.beta
    return y.astype(x.dtype)


def gradient(
    first: float = 1, second: float = 2, base: str = "theirs", reach: int | None = None,
    power: float = 1, factor: Callable[[Parameters], float] = lambda p: p.alpha * p.beta,
) -> Callable[[Array, Array, Parameters], Array]:  # fmt: skip
    """The gradient with one of its parts replaced; with the defaults it is right."""

    def wrong(dy: Array, x: Array, p: Parameters) -> Array:
        a, r = x.astype(np.float64), p.depth_radius
        with np.errstate(all="ignore"):
            s = p.bias + p.alpha * sums(a * a, r, r)
            share = dy * a * (s ** -(p.beta + power) if base == "theirs" else 1)
            near = r if reach is None else reach
            total = sums(share, near, near)
            if base == "own":
                total = total * s ** -(p.beta + power)
            dx = first * dy * s**-p.beta - second * factor(p) * a * total
            return np.asarray(dx.astype(x.dtype))

    return wrong


def gradient_by_quotient(dy: Array, x: Array, p: Parameters) -> Array:
    """Powers taken from y / x, as cuda-convnet recovers them: nothing where x is 0."""
    y = window(0, 0)(x, p).astype(np.float64)
    with np.errstate(all="ignore"):
        power = y / x
        s = power ** (-1 / p.beta)
        total = sums(dy * y / s, p.depth_radius, p.depth_radius)
        return np.asarray((dy * power - 2 * p.alpha * p.beta * x * total).astype(x.dtype))


def gradient_running(dy: Array, x: Array, p: Parameters) -> Array:
    """The sum of the shares as a running one, in float32."""
    r, channels = p.depth_radius, x.shape[-1]
    s = p.bias + p.alpha * sums(squares(x), r, r)
    share = (dy * x * s ** -(p.beta + 1)).astype(x.dtype)
    start = np.cumsum(np.pad(share, [(0, 0)] * 3 + [(r + 1, r)]), axis=-1, dtype=x.dtype)
    total = start[..., 2 * r + 1 :] - start[..., :channels]
    return np.asarray((dy * s**-p.beta - 2 * p.alpha * p.beta * x * total).astype(x.dtype))
