"""LRN on a GPU: which of the kernels of `lrn.cu` computes an array, and its launch."""

import math
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import cupy
import numpy as np

from lrnlib.backends import _wide
from lrnlib.parameters import Parameters

Array = Any  # cupy.ndarray, which has no types
Numbers = np.ndarray[Any, Any]

TYPES = {"bfloat16": "Bfloat16", "float16": "Half", "float32": "float", "float64": "double"}
POWERS = {0.5: 2, 0.75: 3, 1.0: 4}  # beta to the template argument P; 0 is any other
UNROLLED = 7  # the largest radius with kernels of its own
THREADS = 256  # of a block; the kernels are compiled for no more
ROWS = 2  # pixels of a thread, as in lrn.cu
SHARED = 48 * 1024  # bytes of shared memory that a block may have on every GPU
MOST_CHANNELS = 2**24  # for more, the loop over the window
MOST_BLOCKS = 2**16 - 1  # of a grid, in y
OLDEST = 7, 0  # compute capability


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


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which shares no memory with `x`."""
    _run(_forward_launches, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which shares no memory with `x` or `dy`."""
    _run(_gradient_launches, (x, dy), axis, p, out)


def _run(
    plan: Callable[..., list[Launch]],
    inputs: tuple[Array, ...],
    axis: int,
    p: Parameters,
    out: Array,
) -> None:
    """Launch on the device and the current stream; nothing waits for the result."""
    if not out.size:
        return
    _check_device(out.device.id)
    inputs = tuple(map(cupy.ascontiguousarray, inputs))  # a raw kernel knows no strides
    result = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    addresses = [array.data.ptr for array in (*inputs, result)]
    shape = Shape(
        math.prod(out.shape[:axis]),
        out.shape[axis],
        math.prod(out.shape[axis + 1 :]),
        out.dtype.itemsize,
        math.gcd(16, *addresses),
    )
    radius = min(p.depth_radius, shape.channels - 1)
    template = TYPES[out.dtype.name], POWERS.get(p.beta, 0)
    launches = plan(shape, radius, template, _processors(out.device.id))
    numbers = _numbers(p, np.dtype(f"f{shape.computed}"))
    arrays = [*inputs, result]
    if len(launches) > 1:  # the first one writes what the second one reads
        arrays.insert(-1, cupy.empty(out.shape, f"f{shape.computed}"))
    for launch in launches:
        given = arrays[: len(arrays) - (launch is not launches[-1])]
        kernel = _kernel(launch.name, out.device.id)
        args = (*given, *launch.sizes, numbers)
        kernel(launch.grid, launch.block, args, shared_mem=launch.shared)
    if result is not out:
        out[...] = result


def _numbers(p: Parameters, dtype: np.dtype[Any]) -> Numbers:
    """The struct Numbers of lrn.cu."""
    beta = math.copysign(min(abs(p.beta), 10_000.0), p.beta)
    high = beta
    if dtype == np.float32:
        mantissa, exponent = math.frexp(beta)
        high = math.ldexp(round(math.ldexp(mantissa, 12)), exponent - 12)
    low_base, high_base = _wide.limits(p, dtype)
    small, large = _wide.scaled_limits(dtype)
    tiny = float(np.finfo(dtype).tiny) if p.alpha else 0.0
    exact = dict(exact_bias=p.bias, exact_alpha=p.alpha, exact_beta=p.beta)
    computed = dict(
        bias=p.bias,
        alpha=p.alpha,
        twice_beta=2 * p.beta,
        low=low_base,
        high=high_base,
        small=small,
        large=large,
        tiny=tiny,
        power_high=-high,
        power_low=high - beta,
    )
    fields = [(name, "f8") for name in exact] + [(name, dtype.str) for name in computed]
    struct = np.zeros(1, np.dtype(fields, align=True))
    with np.errstate(over="ignore", under="ignore"):  # then the limits leave no base in range
        for name, value in (exact | computed).items():
            struct[name] = value
    return struct


def _forward_launches(
    shape: Shape, radius: int, template: tuple[str, int], processors: int
) -> list[Launch]:
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


def _gradient_launches(
    shape: Shape, radius: int, template: tuple[str, int], processors: int
) -> list[Launch]:
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
    pixels = THREADS // width
    shared = 0
    if radius is not None:
        halo = -(-radius // vector) * vector
        shared = pixels * ROWS * (shape.channels + 2 * halo) * shape.computed
        while shared > SHARED:
            shared //= pixels
            pixels -= 1
            shared *= pixels
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
    least = max(8, 4 * radius, -(-shape.channels // MOST_BLOCKS))
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
    """Tiles of shared memory, or nothing if they cannot hold a window worth its halo."""
    capacity = SHARED // shape.computed // buffers
    most = min(32, shape.inner)
    if shape.inner == 1:
        most = max(1, min(shape.outer, 2 * THREADS // (shape.channels + 2 * halo)))
    columns = 2 ** int(math.log2(most))
    least = min(shape.channels, halo or shape.channels)
    while columns > 1 and capacity // columns - 2 * halo < least:
        columns //= 2
    chunk = min(shape.channels, capacity // columns - 2 * halo)
    if chunk < least or shape.channels > chunk * MOST_BLOCKS:
        return []
    across, images = (shape.outer, 1) if shape.inner == 1 else (shape.inner, shape.outer)
    return [
        Launch(
            name,
            (images * -(-across // columns), -(-shape.channels // chunk)),
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


@cache
def _source() -> str:
    return files("lrnlib.backends").joinpath("lrn.cu").read_text(encoding="utf-8")


@cache
def _kernel(name: str, device: int) -> Callable[..., None]:
    """The compiled kernel, which CuPy also keeps on disk; on the device that is current."""
    module = cupy.RawModule(code=_source(), options=("-std=c++17",), name_expressions=(name,))
    kernel: Callable[..., None] = module.get_function(name)
    return kernel


@cache
def _processors(device: int) -> int:
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return count


@cache
def _check_device(device: int) -> None:
    found = cupy.cuda.Device(device).compute_capability  # "90" is 9.0
    if (int(found[:-1]), int(found[-1])) < OLDEST:
        raise RuntimeError(
            f"CuPy arrays need a GPU of compute capability {OLDEST[0]}.{OLDEST[1]} or higher, "
            f"device {device} has {found[:-1]}.{found[-1]}; use NumPy arrays instead"
        )
