"""Any shape and axis seen as (outer, channels, inner)."""

import math
from numbers import Integral
from typing import Any

import numpy.typing as npt

from lrnlib._messages import got, got_type


def position(name: str, value: object, size: int) -> int:
    """An axis or an index counted from the front, or an error that says what is allowed."""
    if size == 0:
        raise ValueError(f"{name} has nothing to choose from: that axis is empty")
    allowed = f"{name} must be an integer from {-size} to {size - 1}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {got_type(value)}")
    if not -size <= int(value) < size:
        raise ValueError(f"{allowed}, {got(value)}")
    return int(value) % size


def as_outer_channels_inner(x: npt.NDArray[Any], axis: int) -> npt.NDArray[Any]:
    """View `x` as three axes, the channels in the middle; a copy only where strides force one."""
    outer, inner = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    return x.reshape(outer, x.shape[axis], inner)
