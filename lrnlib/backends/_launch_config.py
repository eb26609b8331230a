"""The choice of a kernel of `lrn.cu` and its launch configuration; needs no GPU."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

MAX_UNROLLED_RADIUS = 7  # up to here each radius has kernels of its own
THREADS = 256  # per block, at most: __launch_bounds__ in lrn.cu
PIXELS_PER_THREAD = 2  # as in lrn.cu
SHARED = 48 * 1024  # bytes of shared memory per block that every GPU has
MAX_GRID = 2**31 - 1, 2**16 - 1  # blocks in x and y
MAX_UNROLLED_CHANNELS = THREADS * MAX_GRID[1]  # more do not fit in the grid's second dimension


class Launch(NamedTuple):
    """A kernel by its name in C++, its launch configuration, and its size arguments."""

    name: str
    grid: tuple[int, int]
    block: tuple[int, int]
    shared: int
    sizes: tuple[np.generic, ...]


class Shape(NamedTuple):
    """All that a launch depends on besides the parameters: shape, dtype and alignment."""

    outer: int
    channels: int
    inner: int
    itemsize: int
    alignment: int  # the greatest power of two, up to 16, that divides all addresses

    @property
    def computed_itemsize(self) -> int:
        """Bytes of a value in registers and in shared memory."""
        return max(4, self.itemsize)

    def vector(self, max_bytes: int) -> int:
        """Return how many values a thread loads at once: `max_bytes` of them, or one."""
        count = max_bytes // self.itemsize
        contiguous = self.channels if self.inner == 1 else self.inner
        return count if contiguous % count == 0 and self.alignment >= max_bytes else 1


@lru_cache
def forward(shape: Shape, radius: int, template: tuple[str, int], processors: int) -> list[Launch]:
    values, power = template
    if radius <= MAX_UNROLLED_RADIUS and shape.channels <= MAX_UNROLLED_CHANNELS:
        vector = shape.vector(16)
        name = f"<{values}, {vector}, {radius}, {power}>"
        if shape.inner == 1:
            return [_channels_last("forward_channels_last" + name, shape, vector)]
        name = "forward_channels_first" + name
        return [_channels_first(name, shape, vector, radius, processors)]
    name = f"<{values}, {power}>"
    halo = radius if radius < shape.channels - 1 else 0
    return _shared("forward_shared" + name, shape, radius, halo, buffers=3) or [
        _generic("forward_generic" + name, shape, radius)
    ]


@lru_cache
def gradient(shape: Shape, radius: int, template: tuple[str, int], processors: int) -> list[Launch]:
    values, power = template
    if radius <= MAX_UNROLLED_RADIUS and shape.channels <= MAX_UNROLLED_CHANNELS:
        vector = shape.vector(16 if shape.inner == 1 else 8)
        name = f"<{values}, {vector}, {radius}, {power}>"
        if shape.inner > 1:
            name = "gradient_channels_first" + name
            return [_channels_first(name, shape, vector, radius, processors)]
        if shape.channels // vector <= THREADS:
            return [_channels_last("gradient_channels_last" + name, shape, vector, radius)]
    name = f"<{values}, {power}>"
    halo = 2 * radius if radius < shape.channels - 1 else 0
    return _shared("gradient_shared" + name, shape, radius, halo, buffers=4) or [
        _generic("terms_generic" + name, shape, radius),
        _generic("gradient_generic" + name, shape, radius),
    ]


def _channels_last(name: str, shape: Shape, vector: int, radius: int | None = None) -> Launch:
    """Launch one thread per vector of channels; with a radius, terms go to shared memory."""
    vectors = -(-shape.channels // vector)
    parts = -(-vectors // THREADS)
    width = -(-vectors // parts)
    pixels, shared = THREADS // width, 0
    if radius is not None:
        halo = -(-radius // vector) * vector
        pixel_bytes = PIXELS_PER_THREAD * (shape.channels + 2 * halo) * shape.computed_itemsize
        pixels = max(1, min(pixels, SHARED // pixel_bytes))
        shared = pixels * pixel_bytes
    grid = -(-shape.outer // (pixels * PIXELS_PER_THREAD)), parts
    sizes = np.int64(shape.outer), np.int32(shape.channels)
    return Launch(name, grid, (width, pixels), shared, sizes)


def _channels_first(name: str, shape: Shape, vector: int, radius: int, processors: int) -> Launch:
    """Launch one thread per vector of columns; cut the channels where columns are few."""
    block = THREADS // 2
    threads = shape.outer * (shape.inner // vector)
    max_chunks = max(1, processors * 1024 // threads)
    min_chunk = max(8, 4 * radius, -(-shape.channels // MAX_GRID[1]))
    chunk = max(min_chunk, -(-shape.channels // max_chunks))
    chunk = -(-chunk // 8) * 8  # the kernels read up to 8 channels at a time
    sizes = np.int64(shape.outer), np.int32(shape.channels), np.int64(shape.inner), np.int32(chunk)
    return Launch(name, (-(-threads // block), -(-shape.channels // chunk)), (block, 1), 0, sizes)


def _shared(name: str, shape: Shape, radius: int, halo: int, buffers: int) -> list[Launch]:
    """Launch tiles in shared memory; return [] if none is at least as large as its halo.

    Small tiles come first, since more of their blocks fit on a multiprocessor.
    """
    columns_in_all, images = (shape.outer, 1) if shape.inner == 1 else (shape.inner, shape.outer)
    min_chunk = min(shape.channels, halo or shape.channels)
    for shared in (SHARED // 3, SHARED):
        capacity = shared // shape.computed_itemsize // buffers
        max_columns = min(32, shape.inner)
        if shape.inner == 1:
            fitting = 2 * THREADS // (shape.channels + 2 * halo)
            max_columns = max(1, min(shape.outer, fitting))
        columns = 2 ** int(math.log2(max_columns))
        while columns > 1 and capacity // columns - 2 * halo < min_chunk:
            columns //= 2
        chunk = min(shape.channels, capacity // columns - 2 * halo)
        if chunk >= min_chunk:
            break
    if chunk < min_chunk:
        return []
    grid = images * -(-columns_in_all // columns), -(-shape.channels // chunk)
    if grid[0] > MAX_GRID[0] or grid[1] > MAX_GRID[1]:
        return []
    tile_bytes = buffers * columns * (chunk + 2 * halo) * shape.computed_itemsize
    sizes: list[np.generic] = [np.int64(n) for n in (shape.outer, shape.channels, shape.inner)]
    sizes += [np.int32(n) for n in (radius, columns, chunk)]
    return [Launch(name, grid, (THREADS, 1), tile_bytes, tuple(sizes))]


def _generic(name: str, shape: Shape, radius: int) -> Launch:
    """Launch one thread per element."""
    elements = shape.outer * shape.channels * shape.inner
    sizes = tuple(np.int64(n) for n in (shape.outer, shape.channels, shape.inner, radius))
    return Launch(name, (-(-elements // THREADS), 1), (THREADS, 1), 0, sizes)
