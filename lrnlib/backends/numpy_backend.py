"""LRN in NumPy: a few array operations on each block, which stays in the cache."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._layout import iter_blocks
from lrnlib.backends import _extended_range, _threads
from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Addition = tuple[Array, Array, Array]  # two terms and the array for their sum

BUFFERS = 7 * 2**19  # bytes of the buffers of all threads, so that they fit into the cache
RECOMPUTE_BATCH = 2**10  # values per call of the fallback, which needs more memory
MAX_THREADS = 2  # an operation takes 20 microseconds, so more would wait for the interpreter lock


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which may be `x` itself."""
    _run(_Forward, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which may be `x` or `dy` itself."""
    _run(_Gradient, (x, dy), axis, p, out)


class _Workspace:
    """Buffers for blocks of one shape, seen as (outer, channels, inner), with zeros in between.

    `pad` planes of zeros precede the first channel and follow the channels of every pixel. So a
    window is a strided run of the flat buffer, whatever the axis, and one operation on the flat
    buffer serves every channel of every pixel. Its results at the zeros are not used.
    Where every window holds all channels there is no padding, and each pixel has one sum.

    All views are made once, so that little Python runs between two operations.
    """

    inputs: tuple[Array, ...]

    def __init__(self, block: tuple[int, ...], axis: int, p: Parameters) -> None:
        self.block, self.p, self.channels = block, p, block[axis]
        self.radius = min(p.depth_radius, self.channels - 1)
        self.covers_all_channels = self.radius == self.channels - 1
        pad = 0 if self.covers_all_channels else self.radius
        self.inner = math.prod(block[axis + 1 :])
        self.padded_shape = math.prod(block[:axis]), self.channels + pad, self.inner
        self.offset = pad * self.inner
        self.length = math.prod(self.padded_shape) + 2 * self.offset

    def values(self, buffer: Array) -> Array:
        """Return a buffer without the zeros at its ends: element t belongs to window sum t."""
        within = buffer[self.offset : self.length - self.offset]
        return within.reshape(self.padded_shape) if self.covers_all_channels else within

    def pixels(self, values: Array) -> Array:
        """Return values or window sums as (outer, channels, inner), without padding."""
        padded = values if self.covers_all_channels else values.reshape(self.padded_shape)
        return padded[:, : self.channels]

    def as_block(self, values: Array) -> Array:
        """Return the values in the shape of the block, without padding."""
        return self.pixels(values).reshape(self.block)

    def zero_padding(self, *buffers: Array) -> None:
        """Write zeros between and around the values."""
        if self.covers_all_channels:
            return
        for buffer in buffers:
            buffer[: self.offset] = buffer[self.length - self.offset :] = 0
            self.values(buffer).reshape(self.padded_shape)[:, self.channels :] = 0

    def window_sums(self, z: Array, result: Array, scratch: Array) -> tuple[Array, list[Addition]]:
        """Return the array of the window sums and the additions that compute it."""
        if self.covers_all_channels:
            return self.values(z)[:, :1], list(_tree_sum(self.values(z)))
        return _doubling(z, 2 * self.radius + 1, self.inner, result, scratch)

    def recompute(
        self, y: Array, out_of_range: Array, extended: Callable[..., Array], *inputs: Array
    ) -> None:
        """Replace the marked results by those of the fallback, some pixels at a time."""
        results, *rows = map(self.pixels, (y, *inputs))
        outer, inner = np.nonzero(out_of_range.any(axis=1))
        step = max(1, RECOMPUTE_BATCH // self.channels)
        for k in range(0, len(outer), step):
            at = outer[k : k + step], slice(None), inner[k : k + step]
            exact = extended(*(row[at] for row in rows), self.radius, self.p)
            results[at] = np.where(out_of_range[at], exact, results[at])


class _Forward(_Workspace):
    """LRN of one block after another."""

    buffers = 4

    def __init__(self, block: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(block, axis, p)
        self.x, self.squares, result, scratch = (b[: self.length] for b in buffers)
        self.inputs = (self.x,)
        self.v, self.y = self.values(self.x), self.values(self.squares)
        self.sums, self.additions = self.window_sums(self.squares, result, scratch)
        self.power = _view_like(self.sums, scratch)
        self.v_block, self.y_block = self.as_block(self.v), self.as_block(self.y)

    def __call__(self, out: Array, x: Array) -> None:
        v, s, y, p = self.v, self.sums, self.y, self.p
        self.v_block[...] = x
        np.multiply(self.x, self.x, self.squares)
        _compute_base(s, self.additions, p)
        out_of_range = self.pixels(_base_out_of_range(s, p)) if _maybe_out_of_range(s, p) else None
        _divide_by_power(v, s, p.beta, self.power, y)
        if out_of_range is not None:
            self.recompute(y, out_of_range, _extended_range.forward, v)
        out[...] = self.y_block


class _Gradient(_Workspace):
    """The gradient of LRN of one block after another."""

    buffers = 6

    def __init__(self, block: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(block, axis, p)
        self.x, self.dy, squares, scratch, power, self.terms = (b[: self.length] for b in buffers)
        self.inputs = self.x, self.dy
        self.squares, self.dx = squares, self.values(squares)
        self.v, self.u, self.w = map(self.values, (self.x, self.dy, self.terms))
        self.sums, self.additions = self.window_sums(squares, scratch, power)
        self.power = _view_like(self.sums, power)
        self.term_sums, self.term_additions = self.window_sums(self.terms, power, scratch)
        self.size = _view_like(self.u, power)
        self.v_block, self.u_block, self.dx_block = map(self.as_block, (self.v, self.u, self.dx))

    def __call__(self, out: Array, x: Array, dy: Array) -> None:
        v, s, u, w, dx, p = self.v, self.sums, self.u, self.w, self.dx, self.p
        self.v_block[...] = x
        self.u_block[...] = dy
        np.multiply(self.x, self.x, self.squares)
        _compute_base(s, self.additions, p)
        maybe_out_of_range = _maybe_out_of_range(s, p)
        _divide_by_power(u, s, p.beta, self.power, u)
        maybe_out_of_range |= _maybe_scaled_out_of_range(u, self.size)
        np.multiply(v, p.alpha, w)
        np.divide(w, s, w)
        maybe_out_of_range |= p.alpha > 0 and _maybe_underflow(w, v, self.size)
        mask = _out_of_range_mask(s, u, w, v, p) if maybe_out_of_range else None
        np.multiply(w, u, w)
        self.zero_padding(self.terms)
        for addition in self.term_additions:
            np.add(*addition)
        np.multiply(v, self.term_sums, dx)
        np.multiply(dx, -2 * p.beta, dx)
        np.add(dx, u, dx)
        if mask is not None:
            self.zero_padding(self.dy)
            self.u_block[...] = dy
            out_of_range = _extended_range.dilate(self.pixels(mask), self.radius)
            self.recompute(dx, out_of_range, _extended_range.gradient, u, v)
        out[...] = self.dx_block


def _run(
    kind: type[_Forward] | type[_Gradient],
    arrays: tuple[Array, ...],
    axis: int,
    p: Parameters,
    out: Array,
) -> None:
    """Cut the arrays into blocks and share these among the threads."""
    threads = min(MAX_THREADS, _threads.available())
    if not out.size:
        return
    dtype = np.dtype(np.float64 if out.dtype.itemsize == 8 else np.float32)
    values = BUFFERS // dtype.itemsize // kind.buffers // threads
    channels = out.shape[axis]
    todo = list(iter_blocks(out, axis, values // (channels + min(3 * p.depth_radius, channels))))
    threads = max(1, min(threads, len(todo) // 2))
    largest = _Workspace(out[todo[0]].shape, axis, p).length

    def work(todo: list[tuple[slice, ...]]) -> None:
        buffers = np.empty((kind.buffers, largest), dtype)
        workspaces: dict[tuple[int, ...], _Forward | _Gradient] = {}
        last = None
        with np.errstate(all="ignore"):
            for block in todo:
                shape = out[block].shape
                if shape not in workspaces:
                    workspaces[shape] = kind(shape, axis, p, buffers)
                workspace: Any = workspaces[shape]
                if workspace is not last:  # a block of another shape has used the buffers
                    workspace.zero_padding(*workspace.inputs)
                last = workspace
                workspace(out[block], *(array[block] for array in arrays))

    _threads.run([partial(work, todo[k::threads]) for k in range(threads)])


def _compute_base(s: Array, additions: list[Addition], p: Parameters) -> None:
    """Compute the window sums and turn them into bias + alpha * sum."""
    for addition in additions:
        np.add(*addition)
    np.multiply(s, p.alpha, s)
    np.add(s, p.bias, s)


def _divide_by_power(z: Array, s: Array, beta: float, power: Array, out: Array) -> None:
    """Write z * s^-beta: with square roots for multiples of 1/4 up to 2, else float64 powers."""
    integer, quarters = divmod(4 * abs(beta), 4)
    if quarters not in (0, 1, 2, 3) or integer > 2:
        np.power(s, np.float64(abs(beta)), out=power, dtype=np.float64, casting="unsafe")
        integer = 0
    elif quarters:
        np.sqrt(s, power)
        if quarters == 3:
            np.multiply(power, s, power)
        if quarters != 2:
            np.sqrt(power, power)
    else:
        power, integer = (s, 0) if integer == 1 else (np.multiply(s, s, power), integer - 2)
    for _ in range(int(integer)):
        np.multiply(power, s, power)
    (np.divide if beta > 0 else np.multiply)(z, power, out)


# The three checks below are cheap and include the padding, so they may be true for nothing.
# The masks after them are exact; they are made only where a check is true.


def _maybe_out_of_range(s: Array, p: Parameters) -> bool:
    """Return True if any base, padding included, is out of range or NaN."""
    min_base, max_base = _extended_range.base_limits(p, s.dtype)
    least = p.bias if p.bias >= min_base else s.min()
    return not bool(min_base <= least and s.max() <= max_base)


def _maybe_scaled_out_of_range(u: Array, size: Array) -> bool:
    """Return True if any dy / s^beta, padding included, is out of range or NaN."""
    min_scaled, max_scaled = _extended_range.scaled_limits(u.dtype)
    np.abs(u, size)
    too_small = np.count_nonzero(size < min_scaled) - np.count_nonzero(size == 0)
    return not bool(size.max() <= max_scaled and too_small == 0)


def _maybe_underflow(w: Array, v: Array, size: Array) -> bool:
    """Return True if any w = alpha * x / s, padding included, has lost digits to underflow."""
    np.abs(w, size)
    return int(np.count_nonzero(size < np.finfo(w.dtype).tiny)) != np.count_nonzero(v == 0)


def _base_out_of_range(s: Array, p: Parameters) -> Array:
    min_base, max_base = _extended_range.base_limits(p, s.dtype)
    return ~((min_base <= s) & (s <= max_base))


def _out_of_range_mask(s: Array, u: Array, w: Array, v: Array, p: Parameters) -> Array:
    """Mark where the base, u = dy / s^beta or w = alpha * x / s is out of range."""
    min_scaled, max_scaled = _extended_range.scaled_limits(u.dtype)
    min_normal = float(np.finfo(w.dtype).tiny)
    mask = _base_out_of_range(s, p) | (u < -max_scaled) | (u > max_scaled)
    mask |= (-min_scaled < u) & (u < min_scaled) & (u != 0)
    mask |= (-min_normal < w) & (w < min_normal) & (v != 0) & (p.alpha > 0)
    return mask


def _view_like(z: Array, buffer: Array) -> Array:
    """Return the beginning of a buffer in the shape of `z`."""
    return buffer[: z.size].reshape(z.shape)


def _tree_sum(z: Array) -> Iterator[Addition]:
    """Add the second half of axis 1 to the first half until one element is left."""
    n = z.shape[1]
    while n > 1:
        half = n // 2
        yield z[:, :half], z[:, n - half : n], z[:, :half]
        n -= half


def _doubling(
    z: Array, terms: int, step: int, result: Array, scratch: Array
) -> tuple[Array, list[Addition]]:
    """Sum `terms` elements `step` apart by adding two sums of half as many."""
    if terms == 1:
        return z, []
    half, additions = _doubling(z, terms // 2, step, scratch, result)
    total = result[: len(z) - (terms - 1) * step]
    later = half[terms // 2 * step :]
    additions.append((half[: len(total)], later[: len(total)], total))
    if terms % 2:
        additions.append((total, z[(terms - 1) * step :], total))
    return total, additions
