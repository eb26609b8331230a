"""LRN as one compiled, parallel pass over the array, by Numba."""

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
Plan = tuple[Callable[..., None], int, tuple[int, ...]]  # a kernel, its tasks and their shape

BUFFERS = 7 * 2**16  # bytes of all buffers of a thread: a part of its cache
UNROLLED = 5  # the largest radius with kernels of its own
ROW = 2**11  # channels: pixels of so many that lie side by side need not be cut into tiles
TOGETHER = 384  # channels of the pixels that are computed together, if there are fewer
TILE = 512  # columns: longer runs are not read faster
WORTH_A_THREAD = 2**16  # elements; a thread takes some 100 microseconds to start


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which may be `x` itself."""
    _run(_forward_plan, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which may be `x` or `dy` itself."""
    _run(_gradient_plan, (x, dy), axis, p, out)


def _run(
    plan: Callable[..., Plan], arrays: tuple[Array, ...], axis: int, p: Parameters, out: Array
) -> None:
    """Share the work among threads: of the arrays as they lie, or else of copies of boxes."""
    if not out.size:
        return
    dtype = np.dtype(np.float64 if out.dtype.itemsize == 8 else np.float32)
    threads = max(1, min(_threads.available(), out.size // WORTH_A_THREAD))
    channels = out.shape[axis]
    radius = min(p.depth_radius, channels - 1)
    constants = _constants(p, radius, dtype)
    if all(array.dtype == dtype and array.flags.carray for array in (*arrays, out)):
        kernel, tasks, shape = plan(out.shape, axis, radius, BUFFERS // dtype.itemsize)
        flat = [array.reshape(-1) for array in (*arrays, out)]
        cuts = [tasks * k // threads for k in range(threads + 1)]
        _threads.run([partial(kernel, *flat, a, b, shape, *constants) for a, b in pairwise(cuts)])
        return

    def work(todo: list[tuple[slice, ...]]) -> None:
        for box in todo:
            copies = [array[box].astype(dtype, order="C") for array in arrays]
            kernel, tasks, shape = plan(
                copies[0].shape, axis, radius, BUFFERS // 2 // dtype.itemsize
            )
            flat = [copy.reshape(-1) for copy in (*copies, copies[0])]
            kernel(*flat, 0, tasks, shape, *constants)
            with np.errstate(over="ignore", invalid="ignore"):
                out[box] = copies[0]

    todo = list(iter_blocks(out, axis, BUFFERS // 2 // dtype.itemsize // len(arrays) // channels))
    _threads.run([partial(work, todo[k::threads]) for k in range(min(threads, len(todo)))])


def _constants(p: Parameters, radius: int, dtype: np.dtype[Any]) -> tuple[Any, ...]:
    """What the kernels take besides arrays: radius, window, numbers, exact numbers, roots."""
    beta = math.copysign(min(abs(p.beta), 10_000.0), p.beta)
    roots = {0.5: 2, 0.75: 3, 1.0: 4}.get(p.beta, 0 if dtype == np.float32 else 1)
    in_dtype = _extended_range.numbers(p, dtype)
    in_dtype |= {"factor": in_dtype["alpha"], "alpha": p.alpha, "bias": p.bias}
    return (
        radius,
        (0,) * (2 * radius + 1 if radius <= UNROLLED else 1),
        kernels.Numbers(**in_dtype),
        (p.bias, p.alpha, beta, float(np.float32(beta))),
        (0,) * roots,
    )


def _forward_plan(box: tuple[int, ...], axis: int, radius: int, elements: int) -> Plan:
    """Pixels as they lie, or tiles of some columns and some channels."""
    channels, inner = box[axis], math.prod(box[axis + 1 :])
    outer = math.prod(box[:axis])
    if inner == 1 and channels <= ROW:
        return kernels.forward_rows, outer, (channels, max(1, TOGETHER // channels))
    each = elements // 4
    narrow = max(each // (channels + 2 * radius), each // 8 // (2 * radius + 1), 1)
    tile = min(inner, TILE, narrow)
    chunk = min(channels, max(each // tile - 2 * radius, 2 * radius, 1))
    return kernels.forward_tiles, outer * -(-inner // tile), (channels, inner, tile, chunk)


def _gradient_plan(box: tuple[int, ...], axis: int, radius: int, elements: int) -> Plan:
    """Tiles of some columns, with all their channels."""
    channels, inner = box[axis], math.prod(box[axis + 1 :])
    tile = min(inner, TILE, max(1, elements // 7 // (channels + 2 * radius)))
    tasks = math.prod(box[:axis]) * -(-inner // tile)
    return kernels.gradient, tasks, (channels, inner, tile)
