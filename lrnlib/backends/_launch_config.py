"""The choice of a kernel of `lrn.cu` and its launch configuration; needs no GPU."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

MAX_UNROLLED_RADIUS = 7  # up to here each radius has kernels of its own
THREADS = 256  # per block, at most: __launch_bounds__ in lrn.cu
WARP = 32  # threads that take each instruction together
PIXELS_PER_THREAD = 2  # as in lrn.cu
SHARED = 48 * 1024  # bytes of shared memory per block that every GPU has
MAX_GRID = 2**31 - 1, 2**16 - 1  # blocks in x and y
MAX_UNROLLED_CHANNELS = THREADS * MAX_GRID[1]  # more do not fit in the grid's second dimension

Reach = tuple[int, int]  # channels of a window before and after its own, less than the axis has
Template = tuple[str, int]  # the template arguments T and P


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
def forward(shape: Shape, reach: Reach, template: Template, processors: int) -> list[Launch]:
    narrow = _unrolled(shape, reach, template, processors, gradient=False)
    return narrow or _wide(shape, reach, template, "false", "FORWARD")


@lru_cache
def gradient(shape: Shape, reach: Reach, template: Template, processors: int) -> list[Launch]:
    narrow = _unrolled(shape, reach, template, processors, gradient=True)
    return narrow or _wide(shape, reach, template, "true", "TERMS", "GRADIENT")


def _unrolled(
    shape: Shape, reach: Reach, template: Template, processors: int, gradient: bool
) -> list[Launch]:
    """Launch a kernel for this radius; return [] if there is none for such a shape."""
    radius, after = reach
    if radius != after or radius > MAX_UNROLLED_RADIUS or shape.channels > MAX_UNROLLED_CHANNELS:
        return []
    values, power = template
    vector = shape.vector(8 if gradient and shape.inner > 1 else 16)
    name = f"<{values}, {vector}, {radius}, {power}, {str(gradient).lower()}>"
    if shape.inner == 1:
        if not gradient:
            return [_channels_last("channels_last" + name, shape, vector)]
        if shape.channels // vector <= THREADS:
            return [_channels_last("channels_last" + name, shape, vector, radius)]
    elif shape.inner * shape.itemsize < 2**32:  # the kernel has the pitch in 32 bits
        return [_channels_first("channels_first" + name, shape, vector, radius, processors)]
    return []


def _wide(
    shape: Shape, reach: Reach, template: Template, gradient: str, *parts: str
) -> list[Launch]:
    """Launch a reduction if windows hold all channels, else for each part a loop over windows."""
    values, power = template
    sizes = [np.int64(n) for n in (shape.channels, shape.inner)]
    if min(reach) >= shape.channels - 1:
        lanes = min(WARP, 2 ** (shape.channels - 1).bit_length())
        block, pixels = (THREADS // lanes, lanes), shape.outer * shape.inner
        grid, name = (-(-pixels // block[0]), 1), f"all_channels<{values}, {power}, {gradient}>"
        shared = THREADS * shape.computed_itemsize
        return [Launch(name, grid, block, shared, (np.int64(pixels), *sizes))]
    blocks = -(-shape.outer * shape.channels * shape.inner // THREADS)
    arguments = (np.int64(shape.outer), *sizes, *map(np.int64, reach))
    return [
        Launch(f"any_window<{values}, {power}, {part}>", (blocks, 1), (THREADS, 1), 0, arguments)
        for part in parts
    ]


def _channels_last(name: str, shape: Shape, vector: int, radius: int | None = None) -> Launch:
    """Launch one thread per vector of channels; with a radius, terms go to shared memory."""
    vectors = -(-shape.channels // vector)
    parts = -(-vectors // THREADS)
    width = -(-vectors // parts)
    pixels, pixel_bytes = THREADS // width, 0
    if radius is not None:
        halo = -(-radius // vector) * vector
        pixel_bytes = PIXELS_PER_THREAD * (shape.channels + 2 * halo) * shape.computed_itemsize
        pixels = max(1, min(pixels, SHARED // pixel_bytes))
    pixels = max(range(1, pixels + 1), key=lambda count: (_share_of_warps(width * count), count))
    grid = -(-shape.outer // (pixels * PIXELS_PER_THREAD)), parts
    sizes = np.int64(shape.outer), np.int32(shape.channels)
    return Launch(name, grid, (width, pixels), pixels * pixel_bytes, sizes)


def _share_of_warps(threads: int) -> float:
    """Return which part of the warps of a block has work: 1 for a multiple of 32 threads."""
    return threads / (-(-threads // WARP) * WARP)


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
