"""The fallback of the Numba backend: the arithmetic of `_extended_range`, for scalars.

A number is m * 2^e, and e cannot overflow. A row holds one or more pixels; the channels of a
pixel are `step` apart. `exact` are bias, alpha, beta, and beta rounded to float32.
"""

import math

import numpy as np
from numba import njit

LOWEST_EXPONENT = -100_000  # less than the exponent of any number

jit = njit(nogil=True, cache=True, error_model="numpy")


@jit
def forward(row, at, step, radius, exact):
    """Return y at index `at` of a row."""
    m, e = _base(row, at, step, radius, exact)
    m, e = _power(m, e, exact)
    f, k = math.frexp(np.float64(row[at]))
    return math.ldexp(f * m, k + e)


@jit
def gradient(row, dy, column, step, radius, exact):
    """Return dx of the pixel whose first channel is at index `column` of a row."""
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
        window = range(max(0, c - radius), min(channels, c + radius + 1))
        top = LOWEST_EXPONENT
        for j in window:
            if terms[j] != 0:
                top = max(top, terms_e[j])
        total = 0.0
        for j in window:
            total += _ldexp(terms[j], terms_e[j] - top)
        f, k = math.frexp(np.float64(row[column + c * step]))
        m, e = _add(scaled[c], scaled_e[c], -2 * beta * f * total, k + top)
        dx[c] = _ldexp(m, e)
    return dx


@jit
def _base(row, at, step, radius, exact):
    """Return bias + alpha * the sum of squares over the window around index `at` of a row."""
    bias, alpha, _, _ = exact
    first, last = max(at % step, at - radius * step), min(len(row) - 1, at + radius * step)
    top = LOWEST_EXPONENT
    for k in range(first, last + 1, step):
        if row[k] != 0:
            top = max(top, math.frexp(np.float64(row[k]))[1])
    total = 0.0
    for k in range(first, last + 1, step):
        total += _ldexp(np.float64(row[k]), -top) ** 2
    a, a_e = math.frexp(alpha)
    b, b_e = math.frexp(bias)
    return _add(b, b_e, total * a, 2 * top + a_e)


@jit
def _add(a, a_e, b, b_e):
    if a == 0 or b == 0:
        m, e = math.frexp(a + b)
        return m, e + (b_e if a == 0 else a_e)
    top = max(a_e, b_e)
    m, e = math.frexp(_ldexp(a, a_e - top) + _ldexp(b, b_e - top))
    return m, top + e


@jit
def _ldexp(m, e):
    return math.ldexp(m, min(max(e, -10_000), 10_000))


@jit
def _power(m, e, exact):
    """Return a base to the power -beta. beta * e is split so that its fraction keeps all digits."""
    _, _, beta, high = exact
    integer = np.rint(-high * e)  # the product is exact: 24 bits times 17
    fraction = (-high * e - integer) - (beta - high) * e
    return m**-beta * 2.0**fraction, np.int64(integer)
