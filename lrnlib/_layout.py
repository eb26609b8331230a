"""Axes counted from the front, windows within an axis, and blocks that hold all channels."""

from __future__ import annotations  # importing does not make the types

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lrnlib._validation import check_integer

if TYPE_CHECKING:
    import numpy.typing as npt


def normalize_axis(name: str, value: object, size: int) -> int:
    """Return an axis or an index counted from the front; raise if it is out of range."""
    if size == 0:
        raise ValueError(f"{name} has nothing to choose from: that axis is empty")
    return check_integer(name, value, -size, size - 1) % size


def clip_reach(reach: tuple[int, int], channels: int) -> tuple[int, int]:
    """Return how far windows reach before and after their channel on an axis of that length."""
    return min(reach[0], channels - 1), min(reach[1], channels - 1)


def iter_blocks(x: npt.NDArray[Any], axis: int, pixels: int) -> Iterator[tuple[slice, ...]]:
    """Cut `x` into blocks of at most `pixels` pixels, each with all its channels.

    The axes with the largest strides are cut first; no block is larger than the first.
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
