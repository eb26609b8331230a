"""All tolerances of the tests: error bounds derived from the roundings of the computation."""

import numpy as np
from ml_dtypes import finfo

from tests.library.oracles.exact import sides

# The relative error of one rounding is at most u, half of eps of the dtype of the computation:
# float64 for float64 and float32 for all others. With n terms in the window, in units of u:
#
#   alpha, rounded to that dtype         1      no term of the base is negative, so that
#   each square                          1      relative errors do not grow in their sum;
#   their sum, in any order            n-1      bias has one rounding only
#   times alpha                          1
#   plus bias                            1
#   --------------------------------------
#   the base                           n+3      its power: abs(beta) times as much
#
#   a power by square roots              4      √s, times s, √ (which halves the two before),
#                                               and up to two more products
#   or a general power                   2      one unit in the last place
#   or a power by exponents            5.4      two powers of one unit in the last place, their
#                                               product, a fraction of the exponent: ln 2 / 2
#   the quotient, or a product           1
#   --------------------------------------
#   y = x / s^beta   abs(beta) (n+3) + 7
#
# The gradient, dy_i / s_i^beta - 2 beta x_i sum of (alpha x_j / s_j) (dy_j / s_j^beta):
#
#   dy / s^beta, as above    F = abs(beta) (n+3) + 7
#   alpha x / s                        n+6      alpha, the product, the base, the quotient
#   times dy / s^beta                    1      plus its F
#   their sum, in any order            n-1      relative to the sum of the absolute terms
#   times x, times 2 beta                3      beta rounded to that dtype, two products
#   the difference                       1
#   --------------------------------------
#   dx               F + 2n + 10                relative to the sum of all absolute terms
#
# On a GPU the roots for half types are approximate: 2.2 u each. The power is such a root of a
# product with another, and the quotient 1 / s the square of one: dx has 5 u more than above.
#
# The absolute error of a rounding below the normal range is half of the smallest subnormal, h:
#
#   y: its last operation                h      the base and its power are never that small
#   dx: dy_i / s_i^beta                  h
#     those of the sum        n abs(beta) h     since alpha (x_i² + x_j²) <= s_j, a part in two
#     each term     n 2 abs(beta) abs(x_i) h    multiplied on by 2 beta x_i; x below X, for
#                                               beyond only the result is rounded
#     times x, times 2 beta  (2 abs(beta) + 1) h
#
# The reference, in float64, has as many roundings (two sides); the exact oracles round once, to
# float64. A result of a half type is rounded once more: by eps/2 of that type, or by half of its
# smallest subnormal, whichever is larger.

U = {"float32": 2.0**-24, "float64": 2.0**-53}
SQUARED_ROOT = 5  # for half types on a GPU
LARGEST_X = {"float32": 2.0**50, "float64": 2.0**400}  # X: the root of the base over alpha
TINIEST = float(np.finfo(np.float64).smallest_subnormal)  # in this file h of float64, not 0


def terms_in(depth_radius, channels):
    """Return the number of channels in the largest window."""
    before, after = sides(depth_radius)
    return min(min(before, channels - 1) + min(after, channels - 1) + 1, channels)


def computed_in(dtype):
    """Return the name of the dtype in which the library computes for `dtype`."""
    return "float64" if finfo(dtype).bits == 64 else "float32"


def forward_roundings(terms, beta):
    return abs(beta) * (terms + 3) + 7


def gradient_roundings(terms, beta):
    return forward_roundings(terms, beta) + 2 * terms + 10


def relative_bound(roundings, dtype, sides=2):
    """Return the relative error bound for so many roundings, and those of the oracle."""
    u = U[computed_in(dtype)]
    oracle = (roundings if sides == 2 else 1) * U["float64"]
    return roundings * u / (1 - roundings * u) + oracle / (1 - oracle)


def forward_bound(expected, dtype, terms, beta, sides=2):
    """Return the error bound of each element before it is rounded to the dtype of x."""
    relative = relative_bound(forward_roundings(terms, beta), dtype, sides)
    return _computed(np.abs(expected), relative, 1, dtype)


def gradient_bound(size, x, dtype, terms, beta, sides=2):
    """Return the same for a gradient by `x`; `size` is the sum of its absolute terms."""
    roundings = gradient_roundings(terms, beta) + SQUARED_ROOT * (finfo(dtype).bits == 16)
    relative = relative_bound(roundings, dtype, sides)
    largest_x = np.minimum(np.abs(np.asarray(x, np.float64)), LARGEST_X[computed_in(dtype)])
    halves = 2 + abs(beta) * (2 + terms * (1 + 2 * largest_x))
    return _computed(size, relative, halves, dtype)


def _computed(size, relative, halves, dtype):
    half = float(finfo(computed_in(dtype)).smallest_subnormal) / 2 + TINIEST
    with np.errstate(over="ignore", under="ignore"):
        return size * relative + halves * half


def bound_after_rounding(bound, expected, dtype):
    """Return the bound on ``abs(actual - expected)`` after the rounding to the dtype of x."""
    info = finfo(dtype)
    if info.bits > 16:
        return bound
    last = (np.abs(expected) + bound) * float(info.eps) / 2
    return bound + np.maximum(last, float(info.smallest_subnormal) / 2)


def overflows(values, expected, bound, dtype):
    """Tell which elements must be infinite in the dtype, and which may be, with their sign."""
    info = finfo(dtype)
    threshold = 2.0 ** (info.maxexp - 1) * (1 - float(info.eps) / 4)  # halved: it fits float64
    with np.errstate(invalid="ignore"):
        least = np.abs(expected) / 2 - bound / 2
        most = np.sign(values) * expected / 2 + bound / 2
    return ~(least < threshold), most >= threshold


def error_over_bound(actual, expected, bound):
    """Return the largest error over its bound; fail if a NaN or inf is in the wrong place."""
    values, expected = actual.astype(np.float64), np.asarray(expected, np.float64)
    np.testing.assert_array_equal(np.isnan(values), np.isnan(expected), "NaN is out of place")
    numbers = ~np.isnan(values)
    values, expected, bound = values[numbers], expected[numbers], bound[numbers]
    must, may = overflows(values, expected, bound, actual.dtype)
    infinite = np.isinf(values)
    assert np.all(infinite[must]), "a result too large for the dtype is not infinite"
    assert np.all(may[infinite]), "a result that the dtype can hold is infinite"
    values, expected, bound = values[~infinite], expected[~infinite], bound[~infinite]
    shares = np.abs(values - expected) / bound_after_rounding(bound, expected, actual.dtype)
    return float(np.max(shares, initial=0.0))


def assert_within(actual, expected, bound):
    """Fail unless every element is within its bound of the float64 value expected."""
    assert actual.shape == np.shape(expected)
    share = error_over_bound(actual, expected, bound)
    assert share <= 1, f"the largest error is {share:.3g} of its bound"


def assert_agrees(actual, expected, terms, beta, sides=2):
    """Fail unless every element of an LRN is within its bound of the float64 value expected."""
    expected = np.asarray(expected, np.float64)
    assert_within(actual, expected, forward_bound(expected, actual.dtype, terms, beta, sides))


def assert_same_bits(actual, expected):
    """Fail unless dtype, shape and every value are equal, zeros by sign and NaN to NaN."""
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    np.testing.assert_array_equal(actual, expected)
    numbers = ~np.isnan(actual)
    np.testing.assert_array_equal(np.signbit(actual[numbers]), np.signbit(expected[numbers]))
