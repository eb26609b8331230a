"""Arrays of half types converted to float32 and back, compiled by Numba.

Numba has no bfloat16, and no arithmetic for float16 on a CPU; NumPy converts one number at a time.
These are operations on int32, which vectorize. They round to even, and keep NaN, infinity and
subnormals. float16 comes as int16 of the same bits, bfloat16 as uint16.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[Any]

SCALE = np.float32(2.0**112)  # from float16's exponents, put into a float32, to float32's
ROUNDER = np.float32(0.5)  # its last bit is float16's smallest number
INFINITY, NAN = 0x7F800000, 0x7FC00000  # of float32

jit = njit(nogil=True, cache=True, error_model="numpy")


def widen(half: Array, values: Array) -> None:
    """Convert an array of a half type to float32."""
    stored, (convert, _) = _conversions(half.dtype)
    convert(np.ascontiguousarray(half).reshape(-1).view(stored), values.reshape(-1))


def narrow(values: Array, half: Array) -> None:
    """Round an array of float32 to a half type."""
    stored, (_, convert) = _conversions(half.dtype)
    rounded = half if half.flags.c_contiguous else np.empty(half.shape, half.dtype)
    convert(values.reshape(-1), rounded.reshape(-1).view(stored))
    if rounded is not half:
        half[...] = rounded


@jit
def _widen_float16(stored, values):
    for t in range(len(stored)):
        bits = np.int32(stored[t])
        rest = np.int32(np.int32(bits & np.int32(0x7FFF)) << np.int32(13))
        finite = np.float32(rest.view(np.float32) * SCALE).view(np.int32)
        other = np.int32(rest | np.int32(INFINITY))
        size = finite if rest < np.int32(0x7C00 << 13) else other
        sign = np.int32(np.int32(bits & np.int32(-0x8000)) << np.int32(16))
        values[t] = np.int32(sign | size).view(np.float32)


@jit
def _narrow_float16(values, stored):
    for t in range(len(values)):
        bits = np.float32(values[t]).view(np.int32)
        rest = np.int32(bits & np.int32(0x7FFFFFFF))
        odd = np.int32(np.int32(rest >> np.int32(13)) & np.int32(1))
        normal = np.int32(np.int32(rest - np.int32((112 << 23) - 0xFFF)) + odd)
        rounded = np.float32(rest.view(np.float32) + ROUNDER).view(np.int32)
        subnormal = np.int32(rounded - np.int32(126 << 23))
        finite = subnormal if rest < np.int32(113 << 23) else np.int32(normal >> np.int32(13))
        other = np.int32(0x7C00) if rest <= np.int32(INFINITY) else np.int32(0x7E00)
        size = finite if rest < np.int32(143 << 23) else other
        sign = np.int32(np.int32(bits >> np.int32(16)) & np.int32(-0x8000))
        stored[t] = np.int16(np.int32(sign | size))


@jit
def _widen_bfloat16(stored, values):
    for t in range(len(stored)):
        values[t] = np.int32(np.int32(stored[t]) << np.int32(16)).view(np.float32)


@jit
def _narrow_bfloat16(values, stored):
    for t in range(len(values)):
        bits = np.float32(values[t]).view(np.int32)
        odd = np.int32(np.int32(bits >> np.int32(16)) & np.int32(1))
        rounded = np.int32(np.int32(bits + np.int32(0x7FFF)) + odd)
        kept = rounded if values[t] == values[t] else np.int32(NAN)
        stored[t] = np.uint16(np.int32(kept >> np.int32(16)))


CONVERSIONS: dict[str, tuple[Any, tuple[Callable[..., None], Callable[..., None]]]] = {
    "float16": (np.int16, (_widen_float16, _narrow_float16)),
    "bfloat16": (np.uint16, (_widen_bfloat16, _narrow_bfloat16)),
}


@cache
def _conversions(
    dtype: np.dtype[Any],
) -> tuple[Any, tuple[Callable[..., None], Callable[..., None]]]:
    return CONVERSIONS[dtype.name]  # a name that takes NumPy a microsecond
