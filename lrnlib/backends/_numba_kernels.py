"""LRN and its gradient on flat arrays, compiled by Numba.

The length of a tuple is part of its type. So for each length of `window`, which is the number of
its channels, and of `roots`, which is 4 * beta or 0, Numba compiles a function of its own, and
unrolls the loop over the window. What is rarely called gets the lengths as numbers, so that it is
compiled once for each dtype.
For a window without such a function `window` has length 1, and the sums come by doubling. For a
beta without roots `roots` has length 0, or 1 in float64.

`reach` is how many channels windows hold before and after their own. So many channels of zeros
precede and follow the squares, and the window sum of channel c begins at c. The gradient sums the
terms of all windows that hold a channel, and so has as many zeros at the other ends.

What runs for each element is inlined: a call for each row costs more than the row's arithmetic.
Where the step between channels is only known at run time, indices are unsigned: they skip
Numba's check for negative indices, which blocks vectorization.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit


class KernelConstants(NamedTuple):
    """The parameters and limits of a call: bias and alpha in float64, the rest in its dtype."""

    bias: float
    alpha: float
    minus_beta_high: Any  # their sum is -beta; in float32 the first has 12 bits
    minus_beta_low: Any
    power_of_zero: Any  # 0^-beta
    min_base: Any  # the bases for which the dtype is accurate
    max_base: Any
    zero_base: Any  # the base of a window of zeros: 0 if bias is 0, else NaN, which equals nothing
    min_scaled: Any  # the same for the size of dy / base^beta, except 0
    max_scaled: Any
    twice_beta: Any
    rounded_alpha: Any
    min_normal: Any  # the smallest normal number, or 0 if alpha is 0: then no term can underflow
    min_x: Any  # where |x| and |dy| are between these or 0, nothing is out of range
    max_x: Any
    min_dy: Any
    max_dy: Any


class Blocks(NamedTuple):
    """How tasks cut an array of shape (outer, channels, inner).

    A task is `tile` columns of one index of `outer`, or all columns of `batch` such indices, with
    all channels, of which `group` are computed while their squares are in the fastest cache.
    A batch is squared before the first of it is summed: a load that overlaps two recent stores
    has to wait until both are in the cache.
    """

    outer: int
    channels: int
    inner: int
    tile: int
    batch: int
    group: int


class Rows(NamedTuple):
    """Runs of elements in an array, `step` apart, that are `padded_step` apart in the buffers."""

    number: int
    length: int
    step: int
    padded_step: int


OPTIONS: Any = dict(nogil=True, error_model="numpy", fastmath={"contract"})
jit = njit(cache=True, **OPTIONS)
# By LLVM, after it knows the lengths; Numba's own inlining compiles twice as long.
inlined = njit(forceinline=True, **OPTIONS)


def _polynomial(function, degree, low, high):
    """Interpolate `function`; return the coefficients, that of the highest power first."""
    fitted = np.polynomial.Chebyshev.interpolate(function, degree, [low, high])
    return tuple(np.float32(c) for c in fitted.convert(kind=np.polynomial.Polynomial).coef[::-1])


HALF_ROOT = np.sqrt(np.float32(0.5))
HALF_ROOT_BITS = HALF_ROOT.view(np.int32)
LOG2_COEFFICIENTS = _polynomial(  # log2(1 + f) / f, with a relative error of 2e-8
    lambda f: np.log1p(f) / f / math.log(2), 9, float(HALF_ROOT) - 1, math.sqrt(2) - 1
)
EXP2_COEFFICIENTS = _polynomial(np.exp2, 6, -0.5, 0.5)  # with a relative error of 2e-8
ROUND_TO_INTEGER = np.float32(1.5 * 2**23)  # adding and subtracting it rounds to an integer


@inlined
def _horner(coefficients, x):
    y = coefficients[0]
    for k in range(1, len(coefficients)):
        y = y * x + coefficients[k]
    return y


@inlined
def _power(s, high, low):
    """Return s^(high + low) in float32 by log2 and exp2. high has 12 bits: high * e is exact."""
    bits = np.float32(s).view(np.int32)
    e = np.int32(np.int32(bits - HALF_ROOT_BITS) >> np.int32(23))
    f = np.int32(bits - (e << np.int32(23))).view(np.float32) - np.float32(1)
    e_float = np.float32(e)
    rest = e_float * low + (high + low) * (f * _horner(LOG2_COEFFICIENTS, f))
    integer = (e_float * high + rest + ROUND_TO_INTEGER) - ROUND_TO_INTEGER
    power = _horner(EXP2_COEFFICIENTS, (e_float * high - integer) + rest)
    return power * np.int32((np.int32(integer) + np.int32(127)) << np.int32(23)).view(np.float32)


@inlined
def _divide_by_power(z, s, constants, roots):
    """Return z * s^-beta."""
    if roots == 4:
        return z / s
    if roots == 3:
        return z / math.sqrt(s * math.sqrt(s))
    if roots == 2:
        return z / math.sqrt(s)
    if roots == 1:
        return z * s**constants.minus_beta_high
    high, low = np.float32(constants.minus_beta_high), np.float32(constants.minus_beta_low)
    return z * (constants.power_of_zero if s == 0 else _power(s, high, low))


@inlined
def _count(number, is_one_more):
    """Count in int32: an int64, Numba's type for their sum, would halve the lanes of float32."""
    return np.int32(number + np.int32(is_one_more))


