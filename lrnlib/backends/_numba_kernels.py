"""What Numba compiles: LRN and its gradient in flat arrays, a few pixels after another.

The length of a tuple is part of its type. So `window`, which has 2 * depth_radius + 1 entries,
and `roots`, which has as many as there are quarters in beta, make the compiler write a function
of its own for each radius and each of these powers, the loop over the window unrolled.
Wide windows come as a tuple of one, beta of another kind as an empty one.

An index of an unsigned type is not asked whether it counts from the end: only so do the loops
become vector instructions where the step between two channels is not known beforehand.
"""

import math

import numpy as np
from numba import njit

from lrnlib.backends import _numba_wide as wide

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
EXP2 = _polynomial(np.exp2, 6, -0.5, 0.5)  # to 2e-9
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
        return z * s ** numbers[2]
    return z * _power(s, np.float32(numbers[2]), np.float32(numbers[3]))


@compiled
def _base(sums, t, step, window, numbers):
    """bias + alpha * the sum of the window, in `sums` from place t on; the first two numbers."""
    s = sums[np.uint64(t)]
    for d in range(1, len(window)):
        s += sums[np.uint64(t) + np.uint64(d) * np.uint64(step)]
    return numbers[0] + numbers[1] * s


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
        length = np.uint64(len(z) - (2 * have + odd - 1) * step)
        second, third = np.uint64(have * step), np.uint64(2 * have * step)
        for t in range(length):
            total = done[t] + done[t + second]
            if odd:
                total += z[t + third]
            result[t] = total
        have = 2 * have + odd
        done, result, spare = result, spare, result
    return done


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
def _finish(v, sums, y, step, window, numbers, roots):
    for t in range(len(y)):
        y[t] = _over_power(v[t], _base(sums, t, step, window, numbers), numbers, roots)


@compiled
def _mend(row, sums, y, lead, step, radius, window, numbers, exact):
    """Compute again, the slow way, the results whose base is out of range."""
    for t in range(len(y)):
        s = _base(sums, t, step, window, numbers)
        if not numbers[4] <= s <= numbers[5]:
            y[t] = wide.forward(row, t + lead, step, radius, exact)


@compiled
def _in_range(total, numbers):
    """Whether no base can be out of range, the sum of all squares being `total`."""
    return numbers[4] <= numbers[0] and numbers[0] + numbers[1] * total <= numbers[5]


@compiled
def forward_rows(x, y, first, last, shape, radius, window, numbers, exact, roots):
    """LRN of the pixels from `first` to `last`, `batch` rows of `length` at a time.

    Some rows are squared before the first of them is summed up: a load that straddles two
    stores waits until both have left the store buffer.
    """
    length, step, batch = shape
    lead = radius * step
    width = length + 2 * lead
    v, squares = np.empty(batch * length, x.dtype), np.zeros(batch * width, x.dtype)
    result, spare = np.empty(width, x.dtype), np.empty(width, x.dtype)
    for begin in range(first, last, batch):
        rows = min(batch, last - begin)
        total = x.dtype.type(0)
        for k in range(rows):
            at = (begin + k) * length
            middle = k * width + lead
            row = v[k * length : (k + 1) * length]
            total += _load(x[at : at + length], row, squares[middle : middle + length])
        good = _in_range(total, numbers)
        for k in range(rows):
            at = (begin + k) * length
            row = v[k * length : (k + 1) * length]
            own = squares[k * width : (k + 1) * width]
            if len(window) > 1:
                _finish(row, own, y[at : at + length], step, window, numbers, roots)
            else:
                sums = _sums(own, radius, step, result, spare)
                _finish(row, sums, y[at : at + length], step, window, numbers, roots)
        if not good:
            for k in range(rows):
                at = (begin + k) * length
                row = v[k * length : (k + 1) * length]
                own = squares[k * width : (k + 1) * width]
                sums = own if len(window) > 1 else _sums(own, radius, step, result, spare)
                to = y[at : at + length]
                _mend(row, sums, to, 0, step, radius, window, numbers, exact)


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
    result, spare = np.empty(size, x.dtype), np.empty(size, x.dtype)
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
            at = (loaded - c0 + radius) * m
            for c in range(loaded, min(c1 + radius, channels)):
                row = x[begin + c * inner : begin + c * inner + m]
                total += _load(row, v[at : at + m], squares[at : at + m])
                at += m
            loaded = min(c1 + radius, channels)
            end = (c1 - c0) * m + 2 * lead
            v[at:end] = 0
            squares[at:end] = 0
            sums = squares if len(window) > 1 else _sums(squares[:end], radius, m, result, spare)
            for c in range(c0, c1):
                at, to = (c - c0) * m, begin + c * inner
                row = v[at + lead : at + lead + m]
                own = sums[at : at + len(window) * m]
                _finish(row, own, y[to : to + m], m, window, numbers, roots)
                if not _in_range(before + total, numbers):
                    to_mend = y[to : to + m]
                    _mend(v[:end], own, to_mend, at + lead, m, radius, window, numbers, exact)
            v[: 2 * lead] = v[end - 2 * lead : end]
            squares[: 2 * lead] = squares[end - 2 * lead : end]


