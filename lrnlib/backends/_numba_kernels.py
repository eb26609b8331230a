"""What Numba compiles: LRN and its gradient in flat arrays, a few pixels after another.

The length of a tuple is part of its type. So `window`, which has 2 * depth_radius + 1 entries,
and `roots`, which has as many as there are quarters in beta, make the compiler write a function
of its own for each radius and each of these powers, the loop over the window unrolled.
Wide windows come as a tuple of one, beta of another kind as an empty one.

An index of an unsigned type is not asked whether it counts from the end: only so do the loops
become vector instructions where the step between two channels is not known beforehand.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from lrnlib.backends import _numba_extended_range as wide


class Numbers(NamedTuple):
    """What the kernels compute with: bias and alpha as they are, the rest in the dtype of x."""

    bias: float
    alpha: float
    power_high: Any  # of -beta, 12 bits if it is a float32
    power_low: Any  # the rest of it
    low: Any  # the least base and the largest in range
    high: Any
    small: Any  # the same of dy / base^beta
    large: Any
    twice_beta: Any
    factor: Any  # alpha
    tiny: Any  # the least normal number


compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
# Sums that only watch the range may be reordered; no others.
watching = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc"})


def _polynomial(function, degree, low, high):
    """The coefficients of a polynomial through `function`, the highest power first."""
    fitted = np.polynomial.Chebyshev.interpolate(function, degree, [low, high])
    return tuple(np.float32(c) for c in fitted.convert(kind=np.polynomial.Polynomial).coef[::-1])


HALF_ROOT = np.sqrt(np.float32(0.5))
HALF_ROOT_BITS = HALF_ROOT.view(np.int32)
LOG2 = _polynomial(  # of log2(1 + f) / f, to 2e-8 of it
    lambda f: np.log1p(f) / f / math.log(2), 9, float(HALF_ROOT) - 1, math.sqrt(2) - 1
)
EXP2 = _polynomial(np.exp2, 6, -0.5, 0.5)  # to 2e-8
TO_WHOLE = np.float32(1.5 * 2**23)  # adding and subtracting it rounds to an integer


@compiled
def _evaluated(coefficients, x):
    y = coefficients[0]
    for k in range(1, len(coefficients)):
        y = y * x + coefficients[k]
    return y


@compiled
def _power(s, high, low):
    """s^(high + low) in float32, by log2 and exp2; high has 12 bits, so high * e is exact."""
    bits = np.float32(s).view(np.int32)
    e = np.int32(np.int32(bits - HALF_ROOT_BITS) >> np.int32(23))
    f = np.int32(bits - (e << np.int32(23))).view(np.float32) - np.float32(1)
    e_float = np.float32(e)
    rest = e_float * low + (high + low) * (f * _evaluated(LOG2, f))
    whole = (e_float * high + rest + TO_WHOLE) - TO_WHOLE
    power = _evaluated(EXP2, (e_float * high - whole) + rest)
    return power * np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)


@compiled
def _over_power(z, s, numbers, roots):
    """z * s^-beta."""
    if len(roots) == 4:
        return z / s
    if len(roots) == 3:
        return z / math.sqrt(s * math.sqrt(s))
    if len(roots) == 2:
        return z / math.sqrt(s)
    if len(roots) == 1:
        return z * s**numbers.power_high
    return z * _power(s, np.float32(numbers.power_high), np.float32(numbers.power_low))


@compiled
def _base(squares, t, step, window, numbers):
    """bias + alpha * the sum of the window that begins at place t of `squares`.

    Two float32 squares are added as they are, all else in float64: it costs little here, and
    hardly more than one rounding is left of the sum's error.
    """
    total = np.float64(squares[np.uint64(t) + np.uint64(len(window) // 2) * np.uint64(step)])
    for d in range(len(window) // 2):
        left = squares[np.uint64(t) + np.uint64(d) * np.uint64(step)]
        right = squares[np.uint64(t) + np.uint64(len(window) - 1 - d) * np.uint64(step)]
        total += left + right
    return squares.dtype.type(numbers.bias + numbers.alpha * total)


@compiled
def _sums(z, radius, step, result, spare):
    """The sums of the windows in `z`, which has `radius` channels of zeros at either end.

    If each window holds all channels, each column has one sum; else they come by doubling.
    """
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
        done, result, spare = result, spare, result
    return done


@compiled
def _copy(a, b):
    """Without the temporary that an assignment to a slice would make, for fear of overlap."""
    for t in range(len(b)):
        b[t] = a[t]


@watching
def _load(x, v, squares):
    """Copy a run of `x` and square it; return the sum of the squares."""
    total = x.dtype.type(0)
    for t in range(len(x)):
        e = x[t]
        v[t] = e
        squares[t] = e * e
        total += e * e
    return total


@compiled
def _in_range(total, numbers):
    """Whether no base can be out of range, the sum of all squares being `total`."""
    return numbers.low <= numbers.bias and numbers.bias + numbers.alpha * total <= numbers.high


@compiled
def _finish(v, sums, y, step, window, numbers, roots):
    for t in range(len(y)):
        y[t] = _over_power(v[t], _base(sums, t, step, window, numbers), numbers, roots)


@compiled
def _mend(v, sums, y, lead, step, radius, window, numbers, exact):
    """Compute again, the slow way, the results whose base is out of range."""
    for t in range(len(y)):
        s = _base(sums, t, step, window, numbers)
        if not numbers.low <= s <= numbers.high:
            y[t] = wide.forward(v, t + lead, step, radius, exact)


@compiled
def _buffers(size, dtype, window):
    """What sums by doubling need; nothing if the windows are added directly."""
    size = size if len(window) == 1 else 0
    return np.empty(size, dtype), np.empty(size, dtype)


@compiled
def forward_rows(x, y, first, last, shape, radius, window, numbers, exact, roots):
    """LRN of the pixels from `first` to `last`, whose channels lie side by side.

    Some pixels are squared before the first of them is summed up: a load that straddles two
    stores waits until both have left the store buffer.
    """
    channels, batch = shape
    width = channels + 2 * radius
    v, squares = np.empty(batch * channels, x.dtype), np.zeros(batch * width, x.dtype)
    result, spare = _buffers(width, x.dtype, window)
    for begin in range(first, last, batch):
        pixels = min(batch, last - begin)
        total = x.dtype.type(0)
        for k in range(pixels):
            at, to = (begin + k) * channels, k * width + radius
            row = v[k * channels : (k + 1) * channels]
            total += _load(x[at : at + channels], row, squares[to : to + channels])
        for k in range(pixels):
            at = (begin + k) * channels
            row, sums = v[k * channels : (k + 1) * channels], squares[k * width : (k + 1) * width]
            if len(window) == 1:
                sums = _sums(sums, radius, 1, result, spare)
            _finish(row, sums, y[at : at + channels], 1, window, numbers, roots)
        if not _in_range(total, numbers):
            for k in range(pixels):
                at = (begin + k) * channels
                row = v[k * channels : (k + 1) * channels]
                sums = squares[k * width : (k + 1) * width]
                if len(window) == 1:
                    sums = _sums(sums, radius, 1, result, spare)
                y_row = y[at : at + channels]
                _mend(row, sums, y_row, 0, 1, radius, window, numbers, exact)


@compiled
def forward_tiles(x, y, first, last, shape, radius, window, numbers, exact, roots):
    """LRN of tiles of `tile` columns, `chunk` channels at a time.

    The last 2 * radius channels of a chunk are kept for the next one, so that each element is
    read once, and before it may be written over.
    """
    channels, inner, tile, chunk = shape
    tiles = (inner + tile - 1) // tile
    size = (chunk + 2 * radius) * tile
    v, squares = np.empty(size, x.dtype), np.empty(size, x.dtype)
    result, spare = _buffers(size, x.dtype, window)
    for task in range(first, last):
        begin = task // tiles * channels * inner + task % tiles * tile
        m = min(tile, inner - task % tiles * tile)
        lead = radius * m
        v[:lead] = 0
        squares[:lead] = 0
        loaded, total = 0, x.dtype.type(0)
        for c0 in range(0, channels, chunk):
            c1 = min(c0 + chunk, channels)
            before, total = total, x.dtype.type(0)
            to = (loaded - c0 + radius) * m
            for c in range(loaded, min(c1 + radius, channels)):
                at = begin + c * inner
                total += _load(x[at : at + m], v[to : to + m], squares[to : to + m])
                to += m
            loaded = min(c1 + radius, channels)
            end = (c1 - c0) * m + 2 * lead
            v[to:end] = 0
            squares[to:end] = 0
            sums = squares[:end]
            if len(window) == 1:
                sums = _sums(sums, radius, m, result, spare)
            for c in range(c0, c1):
                at, to = (c - c0) * m, begin + c * inner
                row, own = v[at + lead : at + lead + m], sums[at : at + len(window) * m]
                _finish(row, own, y[to : to + m], m, window, numbers, roots)
            if not _in_range(before + total, numbers):
                for c in range(c0, c1):
                    at, to = (c - c0) * m, begin + c * inner
                    y_row, own = y[to : to + m], sums[at : at + len(window) * m]
                    _mend(v[:end], own, y_row, at + lead, m, radius, window, numbers, exact)
            _copy(v[end - 2 * lead : end], v[: 2 * lead])
            _copy(squares[end - 2 * lead : end], squares[: 2 * lead])


@watching
def _extremes(v, u, largest_base, numbers):
    """How many values may be out of range: a sum, which vector instructions can make."""
    zero = u.dtype.type(0)
    count = zero
    for t in range(len(u)):
        small = (
            (abs(v[t]) * numbers.factor < numbers.tiny * largest_base)
            & (v[t] != 0)
            & (numbers.factor != 0)
        )
        count += zero + 1 if small | _is_extreme(u[t], numbers) else zero
    return count


@compiled
def _is_extreme(u, numbers):
    size = abs(u)
    return (size > numbers.large) | ((size < numbers.small) & (size > 0))


@compiled
def _weigh(v, u, sums, terms, step, window, numbers, roots):
    """Make of dy: u = dy / s^beta, and of it the terms alpha * x * u / s of the second sum."""
    for t in range(len(u)):
        s = _base(sums, t, step, window, numbers)
        u[t] = _over_power(u[t], s, numbers, roots)
        terms[t] = numbers.factor * v[t] / s * u[t]


@compiled
def _combine(v, u, terms, step, window, twice_beta):
    """Make of u: dx."""
    for t in range(len(u)):
        total = terms[np.uint64(t)]
        for d in range(1, len(window)):
            total += terms[np.uint64(t) + np.uint64(d) * np.uint64(step)]
        u[t] -= twice_beta * v[t] * total


@compiled
def _find_bad(v, u, sums, step, window, numbers):
    bad = np.zeros(len(u), np.bool_)
    for t in range(len(u)):
        s = _base(sums, t, step, window, numbers)
        ratio = numbers.factor * v[t] / s
        small = abs(ratio) < numbers.tiny and v[t] != 0 and numbers.factor != 0
        bad[t] = not numbers.low <= s <= numbers.high or small or _is_extreme(u[t], numbers)
    return bad


@compiled
def _mend_gradient(v, dy, dx, bad, step, radius, exact):
    """Compute again, the slow way, whatever has a bad base or u in its window."""
    channels = len(v) // step
    for column in range(step):
        if not bad[column::step].any():
            continue
        right = wide.gradient(v, dy, column, step, radius, exact)
        for c in range(channels):
            near = bad[column + max(0, c - radius) * step : column + (c + radius) * step + 1 : step]
            if near.any():
                dx[column + c * step] = right[c]


@compiled
def gradient(x, dy, dx, first, last, shape, radius, window, numbers, exact, roots):
    """The gradient of LRN of tiles of `tile` columns with all their channels."""
    channels, inner, tile = shape
    tiles = (inner + tile - 1) // tile
    size, padded = channels * tile, (channels + 2 * radius) * tile
    all_v, all_u, all_dy = np.empty(size, x.dtype), np.empty(size, x.dtype), np.empty(size, x.dtype)
    all_squares, all_terms = np.zeros(padded, x.dtype), np.zeros(padded, x.dtype)
    result, spare = _buffers(padded, x.dtype, window)
    width = tile
    for task in range(first, last):
        begin = task // tiles * channels * inner + task % tiles * tile
        m = min(tile, inner - task % tiles * tile)
        lead, length = radius * m, channels * m
        if m != width:
            all_squares[:] = 0
            all_terms[:] = 0
            width = m
        v, u, squares = all_v[:length], all_u[:length], all_squares[: length + 2 * lead]
        terms = all_terms[: length + 2 * lead]
        run = length if m == inner else m
        total = x.dtype.type(0)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            own = squares[lead + to : lead + to + run]
            total += _load(x[at : at + run], v[to : to + run], own)
            _copy(dy[at : at + run], u[to : to + run])
        if len(window) == 1:
            squares = _sums(squares, radius, m, result, spare)
        _weigh(v, u, squares, terms[lead : lead + length], m, window, numbers, roots)
        largest = x.dtype.type(numbers.bias + numbers.alpha * total)
        if _in_range(total, numbers) and _extremes(v, u, largest, numbers) == 0:
            if len(window) == 1:
                terms = _sums(terms, radius, m, result, spare)
            _combine(v, u, terms, m, window, numbers.twice_beta)
        else:
            bad = _find_bad(v, u, squares, m, window, numbers)
            if len(window) == 1:
                terms = _sums(terms, radius, m, result, spare)
            _combine(v, u, terms, m, window, numbers.twice_beta)
            for k in range(length // run):
                at, to = begin + k * inner, k * run
                _copy(dy[at : at + run], all_dy[to : to + run])
            _mend_gradient(v, all_dy[:length], u, bad, m, radius, exact)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            _copy(u[to : to + run], dx[at : at + run])
