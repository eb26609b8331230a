"""Where the channels lie: axes as positions, and boxes that hold every channel of their pixels."""

from __future__ import annotations  # importing does not make the types

import itertools
from collections.abc import Iterator
from numbers import Integral
from typing import TYPE_CHECKING, Any

from lrnlib._validation import got, got_type

if TYPE_CHECKING:
    import numpy.typing as npt


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


def boxes(x: npt.NDArray[Any], axis: int, pixels: int) -> Iterator[tuple[slice, ...]]:
    """Cut `x` into boxes of at most `pixels` pixels, each with all its channels.

    They are cut along the axes that are widest in memory; none is larger than the first.
    """
    steps = list(x.shape)
    for k in sorted(range(x.ndim), key=lambda k: abs(x.strides[k])):
        if k != axis:
            cuts = -(-x.shape[k] // max(1, min(x.shape[k], pixels)))
            steps[k] = -(-x.shape[k] // cuts)
            pixels //= steps[k]
    starts = (range(0, size, step) for size, step in zip(x.shape, steps, strict=True))
    for corner in itertools.product(*starts):
        yield tuple(slice(a, a + step) for a, step in zip(corner, steps, strict=True))
