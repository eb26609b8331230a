"""LRN in NumPy: a few array operations on each block, which stays in the cache."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._layout import clip_reach, iter_blocks
from lrnlib.backends import _extended_range, _threads
from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Addition = tuple[Array, Array, Array]  # two terms and the array for their sum

BUFFERS = 7 * 2**19  # bytes of the buffers of all threads; with less Python takes longer
MAX_THREADS = (
    8  # an operation takes a thread some 5 microseconds, of which 0.5 hold the interpreter
)


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

    scaled: Array  # alpha * x
    squares: Array  # alpha * x * x
    sums: Array
    additions: list[Addition]

    def __init__(
        self, block: tuple[int, ...], axis: int, p: Parameters, dtype: np.dtype[Any]
    ) -> None:
        self.min_base, self.max_base = _extended_range.base_limits(p, dtype)
        self.min_scaled, self.max_scaled = _extended_range.scaled_limits(dtype)
        self.min_normal = float(np.finfo(dtype).tiny)
        self.block, self.axis, self.p, self.channels = block, axis, p, block[axis]
        self.reach = clip_reach(p.reach, self.channels)
        self.covers_all_channels = min(self.reach) == self.channels - 1
        self.pad = pad = 0 if self.covers_all_channels else max(self.reach)
        self.inner = math.prod(block[axis + 1 :])
        self.padded_shape = math.prod(block[:axis]), self.channels + pad, self.inner
        self.offset = pad * self.inner
        self.length = math.prod(self.padded_shape) + 2 * self.offset

    def values(self, buffer: Array) -> Array:
        """Return a buffer without the zeros at its ends: element t belongs to window sum t."""
        within = buffer[self.offset : self.length - self.offset]
        return within.reshape(self.padded_shape) if self.covers_all_channels else within

    def as_block(self, values: Array) -> Array:
        """Return values or window sums in the shape of the block, without padding."""
        padded = values if self.covers_all_channels else values.reshape(self.padded_shape)
        before, after = self.block[: self.axis], self.block[self.axis + 1 :]
        return padded[:, : self.channels].reshape(*before, -1, *after)

    def without_padding(self, buffer: Array) -> Array:
        """Return the beginning of a buffer as a contiguous block."""
        return buffer[: math.prod(self.block)].reshape(self.block)

    def zero_padding(self, *buffers: Array) -> None:
        """Write zeros between and around the values."""
        if self.covers_all_channels:
            return
        for buffer in buffers:
            buffer[: self.offset] = buffer[self.length - self.offset :] = 0
            self.values(buffer).reshape(self.padded_shape)[:, self.channels :] = 0

    def window_sums(
        self, z: Array, reach: tuple[int, int], result: Array, scratch: Array
    ) -> tuple[Array, list[Addition]]:
        """Return the array of the window sums and the additions that compute it."""
        if self.covers_all_channels:
            return self.values(z)[:, :1], list(_tree_sum(self.values(z)))
        before, after = reach
        first, last = (self.pad - before) * self.inner, (self.pad - after) * self.inner
        used = z[first : self.length - last]  # the zeros beyond the shorter side are left out
        return _doubling(used, before + after + 1, self.inner, result, scratch)

    def compute_base(self, x: Array) -> None:
        """Compute bias + alpha * the window sum in `sums`."""
        np.multiply(x, self.p.alpha, self.scaled)
        np.multiply(self.scaled, x, self.squares)
        for addition in self.additions:
            np.add(*addition)
        np.add(self.sums, self.p.bias, self.sums)

    def find_small(self, s: Array, x: Array) -> tuple[bool, Array | None]:
        """Return whether any base, padding included, is too small, and a mask of windows of zeros.

        These need no fallback: without bias their result is 0/0. The mask is None if there are
        none. A base is 0 also where the squares of all values in the window have underflowed.
        """
        if self.p.bias >= self.min_base or s.min() >= self.min_base:
            return False, None
        if self.p.bias:
            return True, None
        zero = s == 0
        is_small = np.count_nonzero(s < self.min_base) != np.count_nonzero(zero)
        vanished = self.as_block(zero) if self.covers_all_channels else self.squares == 0
        return is_small or bool(((x != 0) & vanished).any()), zero

    def recompute(self, out: Array, *inputs: Array) -> None:
        """Replace the results that depend on a value out of range by those of the fallback."""
        _extended_range.recompute(out, inputs, self.axis, self.p)


class _Forward(_Workspace):
    """LRN of one block after another."""

    buffers = 3

    def __init__(self, block: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(block, axis, p, buffers.dtype)
        squares, result, scratch, *copies = (b[: self.length] for b in buffers)
        self.padded = (squares,)
        self.copies = [self.without_padding(copy) for copy in copies]
        self.scaled, self.squares = (
            self.without_padding(result),
            self.as_block(self.values(squares)),
        )
        self.sums, self.additions = self.window_sums(squares, self.reach, result, scratch)
        self.power = _view_like(self.sums, scratch)
        self.power_block = self.as_block(self.power)

    def __call__(self, out: Array, x: Array) -> None:
        s, p = self.sums, self.p
        self.compute_base(x)
        is_small, _ = self.find_small(s, x)
        maybe_out_of_range = is_small or not s.max() <= self.max_base
        original = _kept(x, out) if maybe_out_of_range else None
        power = _power(s, p.beta, self.power)
        _divide_by_power(x, self.power_block if power is self.power else self.as_block(s), p, out)
        if original is not None:
            self.recompute(out, original)


class _Gradient(_Workspace):
    """The gradient of LRN of one block after another."""

    buffers = 5

    def __init__(self, block: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(block, axis, p, buffers.dtype)
        squares, result, scratch, self.terms, dy, *copies = (b[: self.length] for b in buffers)
        self.padded = squares, self.terms, dy
        self.copies = [self.without_padding(copy) for copy in copies]
        self.squares, self.scaled = map(self.as_block, map(self.values, (squares, self.terms)))
        self.sums, self.additions = self.window_sums(squares, self.reach, result, scratch)
        self.power = _view_like(self.sums, scratch)
        self.power_block = self.as_block(self.power)
        self.u, self.w = self.values(dy), self.values(self.terms)
        self.size = _view_like(self.u, scratch)
        self.u_block = self.as_block(self.u)
        mirrored = self.reach[::-1]  # j of the windows that hold i, not those in the window of i
        self.term_sums, self.term_additions = self.window_sums(
            self.terms, mirrored, result, scratch
        )
        self.term_sums_block = self.as_block(self.term_sums)
        self.products = self.without_padding(scratch)
        self.zeros = self.u.size - math.prod(block)

    def __call__(self, out: Array, x: Array, dy: Array) -> None:
        s, u, w, p = self.sums, self.u, self.w, self.p
        self.compute_base(x)
        is_small, zero = self.find_small(s, x)
        maybe_out_of_range = is_small or not s.max() <= self.max_base
        power = _power(s, p.beta, self.power)
        power_block = self.power_block if power is self.power else self.as_block(s)
        _divide_by_power(dy, power_block, p, self.u_block)
        maybe_out_of_range |= self.maybe_scaled_out_of_range(zero)
        np.divide(w, s, w)
        maybe_out_of_range |= p.alpha > 0 and self.maybe_underflow(x, zero)
        np.multiply(w, u, w)
        self.zero_padding(self.terms)
        for addition in self.term_additions:
            np.add(*addition)
        np.multiply(self.term_sums, -2 * p.beta, self.term_sums)
        np.multiply(x, self.term_sums_block, self.products)
        originals = [_kept(x, out), _kept(dy, out)] if maybe_out_of_range else None
        np.add(self.products, self.u_block, out, casting="unsafe")
        if originals:
            self.recompute(out, *originals)

    # These checks are cheap and include the padding, so they may be true for nothing. The
    # fallback then searches the block.

    def maybe_scaled_out_of_range(self, zero: Array | None) -> bool:
        """Return True if any u = dy / s^beta, padding included, is out of range or NaN."""
        size = np.abs(self.u, self.size)
        if zero is not None:
            np.copyto(size, 0, where=zero)
        too_small = np.count_nonzero(size < self.min_scaled) - np.count_nonzero(size == 0)
        return not bool(size.max() <= self.max_scaled and too_small == 0)

    def maybe_underflow(self, x: Array, zero: Array | None) -> bool:
        """Return True if any w = alpha * x / s has lost digits to underflow."""
        small = np.count_nonzero(np.abs(self.w, self.size) < self.min_normal)
        if zero is not None:  # where w is 0/0
            small += np.count_nonzero(zero) * (self.w.size // zero.size)
        return int(small) != np.count_nonzero(x == 0) + self.zeros


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
    is_copied = not all(a.dtype == dtype and a.flags.carray for a in arrays)
    buffers = kind.buffers + is_copied * len(arrays)
    values = BUFFERS // dtype.itemsize // buffers // max(threads, _threads.callers())
    channels = out.shape[axis]
    todo = list(iter_blocks(out, axis, values // (channels + min(3 * max(p.reach), channels))))
    threads = max(1, min(threads, len(todo) // 2))
    largest = _Workspace(out[todo[0]].shape, axis, p, dtype).length

    def work(todo: list[tuple[slice, ...]]) -> None:
        memory = np.empty((buffers, largest), dtype)
        workspaces: dict[tuple[int, ...], _Forward | _Gradient] = {}
        last = None
        with np.errstate(all="ignore"):
            for block in todo:
                shape = out[block].shape
                if shape not in workspaces:
                    workspaces[shape] = kind(shape, axis, p, memory)
                workspace: Any = workspaces[shape]
                if workspace is not last:  # a block of another shape has used the buffers
                    workspace.zero_padding(*workspace.padded)
                last = workspace
                inputs = [array[block] for array in arrays]
                if is_copied:
                    for copy, array in zip(workspace.copies, inputs, strict=True):
                        copy[...] = array
                    inputs = workspace.copies
                workspace(out[block], *inputs)

    _threads.run([partial(work, todo[k::threads]) for k in range(threads)])


def _power(s: Array, beta: float, power: Array) -> Array:
    """Return s^|beta| in `power`, or `s` itself for 1.

    It takes square roots for multiples of 1/4 up to 2, else float64 powers.
    """
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
    return power


def _divide_by_power(z: Array, power: Array, p: Parameters, out: Array) -> None:
    (np.divide if p.beta > 0 else np.multiply)(z, power, out, casting="unsafe")


def _kept(x: Array, out: Array) -> Array:
    """Return `x`, or a copy of it if writing `out` would change it."""
    return x.copy() if np.may_share_memory(x, out) else x


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
