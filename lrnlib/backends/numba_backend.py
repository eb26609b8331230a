"""LRN as one pass over the array, compiled by Numba and shared among threads."""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._layout import iter_blocks
from lrnlib.backends import _extended_range, _threads
from lrnlib.parameters import Parameters

try:
    from lrnlib.backends import _numba_kernels as kernels
except ModuleNotFoundError as error:
    raise ImportError(
        "backend='numba' needs Numba, which is not installed: pip install numba"
    ) from error

Array = npt.NDArray[Any]
Plan = tuple[Callable[..., None], int, tuple[int, ...]]  # kernel, number of tasks, their shape

BUFFERS = 7 * 2**16  # bytes of the buffers of one thread, so that they fit into its cache
MAX_UNROLLED_RADIUS = 5  # up to here each radius has kernels of its own
MAX_ROW = 2**11  # pixels with at most so many contiguous channels need no tiles
ROW_BATCH = 384  # channels per batch of shorter pixels
MAX_TILE = 512  # columns; longer runs are not read faster
MIN_PER_THREAD = 2**16  # elements, since a thread takes about 100 microseconds to start


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which may be `x` itself."""
    _run(_forward_plan, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which may be `x` or `dy` itself."""
    _run(_gradient_plan, (x, dy), axis, p, out)


def _run(
    plan: Callable[..., Plan], arrays: tuple[Array, ...], axis: int, p: Parameters, out: Array
) -> None:
    """Share the work among threads; arrays that the kernels cannot read are copied in blocks."""
    threads = max(1, min(_threads.available(), out.size // MIN_PER_THREAD))
    if not out.size:
        return
    dtype = np.dtype(np.float64 if out.dtype.itemsize == 8 else np.float32)
    channels = out.shape[axis]
    radius = min(p.depth_radius, channels - 1)
    arguments = _kernel_arguments(p, radius, dtype)
    if all(array.dtype == dtype and array.flags.carray for array in (*arrays, out)):
        kernel, tasks, shape = plan(out.shape, axis, radius, BUFFERS // dtype.itemsize)
        flat = [array.reshape(-1) for array in (*arrays, out)]
        cuts = [tasks * k // threads for k in range(threads + 1)]
        _threads.run([partial(kernel, *flat, a, b, shape, *arguments) for a, b in pairwise(cuts)])
        return

    elements = BUFFERS // 2 // dtype.itemsize

    def work(todo: list[tuple[slice, ...]]) -> None:
        for block in todo:
            copies = [array[block].astype(dtype, order="C") for array in arrays]
            kernel, tasks, shape = plan(copies[0].shape, axis, radius, elements)
            flat = [copy.reshape(-1) for copy in (*copies, copies[0])]
            kernel(*flat, 0, tasks, shape, *arguments)
            with np.errstate(over="ignore", invalid="ignore"):
                out[block] = copies[0]

    todo = list(iter_blocks(out, axis, elements // len(arrays) // channels))
    _threads.run([partial(work, todo[k::threads]) for k in range(min(threads, len(todo)))])


def _kernel_arguments(p: Parameters, radius: int, dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """Return the arguments after the arrays: radius, window, constants, exact, roots."""
    beta = _extended_range.clipped(p.beta)
    roots = {0.5: 2, 0.75: 3, 1.0: 4}.get(p.beta, 0 if dtype == np.float32 else 1)
    constants = _extended_range.kernel_constants(p, dtype)
    constants |= {"rounded_alpha": constants["alpha"], "alpha": p.alpha, "bias": p.bias}
    return (
        radius,
        (0,) * (2 * radius + 1 if radius <= MAX_UNROLLED_RADIUS else 1),
        kernels.KernelConstants(**constants),
        (p.bias, p.alpha, beta, float(np.float32(beta))),
        (0,) * roots,
    )


def _forward_plan(block: tuple[int, ...], axis: int, radius: int, elements: int) -> Plan:
    """Choose whole pixels if their channels are contiguous, else tiles of columns and channels."""
    channels, inner = block[axis], math.prod(block[axis + 1 :])
    outer = math.prod(block[:axis])
    if inner == 1 and channels <= MAX_ROW:
        return kernels.forward_rows, outer, (channels, max(1, ROW_BATCH // channels))
    each = elements // 4
    fitting = max(each // (channels + 2 * radius), each // 8 // (2 * radius + 1), 1)
    tile = min(inner, MAX_TILE, fitting)
    chunk = min(channels, max(each // tile - 2 * radius, 2 * radius, 1))
    return kernels.forward_tiles, outer * -(-inner // tile), (channels, inner, tile, chunk)


def _gradient_plan(block: tuple[int, ...], axis: int, radius: int, elements: int) -> Plan:
    """Choose tiles of columns with all their channels."""
    channels, inner = block[axis], math.prod(block[axis + 1 :])
    tile = min(inner, MAX_TILE, max(1, elements // 7 // (channels + 2 * radius)))
    tasks = math.prod(block[:axis]) * -(-inner // tile)
    return kernels.gradient, tasks, (channels, inner, tile)
