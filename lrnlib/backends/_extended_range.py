"""LRN of any finite float64: every number a mantissa and an exponent that cannot overflow.

The slow path. A backend computes in its own dtype and comes here for the pixels in which a
square, a sum or a power would leave that dtype's range.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Wide = tuple[Array, Array]  # m and e for m * 2^e, with 1/2 <= |m| < 1, or m is 0, inf or NaN

ZERO = -100_000  # the exponent of 0: below that of every other number


def limits(p: Parameters, dtype: npt.DTypeLike) -> tuple[float, float]:
    """Between which bases, bias + alpha * sum, `dtype` computes LRN and its gradient right.

    There the base, its power, their quotients by each other and the window's squares are far
    from the ends of the dtype's range. (inf, 0) if the parameters leave no such base.
    """
    span = 2.0 ** (reach(dtype) / max(1.0, abs(p.beta)))
    widest = 2.0 ** (reach(dtype) * 2 / 3)
    if p.alpha and not 1 / widest <= p.alpha <= widest:
        return math.inf, 0.0
    if p.bias and not 1 / span <= p.bias <= span:
        return math.inf, 0.0
    return 1 / span, span


def scaled_limits(dtype: npt.DTypeLike) -> tuple[float, float]:
    """Between which sizes, 0 aside, `dtype` goes on from dy / base^beta without loss."""
    return 2.0 ** (-reach(dtype) * 7 / 6), 2.0 ** reach(dtype)


def reach(dtype: npt.DTypeLike) -> float:
    """A binary exponent of which two, and a margin, fit the range of `dtype`: 60 for float32."""
    return int(np.finfo(dtype).maxexp) * 15 / 32


def numbers(p: Parameters, dtype: np.dtype[Any]) -> dict[str, Any]:
    """What compiled code computes with, in `dtype`: limits, and -beta in two parts.

    The first part has 12 bits in float32, so that its product with an exponent is exact.
    """
    beta = math.copysign(min(abs(p.beta), 10_000.0), p.beta)
    first = beta
    if dtype == np.float32:
        mantissa, exponent = math.frexp(beta)
        first = math.ldexp(round(math.ldexp(mantissa, 12)), exponent - 12)
    low, high = limits(p, dtype)
    small, large = scaled_limits(dtype)
    exact = dict(
        power_high=-first,
        power_low=first - beta,
        low=low,
        high=high,
        small=small,
        large=large,
        twice_beta=2 * beta,
        tiny=float(np.finfo(dtype).tiny),
        alpha=p.alpha,
        bias=p.bias,
    )
    with np.errstate(over="ignore", under="ignore"):  # then the limits leave no base in range
        return {name: dtype.type(value) for name, value in exact.items()}


def forward(x: Array, radius: int, p: Parameters) -> Array:
    """LRN along axis 1 of `x`, shape (pixels, channels), in float64."""
    with np.errstate(all="ignore"):
        v = _extended(x.astype(np.float64))
        return _narrow(_times(v, _power(_base(v, radius, p), -p.beta)))


def gradient(dy: Array, x: Array, radius: int, p: Parameters) -> Array:
    """The gradient of LRN along axis 1 of `x`, shape (pixels, channels), in float64."""
    with np.errstate(all="ignore"):
        v = _extended(x.astype(np.float64))
        m, e = s = _base(v, radius, p)
        scaled = _times(_extended(dy.astype(np.float64)), _power(s, -p.beta))
        weighted = _window_sum(_times(scaled, _times(v, (1 / m, -e))), radius)
        factor = _times(_extended(-2 * p.beta), _extended(p.alpha))
        return _narrow(_plus(scaled, _times(factor, _times(v, weighted))))


def reached(bad: Array, radius: int) -> Array:
    """The channels of axis 1 whose window holds one that is `bad`."""
    near = np.zeros_like(bad)
    for here, there in _shifts(bad.shape[1], radius):
        near[:, here] |= bad[:, there]
    return near


def _base(v: Wide, radius: int, p: Parameters) -> Wide:
    return _plus(_extended(p.bias), _times(_extended(p.alpha), _window_sum(_times(v, v), radius)))


def _extended(number: Array | float, e: Array | int = 0) -> Wide:
    m, more = np.frexp(number)
    return m, np.where(m == 0, ZERO, e + more)


def _narrow(number: Wide) -> Array:
    m, e = number
    result: Array = np.ldexp(m, np.clip(e, -10_000, 10_000))
    return result


def _times(a: Wide, b: Wide) -> Wide:
    return _extended(a[0] * b[0], a[1] + b[1])


def _plus(a: Wide, b: Wide) -> Wide:
    top = np.maximum(a[1], b[1])
    return _extended(_narrow((a[0], a[1] - top)) + _narrow((b[0], b[1] - top)), top)


def _window_sum(a: Wide, radius: int) -> Wide:
    """What underflows beside the largest term of its window is too small to be seen."""
    m, e = a
    top, total = e.copy(), np.zeros_like(m)
    for here, there in _shifts(m.shape[1], radius):
        np.maximum(top[:, here], e[:, there], out=top[:, here])
    for here, there in _shifts(m.shape[1], radius):
        total[:, here] += _narrow((m[:, there], e[:, there] - top[:, here]))
    return _extended(total, top)


def _shifts(channels: int, radius: int) -> Iterator[tuple[slice, slice]]:
    """Channels i and their neighbours i + d, as slices, for every distance d in the window."""
    for d in range(-radius, radius + 1):
        yield slice(max(0, -d), channels - max(0, d)), slice(max(0, d), channels - max(0, -d))


def _power(a: Wide, exponent: float) -> Wide:
    """a^exponent. The product of both exponents is split, so that its fraction has all digits."""
    m, e = a
    exponent = math.copysign(min(abs(exponent), 10_000.0), exponent)
    high = float(np.float32(exponent))
    whole = np.rint(high * e)  # exact: 24 bits times 17
    fraction = (high * e - whole) + (exponent - high) * e
    return _extended(m**exponent * np.exp2(fraction), whole.astype(np.int64))
