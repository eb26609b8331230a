"""LRN as one pass over the array, compiled by Numba and shared among threads."""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._layout import clip_reach, iter_blocks
from lrnlib.backends import _extended_range, _threads
from lrnlib.parameters import Parameters

try:
    from lrnlib.backends import _numba_half as half_types
    from lrnlib.backends import _numba_kernels as kernels
except ModuleNotFoundError as error:
    raise ImportError(
        "backend='numba' needs Numba, which is not installed: pip install numba"
    ) from error

Array = npt.NDArray[Any]

BUFFERS = 7 * 2**16  # bytes of the buffers of one thread, so that they fit into its cache
COPIES = 7 * 2**19  # bytes of the blocks that all threads copy; with less Python takes longer
MAX_UNROLLED = 11  # channels; up to here each length of the window has kernels of its own
MAX_TILE = 512  # columns; longer runs are not read faster
FAST_CACHE = 2**11  # elements; their squares and those of their neighbours fit into 16 KiB
MARGIN = 1.01  # by which limits that imply others are narrower, for roundings
MIN_PER_THREAD = 2**15  # elements, since it takes some 20 microseconds to wake a thread


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which may be `x` itself."""
    _run(kernels.forward, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which may be `x` or `dy` itself."""
    _run(kernels.gradient, (x, dy), axis, p, out)


