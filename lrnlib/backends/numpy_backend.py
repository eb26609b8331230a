"""LRN of whole arrays in NumPy: one shifted addition per channel of the window, in float64."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]

ZERO_EXPONENT = -10_000  # the binary exponent given to 0: below every other, within int32


def forward(x: Array, p: Parameters) -> Array:
    """LRN along axis 1 of `x`, shape (outer, channels, inner), as a new array of its dtype."""
    radius = min(p.depth_radius, x.shape[1] - 1)
    with np.errstate(all="ignore"):
        v = x.astype(np.float64, order="C")
        y = v * (p.bias + p.alpha * window_sum(v * v, radius)) ** -p.beta
        outer, inner = np.nonzero(~_fits_float64(v, radius, p))
        if outer.size:
            pixels = v[outer, :, inner][..., np.newaxis]
            y[outer, :, inner] = _forward_by_exponents(pixels, radius, p)[..., 0]
        return y.astype(x.dtype)


def window_sum(squares: Array, radius: int) -> Array:
    """Sum over each channel's clipped window, added up directly: nothing is ever subtracted."""
    total = np.zeros_like(squares)
    for here, there in _shifts(squares.shape[1], radius):
        total[:, here] += squares[:, there]
    return total


def _shifts(channels: int, radius: int) -> Iterator[tuple[slice, slice]]:
    """Channels i and their neighbours i + d, as slices, for every distance d in the window."""
    for d in range(-radius, radius + 1):
        yield slice(max(0, -d), channels - max(0, d)), slice(max(0, d), channels - max(0, -d))


def _fits_float64(v: Array, radius: int, p: Parameters) -> Array:
    """The pixels in which no square, sum or power overflows, or underflows visibly.

    NaN and infinities are left out: they reach their windows either way.
    """
    size = np.abs(v)
    largest = np.max(size, axis=1, where=np.isfinite(size), initial=0.0)
    smallest = np.min(size, axis=1, where=size > 0, initial=math.inf)
    n, tiny, eps = 2 * radius + 1, np.finfo(np.float64).tiny, np.finfo(np.float64).eps
    most, least = n * largest * largest, smallest * smallest
    high, low = p.bias + p.alpha * most, p.bias or p.alpha * least
    negligible = p.bias * eps >= n * tiny * max(1.0, p.alpha)
    power = abs(p.beta) * np.maximum(np.abs(np.log2(low)), np.abs(np.log2(high)))
    fits: Array = (low >= tiny) & (power < 1022) & ((least >= tiny) | negligible)
    return fits


def _forward_by_exponents(v: Array, radius: int, p: Parameters) -> Array:
    """The same for any finite input: with s = bias + alpha·sum kept as s / 4^e and e, per element.

    e is large enough for the largest term of s, so no square overflows; a term that
    underflows beside it is too small to be seen.
    """
    m_bias, e_bias = _over_power_of_4(p.bias)
    m_alpha, e_alpha = _over_power_of_4(p.alpha)
    own = np.where(v == 0, np.int32(ZERO_EXPONENT), np.frexp(v)[1] + np.int32(e_alpha))
    e = np.full(v.shape, e_bias, np.int32)
    for here, there in _shifts(v.shape[1], radius):
        e[:, here] = np.maximum(e[:, here], own[:, there])
    s = np.zeros_like(v)
    for here, there in _shifts(v.shape[1], radius):
        s[:, here] += np.ldexp(v[:, there], e_alpha - e[:, here]) ** 2
    s = m_alpha * s + m_bias * np.ldexp(1.0, 2 * (e_bias - e))
    # Neither 4^e nor its power need be representable where the result is. So s = base * 2^left
    # is raised in four steps, between which the result gives its exponent away to `shift`.
    base, left = np.frexp(s)
    left += 2 * e
    y, shift = np.frexp(v)
    for parts in (4, 3, 2, 1):
        step = np.sign(left) * -(-np.abs(left) // parts)
        y, more = np.frexp(y * np.ldexp(base, step) ** -p.beta)
        base, left, shift = np.ones_like(base), left - step, shift + more
    return np.where((v == 0) & (s > 0) & np.isfinite(s), v, np.ldexp(y, shift))


def _over_power_of_4(value: float) -> tuple[float, int]:
    """Mantissa m, 1/4 <= m < 1, and exponent e with value = m * 4^e."""
    if value == 0:
        return 0.0, ZERO_EXPONENT
    e = -(-math.frexp(value)[1] // 2)
    return math.ldexp(value, -2 * e), e
