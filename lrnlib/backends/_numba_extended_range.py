"""The slow path of the compiled backend: one result of any finite float64 at a time.

The same arithmetic as in `_extended_range`, for scalars: a number is m * 2^e, and e cannot
overflow.
A row holds the channels of one or more pixels, those of one pixel `step` apart.
"""

import math

import numpy as np
from numba import njit

NOTHING = -100_000  # an exponent below that of every number

compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def forward(row, at, step, radius, exact):
    """y at one place of a row."""
    m, e = _base(row, at, step, radius, exact)
    m, e = _power(m, e, exact)
    f, k = math.frexp(np.float64(row[at]))
    return math.ldexp(f * m, k + e)


@compiled
def gradient(row, dy, column, step, radius, exact):
    """dx of the pixel whose channels begin at `column`, as far as the row goes."""
    _, alpha, beta, _ = exact
    channels = (len(row) - column + step - 1) // step
    scaled, scaled_e = np.empty(channels), np.empty(channels, np.int64)
    terms, terms_e = np.empty(channels), np.empty(channels, np.int64)
    for c in range(channels):
        at = column + c * step
        m, e = _base(row, at, step, radius, exact)
        power, power_e = _power(m, e, exact)
        f, k = math.frexp(np.float64(dy[at]))
        scaled[c], more = math.frexp(f * power)
        scaled_e[c] = k + power_e + more
        f, k = math.frexp(np.float64(row[at]))
        a, a_e = math.frexp(alpha)
        terms[c], more = math.frexp(scaled[c] * f * a / m)
        terms_e[c] = scaled_e[c] + k + a_e - e + more
    dx = np.empty(channels)
    for c in range(channels):
        near = range(max(0, c - radius), min(channels, c + radius + 1))
        top = NOTHING
        for j in near:
            if terms[j] != 0:
                top = max(top, terms_e[j])
        total = 0.0
        for j in near:
            total += _shifted(terms[j], terms_e[j] - top)
        f, k = math.frexp(np.float64(row[column + c * step]))
        m, e = _sum(scaled[c], scaled_e[c], -2 * beta * f * total, k + top)
        dx[c] = _shifted(m, e)
    return dx


@compiled
def _base(row, at, step, radius, exact):
    """bias + alpha * the sum of the window's squares, which lies around one place of a row."""
    bias, alpha, _, _ = exact
    first, last = max(at % step, at - radius * step), min(len(row) - 1, at + radius * step)
    top = NOTHING
    for k in range(first, last + 1, step):
        if row[k] != 0:
            top = max(top, math.frexp(np.float64(row[k]))[1])
    total = 0.0
    for k in range(first, last + 1, step):
        total += _shifted(np.float64(row[k]), -top) ** 2
    a, a_e = math.frexp(alpha)
    b, b_e = math.frexp(bias)
    return _sum(b, b_e, total * a, 2 * top + a_e)


@compiled
def _sum(a, a_e, b, b_e):
    if a == 0 or b == 0:
        m, e = math.frexp(a + b)
        return m, e + (b_e if a == 0 else a_e)
    top = max(a_e, b_e)
    m, e = math.frexp(_shifted(a, a_e - top) + _shifted(b, b_e - top))
    return m, top + e


@compiled
def _shifted(m, e):
    return math.ldexp(m, min(max(e, -10_000), 10_000))


@compiled
def _power(m, e, exact):
    """The base to the power of -beta, whose product with the exponent is split."""
    _, _, beta, high = exact
    whole = np.rint(-high * e)  # exact: 24 bits times 17
    fraction = (-high * e - whole) - (beta - high) * e
    return m**-beta * 2.0**fraction, np.int64(whole)
