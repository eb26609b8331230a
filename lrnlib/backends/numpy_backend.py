"""LRN in NumPy: whole-array operations on blocks that stay in the cache."""

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
Addition = tuple[Array, Array, Array]  # two terms and where their sum goes

BUFFERS = 7 * 2**19  # bytes of all buffers: a share of each thread's cache
REPAIRED = 2**10  # values that are computed at once the slow way, which takes more memory
THREADS = 2  # more would wait for the interpreter between operations of some 20 microseconds


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which may be `x` itself."""
    _in_blocks(_Forward, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which may be `x` or `dy` itself."""
    _in_blocks(_Gradient, (x, dy), axis, p, out)


class _Block:
    """Buffers for boxes of one shape, as (outer, channels, inner), with zeros between.

    `pad` planes of zeros precede the first channels and follow those of every pixel. So a
    window is a run of the flat buffer, whichever the axis, and one operation over the whole
    length serves every channel of every pixel. What it leaves in between is not read.
    If each window holds all channels there is no pad, and one sum serves all of a pixel.

    The views are made once for many boxes: between two operations Python has little to do.
    """

    def __init__(self, box: tuple[int, ...], axis: int, p: Parameters) -> None:
        self.box, self.p, self.channels = box, p, box[axis]
        self.radius = min(p.depth_radius, self.channels - 1)
        self.whole = self.radius == self.channels - 1
        pad, self.inner = 0 if self.whole else self.radius, math.prod(box[axis + 1 :])
        self.padded = math.prod(box[:axis]), self.channels + pad, self.inner
        self.lead = pad * self.inner
        self.length = math.prod(self.padded) + 2 * self.lead

    def values(self, buffer: Array) -> Array:
        """A buffer without the zeros at its ends: aligned with the sums of its windows."""
        within = buffer[self.lead : self.length - self.lead]
        return within.reshape(self.padded) if self.whole else within

    def pixels(self, values: Array) -> Array:
        """Values or sums as (outer, channels, inner), without the zeros between."""
        return values if self.whole else values.reshape(self.padded)[:, : self.channels]

    def boxed(self, values: Array) -> Array:
        """The values alone, in the shape of the box."""
        return self.pixels(values).reshape(self.box)

    def clear_between(self, buffer: Array) -> None:
        """Put zeros where a buffer must hold them."""
        if not self.whole:
            buffer[: self.lead] = buffer[self.length - self.lead :] = 0
            self.values(buffer).reshape(self.padded)[:, self.channels :] = 0

    def window_sums(self, z: Array, result: Array, spare: Array) -> tuple[Array, list[Addition]]:
        """Where the sum over each window will be, and the additions that make it."""
        if self.whole:
            return self.values(z)[:, :1], list(_halving(self.values(z)))
        return _doubling(z, 2 * self.radius + 1, self.inner, result, spare)