@watching
def _extremes(u, numbers):
    """How many values are out of range, 0 aside: a sum, which vector instructions can make."""
    zero = u.dtype.type(0)
    count = zero
    for t in range(len(u)):
        count += zero + 1 if _is_extreme(u[t], numbers) else zero
    return count


@compiled
def _is_extreme(u, numbers):
    size = abs(u)
    return (size > numbers[7]) | ((size < numbers[6]) & (size > 0))


@compiled
def _weigh(v, u, sums, terms, step, window, numbers, roots):
    """Make of dy: u = dy / s^beta, and of it the terms alpha * x * u / s of the second sum."""
    for t in range(len(u)):
        s = _base(sums, t, step, window, numbers)
        u[t] = _over_power(u[t], s, numbers, roots)
        terms[t] = numbers[1] * v[t] / s * u[t]


@compiled
def _combine(v, u, sums, step, window, twice_beta):
    """Make of u: dx."""
    zero = u.dtype.type(0)
    for t in range(len(u)):
        u[t] -= twice_beta * v[t] * _base(sums, t, step, window, (zero, zero + 1))


@compiled
def _find_bad(u, sums, step, window, numbers):
    bad = np.zeros(len(u), np.bool_)
    for t in range(len(u)):
        s = _base(sums, t, step, window, numbers)
        bad[t] = not numbers[4] <= s <= numbers[5] or _is_extreme(u[t], numbers)
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
    v, u, dy_tile = np.empty(size, x.dtype), np.empty(size, x.dtype), np.empty(size, x.dtype)
    squares, terms = np.zeros(padded, x.dtype), np.zeros(padded, x.dtype)
    result, spare = np.empty(padded, x.dtype), np.empty(padded, x.dtype)
    width = tile
    for task in range(first, last):
        begin = task // tiles * channels * inner + task % tiles * tile
        m = min(tile, inner - task % tiles * tile)
        lead, length = radius * m, channels * m
        if m != width:
            squares[:] = 0
            terms[:] = 0
            width = m
        run = length if m == inner else m
        total = x.dtype.type(0)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            row = v[to : to + run]
            total += _load(x[at : at + run], row, squares[lead + to : lead + to + run])
            u[to : to + run] = dy[at : at + run]
        own, middle = squares[: length + 2 * lead], terms[lead : lead + length]
        sums = own if len(window) > 1 else _sums(own, radius, m, result, spare)
        _weigh(v[:length], u[:length], sums, middle, m, window, numbers, roots)
        good = _in_range(total, numbers) and _extremes(u[:length], numbers) == 0
        bad = _find_bad(u[: 0 if good else length], sums, m, window, numbers)
        own = terms[: length + 2 * lead]
        sums = own if len(window) > 1 else _sums(own, radius, m, result, spare)
        _combine(v[:length], u[:length], sums, m, window, numbers[8])
        if not good:
            for k in range(length // run):
                at, to = begin + k * inner, k * run
                dy_tile[to : to + run] = dy[at : at + run]
            _mend_gradient(v[:length], dy_tile[:length], u[:length], bad, m, radius, exact)
        for k in range(length // run):
            at, to = begin + k * inner, k * run
            dx[at : at + run] = u[to : to + run]