@inlined
def _base(squares, t, step, terms, constants):
    """Return bias + alpha * the sum over the window that begins at index t of `squares`.

    Pairs of float32 squares are added in float32 and all else in float64. This costs little, and
    the error is hardly larger than one rounding.
    """
    total = 0.0
    if terms % 2:
        total = np.float64(squares[t + np.uint64(terms // 2) * step])
    for d in range(terms // 2):
        left = squares[t + np.uint64(d) * step]
        right = squares[t + np.uint64(terms - 1 - d) * step]
        total += left + right
    return squares.dtype.type(constants.bias + constants.alpha * total)


@jit
def _sum_windows(z, ends, step, result, scratch):
    """Replace the beginning of `z`, which has `ends` channels of zeros beside its own, by sums.

    A window of all channels has one sum per column; other sums are computed by doubling.
    """
    channels, terms = len(z) // step - ends, ends + 1
    if ends == 2 * (channels - 1):
        totals = np.zeros(step)
        for c in range(channels):
            for t in range(step):
                totals[t] += z[(channels - 1 + c) * step + t]
        for c in range(channels):
            for t in range(step):
                z[c * step + t] = totals[t]
        return
    bit = 1
    while bit <= terms // 2:
        bit *= 2
    have, done = 1, z
    while bit > 1:
        bit //= 2
        odd = (terms // bit) % 2
        second, third = np.uint64(have * step), np.uint64(2 * have * step)
        have = 2 * have + odd
        for t in range(np.uint64(len(z) - (have - 1) * step)):
            total = done[t] + done[t + second]
            if odd:
                total += z[t + third]
            result[t] = total
        done, result, scratch = result, scratch, result
    for t in range(channels * step):
        z[t] = done[t]


@jit
def _scratch_buffers(size, dtype, terms):
    """Return two buffers for sums by doubling; they are empty if windows are unrolled."""
    size = size if terms == 1 else 0
    return np.empty(size, dtype), np.empty(size, dtype)


@jit
def _zero_ends(buffer, first, last, size, count):
    """Write zeros at both ends of `count` runs of `size` elements."""
    for k in range(count):
        for t in range(k * size, k * size + first):
            buffer[t] = 0
        for t in range((k + 1) * size - last, (k + 1) * size):
            buffer[t] = 0


@inlined
def _outside(values, at, rows, low, high):
    """Return how many sizes are neither 0 nor between the limits."""
    is_one = rows.step == rows.length
    count, length = (1, rows.number * rows.length) if is_one else (rows.number, rows.length)
    outside = np.int32(0)
    for k in range(count):
        begin = np.uint64(at + k * rows.step)
        for t in range(np.uint64(length)):
            size = abs(values[begin + t])
            outside = _count(outside, not (((low <= size) & (size <= high)) | (size == 0)))
    return outside


@inlined
def _square(x, at, squares, to, rows):
    """Square the elements of rows."""
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(to + k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            e = x[begin + t]
            squares[first + t] = e * e


@inlined
def _normalize(x, at, sums, window_at, y, rows, step, terms, constants, roots):
    """Compute rows of y."""
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(window_at + k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            s = _base(sums, first + t, step, terms, constants)
            y[begin + t] = _divide_by_power(x[begin + t], s, constants, roots)


@inlined
def _scale(x, dy, at, squares, window_at, u, z, rows, ahead, step, terms, constants, roots):
    """Write u = dy / s^beta and, as much later as `ahead`, z = alpha * x * u / s."""
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(window_at + k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            s = _base(squares, first + t, step, terms, constants)
            scaled = _divide_by_power(dy[begin + t], s, constants, roots)
            u[first + t] = scaled
            z[first + ahead + t] = constants.rounded_alpha * x[begin + t] / s * scaled


@inlined
def _subtract(x, at, u, z, window_at, dx, rows, step, terms, constants):
    """Compute rows of dx from u and z."""
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(window_at + k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            total = z[first + t]
            for d in range(1, terms):
                total += z[first + t + np.uint64(d) * step]
            dx[begin + t] = u[first + t] - constants.twice_beta * x[begin + t] * total


@inlined
def _base_out_of_range(v, s, constants):
    """Return whether a base is out of range or NaN, and not that of a window of zeros.

    Without bias, a square that vanishes is out of range too: a neighbour may have no other.
    """
    in_range = (constants.min_base <= s) & (s <= constants.max_base)
    vanishes = (v * v == 0) | (constants.rounded_alpha * v * v == 0)
    out_of_range = (not in_range) & (s != constants.zero_base)
    return out_of_range | ((v != 0) & vanishes & (constants.zero_base == 0))


@jit
def _bases_out_of_range(x, at, sums, rows, step, terms, constants):
    """Return how many bases of rows are out of range."""
    out_of_range = 0
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            s = _base(sums, first + t, step, terms, constants)
            out_of_range += _base_out_of_range(x[begin + t], s, constants)
    return out_of_range


@jit
def _terms_out_of_range(x, dy, at, squares, rows, step, terms, constants, roots):
    """Return how many bases, dy / s^beta or alpha * x / s of rows are out of range."""
    out_of_range = 0
    for k in range(rows.number):
        begin, first = np.uint64(at + k * rows.step), np.uint64(k * rows.padded_step)
        for t in range(np.uint64(rows.length)):
            e = x[begin + t]
            s = _base(squares, first + t, step, terms, constants)
            size = abs(_divide_by_power(dy[begin + t], s, constants, roots))
            bad = (size > constants.max_scaled) | ((size < constants.min_scaled) & (size > 0))
            bad |= (abs(constants.rounded_alpha * e / s) < constants.min_normal) & (e != 0)
            bad &= (e != 0) | (s != constants.zero_base)
            out_of_range += bad | _base_out_of_range(e, s, constants)
    return out_of_range


@inlined
def _cut(task, blocks, ends):
    """Return where a task begins, how many indices of `outer` and columns it has, and its size."""
    tiles = (blocks.inner + blocks.tile - 1) // blocks.tile
    first, column = task // tiles * blocks.batch, task % tiles * blocks.tile
    n, m = min(blocks.batch, blocks.outer - first), min(blocks.tile, blocks.inner - column)
    begin = first * blocks.channels * blocks.inner + column
    return begin, n, m, (blocks.channels + ends) * m


@inlined
def _rows(begin, end, n, m, size, blocks):
    """Return the rows that the channels from `begin` to `end` of a task are."""
    if m == blocks.inner:
        return Rows(n, (end - begin) * m, blocks.channels * m, size)
    return Rows(end - begin, m, blocks.inner, m)


@jit
def forward(x, y, first, last, blocks, reach, window, constants, roots):
    """LRN of the tasks from `first` to `last`.

    Return `last`; or if a base in task k is out of range, -1 - k, when that task is done.
    """
    channels, inner, group = blocks.channels, blocks.inner, blocks.group
    (before, after), ends = reach, reach[0] + reach[1]
    dtype, width, terms = x.dtype, 0, len(window)
    padded = (channels + ends) * blocks.tile
    squares = np.empty(blocks.batch * padded, dtype)
    result, scratch = _scratch_buffers(padded, dtype, terms)
    for task in range(first, last):
        begin, n, m, size = _cut(task, blocks, ends)
        if m != width or terms == 1:
            _zero_ends(squares, before * m, after * m, size, n)
            width = m
        step, squared, outside = np.uint64(m), 0, 0
        for c0 in range(0, channels, group):
            c1 = min(c0 + group, channels)
            c2 = min(c1 + after, channels)
            rows, at = _rows(squared, c2, n, m, size, blocks), begin + squared * inner
            outside += _outside(x, at, rows, constants.min_x, constants.max_x)
            _square(x, at, squares, (squared + before) * m, rows)
            squared = c2
            if terms == 1:
                for k in range(n):
                    sums = squares[k * size : (k + 1) * size]
                    _sum_windows(sums, ends, m, result, scratch)
            rows, at = _rows(c0, c1, n, m, size, blocks), begin + c0 * inner
            _normalize(x, at, squares, c0 * m, y, rows, step, terms, constants, len(roots))
        rows = _rows(0, channels, n, m, size, blocks)
        if outside and _bases_out_of_range(x, begin, squares, rows, step, terms, constants):
            return -1 - task
    return last


@jit
def gradient(x, dy, dx, first, last, blocks, reach, window, constants, roots):
    """The gradient of LRN of the tasks from `first` to `last`; it returns what `forward` does."""
    channels, inner, group = blocks.channels, blocks.inner, blocks.group
    (before, after), ends = reach, reach[0] + reach[1]
    dtype, width, terms = x.dtype, 0, len(window)
    padded = (channels + ends) * blocks.tile
    squares, z = np.empty(blocks.batch * padded, dtype), np.empty(blocks.batch * padded, dtype)
    u = np.empty(blocks.batch * padded, dtype)
    result, scratch = _scratch_buffers(padded, dtype, terms)
    for task in range(first, last):
        begin, n, m, size = _cut(task, blocks, ends)
        if m != width or terms == 1:
            _zero_ends(squares, before * m, after * m, size, n)
            _zero_ends(z, after * m, before * m, size, n)
            width = m
        step, squared, scaled, outside = np.uint64(m), 0, 0, 0
        ahead = np.uint64(after * m)
        for c0 in range(0, channels, group):
            c1 = min(c0 + group, channels)
            c2 = min(c1 + before, channels)
            c3 = min(c2 + after, channels)
            rows, at = _rows(squared, c3, n, m, size, blocks), begin + squared * inner
            outside += _outside(x, at, rows, constants.min_x, constants.max_x)
            outside += _outside(dy, at, rows, constants.min_dy, constants.max_dy)
            _square(x, at, squares, (squared + before) * m, rows)
            squared = c3
            if terms == 1:
                for k in range(n):
                    sums = squares[k * size : (k + 1) * size]
                    _sum_windows(sums, ends, m, result, scratch)
            rows, at = _rows(scaled, c2, n, m, size, blocks), begin + scaled * inner
            window_at = scaled * m
            _scale(
                x, dy, at, squares, window_at, u, z, rows, ahead, step, terms, constants, len(roots)
            )
            scaled = c2
            if terms == 1:
                for k in range(n):
                    sums = z[k * size : (k + 1) * size]
                    _sum_windows(sums, ends, m, result, scratch)
            rows, at = _rows(c0, c1, n, m, size, blocks), begin + c0 * inner
            _subtract(x, at, u, z, c0 * m, dx, rows, step, terms, constants)
        rows = _rows(0, channels, n, m, size, blocks)
        if outside and _terms_out_of_range(
            x, dy, begin, squares, rows, step, terms, constants, len(roots)
        ):
            return -1 - task
    return last