class _Forward(_Block):
    """LRN of one box after another."""

    buffers = 4

    def __init__(self, box: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(box, axis, p)
        self.x, self.squares, result, spare = (b[: self.length] for b in buffers)
        self.v, self.y = self.values(self.x), self.values(self.squares)
        self.sums, self.additions = self.window_sums(self.squares, result, spare)
        self.power = _like(self.sums, spare)
        self.v_box, self.y_box = self.boxed(self.v), self.boxed(self.y)

    def clear(self) -> None:
        """Put zeros between the values, where a box of another shape had its own."""
        self.clear_between(self.x)

    def __call__(self, out: Array, x: Array) -> None:
        v, s, y, p = self.v, self.sums, self.y, self.p
        self.v_box[...] = x
        np.multiply(self.x, self.x, self.squares)
        suspect = _any_outside(_base(s, self.additions, p), p)
        bad = self.pixels(_outside(s, p)) if suspect else None
        _over_power(v, s, p.beta, self.power, y)
        if bad is not None:
            rows = self.pixels(v)
            _repair(
                self.pixels(y), bad, lambda at: _extended_range.forward(rows[at], self.radius, p)
            )
        out[...] = self.y_box


class _Gradient(_Block):
    """The gradient of LRN of one box after another."""

    buffers = 6

    def __init__(self, box: tuple[int, ...], axis: int, p: Parameters, buffers: Array) -> None:
        super().__init__(box, axis, p)
        self.x, self.dy, squares, self.spare, power, self.terms = (
            b[: self.length] for b in buffers
        )
        self.squares, self.dx = squares, self.values(squares)
        self.v, self.u, self.w = map(self.values, (self.x, self.dy, self.terms))
        self.sums, self.additions = self.window_sums(squares, self.spare, power)
        self.power = _like(self.sums, power)
        self.totals, self.term_additions = self.window_sums(self.terms, power, self.spare)
        self.size = _like(self.u, power)
        self.v_box, self.u_box, self.dx_box = map(self.boxed, (self.v, self.u, self.dx))

    def clear(self) -> None:
        """Put zeros between the values, where a box of another shape had its own."""
        self.clear_between(self.x)
        self.clear_between(self.dy)

    def __call__(self, out: Array, x: Array, dy: Array) -> None:
        v, s, u, w, dx, p = self.v, self.sums, self.u, self.w, self.dx, self.p
        self.v_box[...] = x
        self.u_box[...] = dy
        np.multiply(self.x, self.x, self.squares)
        suspect = _any_outside(_base(s, self.additions, p), p)
        _over_power(u, s, p.beta, self.power, u)
        suspect |= _any_extreme(u, self.size)
        np.multiply(v, p.alpha, w)
        np.divide(w, s, w)
        suspect |= p.alpha > 0 and _any_tiny(w, v, self.size)
        bad = self.pixels(_outside(s, p) | _extreme(u) | _tiny(w, v, p)) if suspect else None
        np.multiply(w, u, w)
        self.clear_between(self.terms)
        _add(self.term_additions)
        np.multiply(v, self.totals, dx)
        np.multiply(dx, -2 * p.beta, dx)
        np.add(dx, u, dx)
        if bad is not None:
            self.clear_between(self.dy)
            self.u_box[...] = dy
            rows = self.pixels(u), self.pixels(v)
            bad = _extended_range.reached(bad, self.radius)
            _repair(
                self.pixels(dx),
                bad,
                lambda at: _extended_range.gradient(rows[0][at], rows[1][at], self.radius, p),
            )
        out[...] = self.dx_box


def _in_blocks(
    kind: type[_Forward] | type[_Gradient],
    arrays: tuple[Array, ...],
    axis: int,
    p: Parameters,
    out: Array,
) -> None:
    """Cut the arrays into boxes and share these among the threads."""
    if not out.size:
        return
    dtype = np.dtype(np.float64 if out.dtype.itemsize == 8 else np.float32)
    threads = min(THREADS, _threads.available())
    values = BUFFERS // dtype.itemsize // kind.buffers // threads
    channels = out.shape[axis]
    todo = list(iter_blocks(out, axis, values // (channels + min(3 * p.depth_radius, channels))))
    threads = max(1, min(threads, len(todo) // 2))
    largest = _Block(out[todo[0]].shape, axis, p).length

    def work(todo: list[tuple[slice, ...]]) -> None:
        buffers = np.empty((kind.buffers, largest), dtype)
        blocks: dict[tuple[int, ...], _Forward | _Gradient] = {}
        last = None
        with np.errstate(all="ignore"):
            for box in todo:
                shape = out[box].shape
                if shape not in blocks:
                    blocks[shape] = kind(shape, axis, p, buffers)
                block: Any = blocks[shape]
                if block is not last:
                    block.clear()
                last = block
                block(out[box], *(array[box] for array in arrays))

    _threads.run([partial(work, todo[k::threads]) for k in range(threads)])


def _add(additions: list[Addition]) -> None:
    for addition in additions:
        np.add(*addition)


def _base(s: Array, additions: list[Addition], p: Parameters) -> Array:
    """Make the window sums, and of these bias + alpha * sum."""
    _add(additions)
    np.multiply(s, p.alpha, s)
    np.add(s, p.bias, s)
    return s


def _over_power(z: Array, s: Array, beta: float, power: Array, out: Array) -> None:
    """z * s^-beta: by square roots for quarters up to 2, else by powers in float64."""
    whole, quarters = divmod(4 * abs(beta), 4)
    if quarters not in (0, 1, 2, 3) or whole > 2:
        np.power(s, np.float64(abs(beta)), out=power, dtype=np.float64, casting="unsafe")
        whole = 0
    elif quarters:
        np.sqrt(s, power)
        if quarters == 3:
            np.multiply(power, s, power)
        if quarters != 2:
            np.sqrt(power, power)
    else:
        power, whole = (s, 0) if whole == 1 else (np.multiply(s, s, power), whole - 2)
    for _ in range(int(whole)):
        np.multiply(power, s, power)
    (np.divide if beta > 0 else np.multiply)(z, power, out)


def _any_outside(s: Array, p: Parameters) -> bool:
    """Whether a base lies outside the limits, or is NaN, somewhere or between."""
    low, high = _extended_range.limits(p, s.dtype)
    least = p.bias if p.bias >= low else s.min()
    return not bool(low <= least and s.max() <= high)


def _outside(s: Array, p: Parameters) -> Array:
    low, high = _extended_range.limits(p, s.dtype)
    return ~((low <= s) & (s <= high))


def _any_extreme(u: Array, size: Array) -> bool:
    """Whether a dy / s^beta is too large or too small to go on with, somewhere or between."""
    small, large = _extended_range.scaled_limits(u.dtype)
    np.abs(u, size)
    tiny = np.count_nonzero(size < small) - np.count_nonzero(size == 0)
    return not bool(size.max() <= large and tiny == 0)


def _extreme(u: Array) -> Array:
    small, large = _extended_range.scaled_limits(u.dtype)
    beyond: Array = (u < -large) | (u > large) | ((-small < u) & (u < small) & (u != 0))
    return beyond


def _any_tiny(w: Array, v: Array, size: Array) -> bool:
    """Whether an alpha * x / s has lost digits to underflow, somewhere or between."""
    np.abs(w, size)
    return int(np.count_nonzero(size < np.finfo(w.dtype).tiny)) != np.count_nonzero(v == 0)


def _tiny(w: Array, v: Array, p: Parameters) -> Array:
    tiny = float(np.finfo(w.dtype).tiny)
    lost: Array = (-tiny < w) & (w < tiny) & (v != 0) & (p.alpha > 0)
    return lost


def _repair(pixels: Array, bad: Array, exact: Callable[[Any], Array]) -> None:
    """Put exact values where `bad`, some pixels at a time, for these take more memory."""
    outer, inner = np.nonzero(bad.any(axis=1))
    step = max(1, REPAIRED // pixels.shape[1])
    for k in range(0, len(outer), step):
        at = outer[k : k + step], slice(None), inner[k : k + step]
        pixels[at] = np.where(bad[at], exact(at), pixels[at])


def _like(z: Array, buffer: Array) -> Array:
    """The beginning of a buffer, in the shape of `z`."""
    return buffer[: z.size].reshape(z.shape)


def _halving(z: Array) -> Iterator[Addition]:
    """Add the rear half of axis 1 to the front half until one is left."""
    n = z.shape[1]
    while n > 1:
        half = n // 2
        yield z[:, :half], z[:, n - half : n], z[:, :half]
        n -= half


def _doubling(
    z: Array, terms: int, step: int, result: Array, spare: Array
) -> tuple[Array, list[Addition]]:
    """Sums of `terms` elements `step` apart, from two sums of half as many."""
    if terms == 1:
        return z, []
    half, additions = _doubling(z, terms // 2, step, spare, result)
    total = result[: len(z) - (terms - 1) * step]
    later = half[terms // 2 * step :]
    additions.append((half[: len(total)], later[: len(total)], total))
    if terms % 2:
        additions.append((total, z[(terms - 1) * step :], total))
    return total, additions
