"""Which kernel of `lrn.cu` computes an array on a GPU, and its launch; no GPU is asked."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

UNROLLED = 7  # the largest radius with kernels of its own
THREADS = 256  # of a block; the kernels are compiled for no more
ROWS = 2  # pixels of a thread, as in lrn.cu
SHARED = 48 * 1024  # bytes of shared memory that a block may have on every GPU
MOST_BLOCKS = 2**31 - 1, 2**16 - 1  # of a grid, in x and y
MOST_CHANNELS = THREADS * MOST_BLOCKS[1]  # for more, the loop over the window


class Launch(NamedTuple):
    """A kernel, by its name in C++, and what its launch takes beside arrays and numbers."""

    name: str
    grid: tuple[int, int]
    block: tuple[int, int]
    shared: int
    sizes: tuple[np.generic, ...]


class Shape(NamedTuple):
    """An array as (outer, channels, inner), and what else a launch depends on."""

    outer: int
    channels: int
    inner: int
    itemsize: int
    alignment: int  # the greatest power of two, up to 16, that divides all addresses

    @property
    def computed(self) -> int:
        """Bytes of a number in registers and in shared memory."""
        return max(4, self.itemsize)

    def vector(self, most: int) -> int:
        """How many neighbours are loaded at once: `most` bytes of them, or one."""
        count = most // self.itemsize
        side_by_side = self.channels if self.inner == 1 else self.inner
        return count if side_by_side % count == 0 and self.alignment >= most else 1


@lru_cache
def forward(shape: Shape, radius: int, template: tuple[str, int], processors: int) -> list[Launch]:
    values, power = template
    if radius <= UNROLLED and shape.channels <= MOST_CHANNELS:
        vector = shape.vector(16)
        name = f"<{values}, {vector}, {radius}, {power}>"
        if shape.inner == 1:
            return [_last("forward_last" + name, shape, vector)]
        return [_first("forward_first" + name, shape, vector, radius, processors)]
    name = f"<{values}, {power}>"
    halo = radius if radius < shape.channels - 1 else 0
    return _wide_window("forward_wide" + name, shape, radius, halo, buffers=3) or [
        _any("forward_any" + name, shape, radius)
    ]


@lru_cache
def gradient(shape: Shape, radius: int, template: tuple[str, int], processors: int) -> list[Launch]:
    values, power = template
    if radius <= UNROLLED and shape.channels <= MOST_CHANNELS:
        vector = shape.vector(16 if shape.inner == 1 else 8)
        name = f"<{values}, {vector}, {radius}, {power}>"
        if shape.inner > 1:
            return [_first("gradient_first" + name, shape, vector, radius, processors)]
        if shape.channels // vector <= THREADS:
            return [_last("gradient_last" + name, shape, vector, radius)]
    name = f"<{values}, {power}>"
    halo = 2 * radius if radius < shape.channels - 1 else 0
    return _wide_window("gradient_wide" + name, shape, radius, halo, buffers=4) or [
        _any("terms_any" + name, shape, radius),
        _any("gradient_any" + name, shape, radius),
    ]


def _last(name: str, shape: Shape, vector: int, radius: int | None = None) -> Launch:
    """Blocks of pixels, a vector of each to a thread; with a radius, they share their terms."""
    vectors = -(-shape.channels // vector)
    parts = -(-vectors // THREADS)
    width = -(-vectors // parts)
    pixels, shared = THREADS // width, 0
    if radius is not None:
        halo = -(-radius // vector) * vector
        each = ROWS * (shape.channels + 2 * halo) * shape.computed
        pixels = max(1, min(pixels, SHARED // each))
        shared = pixels * each
    return Launch(
        name,
        (-(-shape.outer // (pixels * ROWS)), parts),
        (width, pixels),
        shared,
        (np.int64(shape.outer), np.int32(shape.channels)),
    )


def _first(name: str, shape: Shape, vector: int, radius: int, processors: int) -> Launch:
    """Threads of some columns; the channels are cut where there are too few columns."""
    block = THREADS // 2
    threads = shape.outer * (shape.inner // vector)
    wanted = max(1, processors * 1024 // threads)
    least = max(8, 4 * radius, -(-shape.channels // MOST_BLOCKS[1]))
    chunk = max(least, -(-shape.channels // wanted))
    chunk = -(-chunk // 8) * 8  # whole steps of a walk
    return Launch(
        name,
        (-(-threads // block), -(-shape.channels // chunk)),
        (block, 1),
        0,
        (
            np.int64(shape.outer),
            np.int32(shape.channels),
            np.int64(shape.inner),
            np.int32(chunk),
        ),
    )


def _wide_window(name: str, shape: Shape, radius: int, halo: int, buffers: int) -> list[Launch]:
    """Tiles of shared memory, or nothing if they cannot hold a window worth its halo.

    Small tiles first: more blocks of them have room on a processor.
    """
    across, images = (shape.outer, 1) if shape.inner == 1 else (shape.inner, shape.outer)
    least = min(shape.channels, halo or shape.channels)
    for shared in (SHARED // 3, SHARED):
        capacity = shared // shape.computed // buffers
        most = min(32, shape.inner)
        if shape.inner == 1:
            most = max(1, min(shape.outer, 2 * THREADS // (shape.channels + 2 * halo)))
        columns = 2 ** int(math.log2(most))
        while columns > 1 and capacity // columns - 2 * halo < least:
            columns //= 2
        chunk = min(shape.channels, capacity // columns - 2 * halo)
        if chunk >= least:
            break
    if chunk < least:
        return []
    grid = images * -(-across // columns), -(-shape.channels // chunk)
    if grid[0] > MOST_BLOCKS[0] or grid[1] > MOST_BLOCKS[1]:
        return []
    return [
        Launch(
            name,
            grid,
            (THREADS, 1),
            buffers * columns * (chunk + 2 * halo) * shape.computed,
            (
                *map(np.int64, (shape.outer, shape.channels, shape.inner)),
                *map(np.int32, (radius, columns, chunk)),
            ),
        )
    ]


def _any(name: str, shape: Shape, radius: int) -> Launch:
    """A thread an element."""
    elements = shape.outer * shape.channels * shape.inner
    sizes = (*map(np.int64, (shape.outer, shape.channels, shape.inner, radius)),)
    return Launch(name, (-(-elements // THREADS), 1), (THREADS, 1), 0, sizes)