def _run(
    kernel: Callable[..., int], inputs: tuple[Array, ...], axis: int, p: Parameters, out: Array
) -> None:
    """Share the work among threads.

    What the kernels cannot read or write is copied in blocks, and so are inputs that `out` will
    overwrite: the compiled loops are fast only where a result overwrites nothing.
    """
    threads = max(1, min(_threads.available(), out.size // MIN_PER_THREAD))
    if not out.size:
        return
    dtype = np.dtype(np.float64 if out.itemsize == 8 else np.float32)
    if _is_direct(dtype, inputs, out):
        compute = _prepare(kernel, out.shape, axis, p, dtype)
        cuts = [compute.tasks * k // threads for k in range(threads + 1)]
        _threads.run([partial(compute, out, inputs, a, b) for a, b in pairwise(cuts)])
        return

    def work(todo: list[tuple[slice, ...]]) -> None:
        copies = np.empty((len(inputs) + 1, out[todo[0]].size), dtype)
        shape: tuple[int, ...] = ()
        for block in todo:
            target = out[block]
            if target.shape != shape:
                shape = target.shape
                y, *rows = (copy[: math.prod(shape)].reshape(shape) for copy in copies)
                compute = _prepare(kernel, shape, axis, p, dtype)
            for a, row in zip(inputs, rows, strict=True):
                _read(a[block], row)
            compute(y, rows, 0, compute.tasks)
            _write(y, target)

    elements = COPIES // threads // dtype.itemsize // (len(inputs) + 1)
    todo = list(iter_blocks(out, axis, elements // out.shape[axis]))
    _threads.run([partial(work, todo[k::threads]) for k in range(min(threads, len(todo)))])


def _is_direct(dtype: np.dtype[Any], inputs: tuple[Array, ...], out: Array) -> bool:
    """Return whether the kernels can read and write the arrays as they are."""
    readable = all(a.dtype == dtype and a.flags.carray for a in (*inputs, out))
    return readable and not any(np.may_share_memory(a, out) for a in inputs)


def _read(block: Array, row: Array) -> None:
    if block.dtype.itemsize == 2 and block.dtype.isnative and block.flags.aligned:
        half_types.widen(block, row)
    else:
        row[...] = block


def _write(y: Array, block: Array) -> None:
    if block.dtype.itemsize == 2 and block.dtype.isnative and block.flags.aligned:
        half_types.narrow(y, block)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            block[...] = y


class _Compute:
    """A kernel with its arguments for contiguous arrays of one shape and dtype."""

    def __init__(
        self,
        kernel: Callable[..., int],
        shape: tuple[int, ...],
        axis: int,
        p: Parameters,
        dtype: np.dtype[Any],
    ) -> None:
        self.kernel, self.p, channels = kernel, p, shape[axis]
        self.shape = math.prod(shape[:axis]), channels, math.prod(shape[axis + 1 :])
        reach = clip_reach(p.reach, channels)
        buffers = 1 if kernel is kernels.forward else 3
        self.blocks = _blocks(*self.shape, sum(reach), BUFFERS // dtype.itemsize, buffers)
        self.tiles: int = -(-self.blocks.inner // self.blocks.tile)
        self.tasks: int = -(-self.blocks.outer // self.blocks.batch) * self.tiles
        self.arguments = _kernel_arguments(kernel, p, reach, dtype)

    def __call__(self, y: Array, inputs: tuple[Array, ...] | list[Array], a: int, b: int) -> None:
        """Compute the tasks from `a` to `b`, and results out of range by the fallback."""
        flat = [array.reshape(-1) for array in (*inputs, y)]
        while a < b:
            a = self.kernel(*flat, a, b, self.blocks, *self.arguments)
            if a < 0:  # task -1 - a is done, but something in it is out of range
                a = -a
                task = self._task(a - 1)
                y_task, *rows = (array.reshape(self.shape)[task] for array in (y, *inputs))
                _extended_range.recompute(y_task, tuple(rows), 1, self.p)

    def _task(self, k: int) -> tuple[slice, ...]:
        """Return which part of an array of shape (outer, channels, inner) is computed by a task."""
        outer, column = k // self.tiles * self.blocks.batch, k % self.tiles * self.blocks.tile
        return (
            slice(outer, outer + self.blocks.batch),
            slice(None),
            slice(column, column + self.blocks.tile),
        )


_prepare = lru_cache(maxsize=64)(_Compute)  # blocks have few shapes


def _kernel_arguments(
    kernel: Callable[..., int], p: Parameters, reach: tuple[int, int], dtype: np.dtype[Any]
) -> tuple[Any, ...]:
    """Return the arguments after the blocks: reach, window, constants, roots."""
    roots = {0.5: 2, 0.75: 3, 1.0: 4}.get(p.beta, 0 if dtype == np.float32 else 1)
    constants = _extended_range.kernel_constants(p, dtype)
    constants["rounded_alpha"] = constants["alpha"]
    constants["min_normal"] *= dtype.type(p.alpha != 0)
    constants["zero_base"] = dtype.type(np.nan if p.bias else 0)
    constants["power_of_zero"] = dtype.type(math.inf if p.beta > 0 else p.beta == 0)
    window = sum(reach) + 1
    safe = _safe_values if kernel is kernels.forward else _safe_gradient_values
    with np.errstate(over="ignore", under="ignore"):
        constants |= {name: dtype.type(value) for name, value in safe(p, window, dtype).items()}
    return (
        reach,
        (0,) * (window if sum(reach) < MAX_UNROLLED else 1),
        kernels.KernelConstants(**{**constants, "alpha": p.alpha, "bias": p.bias}),
        (0,) * roots,
    )


def _safe_values(p: Parameters, window: int, dtype: np.dtype[Any]) -> dict[str, float]:
    """Return limits of |x|. Between them, or where x is 0, no base of `window` terms is out of
    range but that of a window of zeros.
    """
    smallest, largest = _extended_range.base_limits(p, dtype)
    return _x_limits(p, window, dtype, smallest, largest)


def _safe_gradient_values(p: Parameters, window: int, dtype: np.dtype[Any]) -> dict[str, float]:
    """Return limits of |x| and |dy|. Between them neither a base nor dy / s^beta nor
    alpha * x / s is out of range.

    The bases have a third of their range: the wider it is, the narrower is that of dy.
    """
    exponent = _extended_range.exponent_limit(dtype)
    smallest, largest = _extended_range.base_limits(p, dtype)
    smallest = max(smallest, 2.0 ** (-2 / 3 * exponent))
    largest = min(largest, 2.0 ** (exponent / 3))
    limits = _x_limits(p, window, dtype, smallest, largest)
    if p.alpha:
        no_underflow = MARGIN * float(np.finfo(dtype).tiny) * largest / p.alpha
        limits["min_x"] = max(limits["min_x"], no_underflow)
    min_scaled, max_scaled = map(math.log2, _extended_range.scaled_limits(dtype))
    powers = [-p.beta * math.log2(s) for s in (p.bias or smallest, max(largest, smallest))]
    ends = np.clip([min_scaled - min(powers), max_scaled - max(powers)], -1000, 1000)
    return limits | {"min_dy": MARGIN * 2.0 ** ends[0], "max_dy": 2.0 ** ends[1] / MARGIN}


def _x_limits(
    p: Parameters, window: int, dtype: np.dtype[Any], smallest: float, largest: float
) -> dict[str, float]:
    """Return limits of |x| for which bases are between the limits; none if there are none."""
    min_x, max_x = 0.0, 2.0 ** (_extended_range.exponent_limit(dtype) * 5 / 6)
    if p.bias >= largest / MARGIN:
        max_x = -1.0
    elif p.alpha:
        max_x = min(max_x, math.sqrt((largest / MARGIN - p.bias) / (p.alpha * window)))
    if p.bias == 0:
        min_x = math.sqrt(MARGIN * smallest / p.alpha) if p.alpha else math.inf
    return {"min_x": min_x, "max_x": max_x, "min_dy": 0.0, "max_dy": 0.0}


def _blocks(outer: int, channels: int, inner: int, ends: int, elements: int, buffers: int) -> Any:
    """Choose tiles whose buffers have at most so many elements, if a column has not more.

    `ends` is how many channels of zeros a column has beside its own.
    """
    doubled = ends >= MAX_UNROLLED
    buffers += 2 * doubled
    widest = max(1, min(MAX_TILE, elements // buffers // (channels + ends)))
    tile = -(-inner // -(-inner // widest))
    batch = max(1, FAST_CACHE // (channels * inner)) if tile == inner else 1
    group = channels if batch > 1 or doubled else min(channels, max(1, FAST_CACHE // tile))
    return kernels.Blocks(outer, channels, inner, tile, min(batch, outer), group)
