"""The fallback for values whose squares, sums or powers overflow or underflow in float64.

A number is a mantissa and an integer exponent, which cannot overflow. The backends compute in
their own dtype and call `recompute` for the few pixels that leave its range.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._layout import clip_reach, iter_blocks
from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Reach = tuple[int, int]  # channels before and after a window's own
Extended = tuple[Array, Array]  # m and e for m * 2^e, with 1/2 <= |m| < 1, or m is 0, inf or NaN

ZERO_EXPONENT = -100_000  # less than the exponent of any other number
MAX_BETA = 10_000.0  # beta is clipped, so that its products with exponents do not overflow
SEARCH_BATCH = 2**12  # values looked at together
RECOMPUTE_BATCH = 2**10  # values computed together, which needs more memory


def base_limits(p: Parameters, dtype: npt.DTypeLike) -> tuple[float, float]:
    """Return the smallest and the largest base for which `dtype` is accurate.

    Between them the base, its power, their quotients and the squares in the window are far from
    the ends of the dtype's range. (inf, 0) if there is no such base with these parameters.
    """
    exponent = exponent_limit(dtype)
    max_base = 2.0 ** (exponent / max(1.0, abs(p.beta)))
    max_alpha = 2.0 ** (exponent * 2 / 3)
    if p.alpha and not 1 / max_alpha <= p.alpha <= max_alpha:
        return math.inf, 0.0
    if p.bias and not 1 / max_base <= p.bias <= max_base:
        return math.inf, 0.0
    return 1 / max_base, max_base


def scaled_limits(dtype: npt.DTypeLike) -> tuple[float, float]:
    """Return the limits of |dy / base^beta|, except 0, for which `dtype` is accurate."""
    return 2.0 ** (-exponent_limit(dtype) * 7 / 6), 2.0 ** exponent_limit(dtype)


def exponent_limit(dtype: npt.DTypeLike) -> float:
    """Return E such that 2^(2E) stays in the range of `dtype`, with a margin: 60 for float32."""
    return int(np.finfo(dtype).maxexp) * 15 / 32


def kernel_constants(p: Parameters, dtype: np.dtype[Any]) -> dict[str, Any]:
    """Return the parameters and limits that compiled kernels need, in `dtype`.

    -beta is split in two. In float32 the first part has 12 bits, so that its product with a
    binary exponent is exact.
    """
    beta = clipped(p.beta)
    high = beta
    if dtype == np.float32:
        mantissa, exponent = math.frexp(beta)
        high = math.ldexp(round(math.ldexp(mantissa, 12)), exponent - 12)
    min_base, max_base = base_limits(p, dtype)
    min_scaled, max_scaled = scaled_limits(dtype)
    constants = dict(
        bias=p.bias,
        alpha=p.alpha,
        twice_beta=2 * beta,
        min_base=min_base,
        max_base=max_base,
        min_scaled=min_scaled,
        max_scaled=max_scaled,
        min_normal=float(np.finfo(dtype).tiny),
        minus_beta_high=-high,
        minus_beta_low=high - beta,
    )
    with np.errstate(over="ignore", under="ignore"):  # the limits then exclude every base
        return {name: dtype.type(value) for name, value in constants.items()}


def clipped(beta: float) -> float:
    """Return beta between -MAX_BETA and MAX_BETA."""
    return math.copysign(min(abs(beta), MAX_BETA), beta)


def recompute(y: Array, inputs: tuple[Array, ...], axis: int, p: Parameters) -> None:
    """Replace the results in `y` that depend on a value out of the range of their dtype.

    The inputs are x, or x and dy for the gradient, and share no memory with `y`.
    """
    channels, dtype = y.shape[axis], np.dtype(np.float64 if y.itemsize == 8 else np.float32)
    exact: Callable[..., Array] = forward if len(inputs) == 1 else gradient
    find_mask: Callable[..., Array] = _base_mask if len(inputs) == 1 else _gradient_mask
    step, reach = max(1, RECOMPUTE_BATCH // channels), clip_reach(p.reach, channels)
    for block in iter_blocks(y, axis, SEARCH_BATCH // channels):
        results = np.moveaxis(y[block], axis, -1)[np.newaxis]
        moved = (np.moveaxis(a[block], axis, -1) for a in inputs)
        rows = [a.reshape(-1, channels).astype(np.float64) for a in moved]
        with np.errstate(all="ignore"):
            mask = find_mask(*rows, reach, p, dtype)
            pixels = np.flatnonzero(mask.any(axis=1))
            for k in range(0, len(pixels), step):
                chosen = pixels[k : k + step]
                at = np.unravel_index(chosen, results.shape[:-1])
                values = exact(*(row[chosen] for row in rows), reach, p)
                results[at] = np.where(mask[chosen], values, results[at])


def _base_mask(x: Array, reach: Reach, p: Parameters, dtype: np.dtype[Any]) -> Array:
    """Mark the bases that are out of range, but not windows of zeros where bias is 0."""
    min_base, max_base = base_limits(p, dtype)
    base = _plain_base(x, reach, p)
    mask: Array = ~((min_base <= base) & (base <= max_base))
    if p.alpha == 0:  # 0 times a sum of squares that overflows in `dtype` is NaN there
        mask |= dilate(abs(x) >= 2.0 ** exponent_limit(dtype), reach)
    return mask & dilate(x != 0, reach) if p.bias == 0 else mask


def _gradient_mask(x: Array, dy: Array, reach: Reach, p: Parameters, dtype: np.dtype[Any]) -> Array:
    """Mark each gradient whose sum holds a base, dy / s^beta or alpha * x / s out of range."""
    min_scaled, max_scaled = scaled_limits(dtype)
    base = _plain_base(x, reach, p)
    scaled, ratio = abs(dy * base ** -clipped(p.beta)), abs(p.alpha * x / base)
    mask = (scaled > max_scaled) | ((scaled < min_scaled) & (scaled > 0))
    mask |= (ratio < np.finfo(dtype).tiny) & (x != 0) & (p.alpha > 0)
    if p.bias == 0:
        mask &= dilate(x != 0, reach)
    return dilate(mask | _base_mask(x, reach, p, dtype), reach[::-1])


def _plain_base(x: Array, reach: Reach, p: Parameters) -> Array:
    """Return the base in float64; where it leaves that range, it is no number in any range."""
    total = np.zeros_like(x)
    for here, there in _window_slices(x.shape[1], reach):
        total[:, here] += x[:, there] ** 2
    base: Array = p.bias + p.alpha * total
    return base


def forward(x: Array, reach: Reach, p: Parameters) -> Array:
    """Return LRN along axis 1 of `x`, shape (pixels, channels), in float64."""
    with np.errstate(all="ignore"):
        v = _to_extended(x.astype(np.float64))
        return _to_float(_multiply(v, _power(_base(v, reach, p), -p.beta)))


def gradient(x: Array, dy: Array, reach: Reach, p: Parameters) -> Array:
    """Return the gradient of LRN along axis 1 of `x`, shape (pixels, channels), in float64."""
    with np.errstate(all="ignore"):
        v = _to_extended(x.astype(np.float64))
        m, e = s = _base(v, reach, p)
        scaled = _multiply(_to_extended(dy.astype(np.float64)), _power(s, -p.beta))
        sums = _window_sum(_multiply(scaled, _multiply(v, (1 / m, -e))), reach[::-1])
        factor = _multiply(_to_extended(-2 * p.beta), _to_extended(p.alpha))
        return _to_float(_add(scaled, _multiply(factor, _multiply(v, sums))))


def dilate(mask: Array, reach: Reach) -> Array:
    """Mark the channels of axis 1 whose window holds a marked one."""
    dilated = np.zeros_like(mask)
    for here, there in _window_slices(mask.shape[1], reach):
        dilated[:, here] |= mask[:, there]
    return dilated


def _base(v: Extended, reach: Reach, p: Parameters) -> Extended:
    scaled_sum = _multiply(_to_extended(p.alpha), _window_sum(_multiply(v, v), reach))
    return _add(_to_extended(p.bias), scaled_sum)


def _to_extended(number: Array | float, e: Array | int = 0) -> Extended:
    m, more = np.frexp(number)
    return m, np.where(m == 0, ZERO_EXPONENT, e + more)


def _to_float(number: Extended) -> Array:
    m, e = number
    result: Array = np.ldexp(m, np.clip(e, -10_000, 10_000))
    return result


def _multiply(a: Extended, b: Extended) -> Extended:
    return _to_extended(a[0] * b[0], a[1] + b[1])


def _add(a: Extended, b: Extended) -> Extended:
    top = np.maximum(a[1], b[1])
    return _to_extended(_to_float((a[0], a[1] - top)) + _to_float((b[0], b[1] - top)), top)


def _window_sum(a: Extended, reach: Reach) -> Extended:
    """Return window sums relative to the largest term; what underflows beside it is negligible."""
    m, e = a
    top, total = e.copy(), np.zeros_like(m)
    for here, there in _window_slices(m.shape[1], reach):
        np.maximum(top[:, here], e[:, there], out=top[:, here])
    for here, there in _window_slices(m.shape[1], reach):
        total[:, here] += _to_float((m[:, there], e[:, there] - top[:, here]))
    return _to_extended(total, top)


def _window_slices(channels: int, reach: Reach) -> Iterator[tuple[slice, slice]]:
    """Yield slices of channels i and of their neighbours i + d, for each d in the window."""
    for d in range(-reach[0], reach[1] + 1):
        yield slice(max(0, -d), channels - max(0, d)), slice(max(0, d), channels - max(0, -d))


def _power(a: Extended, exponent: float) -> Extended:
    """Return a^exponent. exponent * e is split so that its fraction keeps all digits."""
    m, e = a
    exponent = clipped(exponent)
    high = float(np.float32(exponent))
    integer = np.rint(high * e)  # the product is exact: 24 bits times 17
    fraction = (high * e - integer) + (exponent - high) * e
    return _to_extended(m**exponent * np.exp2(fraction), integer.astype(np.int64))
