"""LRN and its gradient on flat arrays, compiled by Numba.

The length of a tuple is part of its type. So for each length of `window`, which is
2 * depth_radius + 1, and of `roots`, which is 4 * beta or 0, Numba compiles a function of its
own, and unrolls the loop over the window.
For a radius without such a function `window` has length 1, and the sums come by doubling. For a
beta without roots `roots` has length 0, or 1 in float64.

Where the step between channels is only known at run time, indices are unsigned: they skip
Numba's check for negative indices, which blocks vectorization.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from lrnlib.backends import _numba_extended_range


class KernelConstants(NamedTuple):
    """The parameters and limits of a call: bias and alpha in float64, the rest in x's dtype."""

    bias: float
    alpha: float
    minus_beta_high: Any  # their sum is -beta; in float32 the first has 12 bits
    minus_beta_low: Any
    min_base: Any  # the bases for which the dtype is accurate
    max_base: Any
    min_scaled: Any  # the same for the size of dy / base^beta, except 0
    max_scaled: Any
    twice_beta: Any
    rounded_alpha: Any
    min_normal: Any  # the smallest normal number


OPTIONS: Any = dict(nogil=True, cache=True, error_model="numpy")
jit = njit(fastmath={"contract"}, **OPTIONS)
# Reassociation vectorizes a sum. It is for range checks only, never for results.
jit_reassociate = njit(fastmath={"contract", "reassoc"}, **OPTIONS)


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


@jit
def _horner(coefficients, x):
    y = coefficients[0]
    for k in range(1, len(coefficients)):
        y = y * x + coefficients[k]
    return y


@jit
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


@jit
def _divide_by_power(z, s, constants, roots):
    """Return z * s^-beta."""
    if len(roots) == 4:
        return z / s
    if len(roots) == 3:
        return z / math.sqrt(s * math.sqrt(s))
    if len(roots) == 2:
        return z / math.sqrt(s)
    if len(roots) == 1:
        return z * s**constants.minus_beta_high
    high, low = constants.minus_beta_high, constants.minus_beta_low
    return z * _power(s, np.float32(high), np.float32(low))


@jit
def _base(squares, t, step, window, constants):
    """Return bias + alpha * the sum over the window that begins at index t of `squares`.

    Pairs of float32 squares are added in float32 and all else in float64. This costs little, and
    the error is hardly larger than one rounding.
    """
    total = np.float64(squares[np.uint64(t) + np.uint64(len(window) // 2) * np.uint64(step)])
    for d in range(len(window) // 2):
        left = squares[np.uint64(t) + np.uint64(d) * np.uint64(step)]
        right = squares[np.uint64(t) + np.uint64(len(window) - 1 - d) * np.uint64(step)]
        total += left + right
    return squares.dtype.type(constants.bias + constants.alpha * total)


@jit
def _window_sums(z, radius, step, window, result, scratch):
    """Return the window sums of `z`, which has `radius` channels of zeros at either end.

    A window of all channels has one sum per column; other sums are computed by doubling.
    Where windows are unrolled, return `z`.
    """
    if len(window) != 1:
        return z
    channels, terms = len(z) // step - 2 * radius, 2 * radius + 1
    if radius == channels - 1:
        totals = np.zeros(step)
        for t in range(radius * step, (radius + channels) * step):
            totals[t % step] += z[t]
        for t in range(channels * step):
            result[t] = totals[t % step]
        return result
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
    return done


@jit
def _copy(a, b):
    """Copy without the temporary of a slice assignment, which allows for overlap."""
    for t in range(len(b)):
        b[t] = a[t]


@jit_reassociate
def _copy_and_square(x, v, squares):
    """Copy `x` to `v` and its squares to `squares`; return the sum of the squares."""
    total = x.dtype.type(0)
    for t in range(len(x)):
        e = x[t]
        v[t] = e
        squares[t] = e * e
        total += e * e
    return total


@jit
def _all_in_range(total, constants):
    """Return True if no base can be out of range, given the sum of all squares."""
    largest = constants.bias + constants.alpha * total
    return constants.min_base <= constants.bias and largest <= constants.max_base


@jit
def _normalize(v, sums, y, step, window, constants, roots):
    for t in range(len(y)):
        y[t] = _divide_by_power(v[t], _base(sums, t, step, window, constants), constants, roots)


@jit
def _recompute(v, sums, y, offset, step, radius, window, constants, exact):
    """Replace the results whose base is out of range by those of the fallback."""
    for t in range(len(y)):
        s = _base(sums, t, step, window, constants)
        if not constants.min_base <= s <= constants.max_base:
            y[t] = _numba_extended_range.forward(v, t + offset, step, radius, exact)


@jit
def _scratch_buffers(size, dtype, window):
    """Return two buffers for sums by doubling; they are empty if windows are unrolled."""
    size = size if len(window) == 1 else 0
    return np.empty(size, dtype), np.empty(size, dtype)


@jit
def forward_rows(x, y, first, last, shape, radius, window, constants, exact, roots):
    """LRN of the pixels from `first` to `last`, each with contiguous channels.

    A batch of pixels is squared before the first of them is summed: a load that overlaps two
    recent stores has to wait until both are in the cache.
    """
    channels, batch = shape
    width = channels + 2 * radius
    v, squares = np.empty(batch * channels, x.dtype), np.zeros(batch * width, x.dtype)
    result, scratch = _scratch_buffers(width, x.dtype, window)
    for begin in range(first, last, batch):
        pixels = min(batch, last - begin)
        total = x.dtype.type(0)
        for k in range(pixels):
            at, to = (begin + k) * channels, k * width + radius
            row = v[k * channels : (k + 1) * channels]
            total += _copy_and_square(x[at : at + channels], row, squares[to : to + channels])
        for k in range(pixels):
            at = (begin + k) * channels
            row, sums = v[k * channels : (k + 1) * channels], squares[k * width : (k + 1) * width]
            sums = _window_sums(sums, radius, 1, window, result, scratch)
            _normalize(row, sums, y[at : at + channels], 1, window, constants, roots)
        if not _all_in_range(total, constants):
            for k in range(pixels):
                at = (begin + k) * channels
                row = v[k * channels : (k + 1) * channels]
                sums = squares[k * width : (k + 1) * width]
                sums = _window_sums(sums, radius, 1, window, result, scratch)
                y_row = y[at : at + channels]
                _recompute(row, sums, y_row, 0, 1, radius, window, constants, exact)


@jit
def forward_tiles(x, y, first, last, shape, radius, window, constants, exact, roots):
    """LRN of tiles of `tile` columns, `chunk` channels at a time.

    The last 2 * radius channels of a chunk are kept for the next one. So each element is read
    once, before a result can overwrite it where `y` is `x`.
    """
    channels, inner, tile, chunk = shape
    tiles = (inner + tile - 1) // tile
    size = (chunk + 2 * radius) * tile
    v, squares = np.empty(size, x.dtype), np.empty(size, x.dtype)
    result, scratch = _scratch_buffers(size, x.dtype, window)
    for task in range(first, last):
        begin = task // tiles * channels * inner + task % tiles * tile
        m = min(tile, inner - task % tiles * tile)
        offset = radius * m
        v[:offset] = 0
        squares[:offset] = 0
        loaded, total = 0, x.dtype.type(0)
        for c0 in range(0, channels, chunk):
            c1 = min(c0 + chunk, channels)
            before, total = total, x.dtype.type(0)
            to = (loaded - c0 + radius) * m
            for c in range(loaded, min(c1 + radius, channels)):
                at = begin + c * inner
                total += _copy_and_square(x[at : at + m], v[to : to + m], squares[to : to + m])
                to += m
            loaded = min(c1 + radius, channels)
            end = (c1 - c0) * m + 2 * offset
            v[to:end] = 0
            squares[to:end] = 0
            sums = squares[:end]
            sums = _window_sums(sums, radius, m, window, result, scratch)
            for c in range(c0, c1):
                at, to = (c - c0) * m, begin + c * inner
                row, own = v[at + offset : at + offset + m], sums[at : at + len(window) * m]
                _normalize(row, own, y[to : to + m], m, window, constants, roots)
            if not _all_in_range(before + total, constants):
                for c in range(c0, c1):
                    at, to = (c - c0) * m, begin + c * inner
                    y_row, own = y[to : to + m], sums[at : at + len(window) * m]
                    _recompute(
                        v[:end], own, y_row, at + offset, m, radius, window, constants, exact
                    )
            _copy(v[end - 2 * offset : end], v[: 2 * offset])
            _copy(squares[end - 2 * offset : end], squares[: 2 * offset])


@jit_reassociate
def _count_out_of_range(v, u, largest_base, constants):
    """Count values that may be out of range. A sum vectorizes, an early exit would not."""
    zero = u.dtype.type(0)
    count = zero
    for t in range(len(u)):
        small = (
            (abs(v[t]) * constants.rounded_alpha < constants.min_normal * largest_base)
            & (v[t] != 0)
            & (constants.rounded_alpha != 0)
        )
        count += zero + 1 if small | _scaled_out_of_range(u[t], constants) else zero
    return count


@jit
def _scaled_out_of_range(u, constants):
    size = abs(u)
    return (size > constants.max_scaled) | ((size < constants.min_scaled) & (size > 0))


@jit
def _gradient_terms(v, u, sums, terms, step, window, constants, roots):
    """Replace dy in `u` by u = dy / s^beta and write the terms alpha * x * u / s to `terms`."""
    for t in range(len(u)):
        s = _base(sums, t, step, window, constants)
        u[t] = _divide_by_power(u[t], s, constants, roots)
        terms[t] = constants.rounded_alpha * v[t] / s * u[t]


@jit
def _finish_gradient(v, u, terms, step, window, twice_beta):
    """Replace u by dx."""
    for t in range(len(u)):
        total = terms[np.uint64(t)]
        for d in range(1, len(window)):
            total += terms[np.uint64(t) + np.uint64(d) * np.uint64(step)]
        u[t] -= twice_beta * v[t] * total


@jit
def _out_of_range_mask(v, u, sums, step, window, constants):
    out_of_range = np.zeros(len(u), np.bool_)
    for t in range(len(u)):
        s = _base(sums, t, step, window, constants)
        ratio = constants.rounded_alpha * v[t] / s
        small = abs(ratio) < constants.min_normal and v[t] != 0 and constants.rounded_alpha != 0
        base_in_range = constants.min_base <= s <= constants.max_base
        out_of_range[t] = not base_in_range or small or _scaled_out_of_range(u[t], constants)
    return out_of_range


@jit
def _recompute_gradient(v, dy, dx, out_of_range, step, radius, exact):
    """Recompute dx in extended range wherever the window holds a value that is out of range."""
    channels = len(v) // step
    for column in range(step):
        if not out_of_range[column::step].any():
            continue
        column_dx = _numba_extended_range.gradient(v, dy, column, step, radius, exact)
        for c in range(channels):
            begin, end = column + max(0, c - radius) * step, column + (c + radius) * step + 1
            if out_of_range[begin:end:step].any():
                dx[column + c * step] = column_dx[c]


@jit
def gradient(x, dy, dx, first, last, shape, radius, window, constants, exact, roots):
    """The gradient of LRN, in tiles of `tile` columns with all their channels."""
    channels, inner, tile = shape
    tiles = (inner + tile - 1) // tile
    size, padded = channels * tile, (channels + 2 * radius) * tile
    all_v, all_u, all_dy = np.empty(size, x.dtype), np.empty(size, x.dtype), np.empty(size, x.dtype)
    all_squares, all_terms = np.zeros(padded, x.dtype), np.zeros(padded, x.dtype)
    result, scratch = _scratch_buffers(padded, x.dtype, window)
    width = tile
    for task in range(first, last):
        begin = task // tiles * channels * inner + task % tiles * tile
        m = min(tile, inner - task % tiles * tile)
        offset, length = radius * m, channels * m
        if m != width:
            all_squares[:] = 0
            all_terms[:] = 0
            width = m
        v, u, squares = all_v[:length], all_u[:length], all_squares[: length + 2 * offset]
        terms = all_terms[: length + 2 * offset]
        run = length if m == inner else m
        total = x.dtype.type(0)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            own = squares[offset + to : offset + to + run]
            total += _copy_and_square(x[at : at + run], v[to : to + run], own)
            _copy(dy[at : at + run], u[to : to + run])
        squares = _window_sums(squares, radius, m, window, result, scratch)
        _gradient_terms(v, u, squares, terms[offset : offset + length], m, window, constants, roots)
        largest = x.dtype.type(constants.bias + constants.alpha * total)
        in_range = _all_in_range(total, constants)
        in_range = in_range and _count_out_of_range(v, u, largest, constants) == 0
        if not in_range:
            out_of_range = _out_of_range_mask(v, u, squares, m, window, constants)
        terms = _window_sums(terms, radius, m, window, result, scratch)
        _finish_gradient(v, u, terms, m, window, constants.twice_beta)
        if not in_range:
            for k in range(length // run):
                at, to = begin + k * inner, k * run
                _copy(dy[at : at + run], all_dy[to : to + run])
            _recompute_gradient(v, all_dy[:length], u, out_of_range, m, radius, exact)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            _copy(u[to : to + run], dx[at : at + run])
