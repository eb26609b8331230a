"""The one place where tolerances come from: bounds derived from the roundings made."""

import numpy as np

EPS = float(np.finfo(np.float64).eps)
TINIEST = float(np.finfo(np.float64).smallest_subnormal)

# The relative error of y = x / (bias + alpha * sum)^beta computed in float64, in units of
# EPS = 2u, twice the largest relative error u of one rounding. With n terms in the window:
#
#   each square                       u      all terms are >= 0, so relative errors
#   their sum, in any order     (n-1) u      do not grow and add up along the way
#   times alpha                       u
#   plus bias                         u
#   terms lost beside larger ones     u      (in the path by exponents)
#   --------------------------------------
#   the base of the power       (n+3) u      <= (n+4) EPS; the power multiplies it by |beta|
#
#   up to 4 powers              6 EPS        each within 1 ulp, and half an ulp to spare
#   4 products or a quotient    4 u           = 2 EPS
#   --------------------------------------
#   total                       |beta| (n+4) EPS + 8 EPS, and n = 2r+1 where the axis is long
#
# A result below float64's normal range moves by absolute amounts instead: at most half of
# the smallest subnormal in each of the 4 products, in all at most 2 of them.
# The reference is float64 as well and errs as much: two sides. An exact oracle: one side.
# The result is then rounded once more, to the dtype of x: by eps/2 of that dtype, or by half
# of its smallest subnormal, whichever is more. To float64 nothing is rounded.


def terms_in(depth_radius, channels):
    """The number of channels in the fullest window."""
    return min(2 * depth_radius + 1, channels)


def relative_bound(terms, beta, sides=2):
    """The bound on the relative error before the result is rounded to the dtype of x."""
    return sides * (abs(beta) * (terms + 4) + 8) * EPS


def forward_bound(expected, dtype, terms, beta, sides=2):
    """The bound on ``abs(actual - expected)``, for each element of a result of that dtype."""
    size = np.abs(expected)
    with np.errstate(over="ignore", under="ignore"):
        computed = size * relative_bound(terms, beta, sides) + 2 * sides * TINIEST
    info = np.finfo(dtype)
    if info.dtype == np.float64:
        return computed
    return computed + np.maximum(size * float(info.eps) / 2, float(info.smallest_subnormal) / 2)


def overflows(expected, dtype, terms, beta, sides=2):
    """Which elements must be infinite in the dtype, and which may be."""
    info = np.finfo(dtype)
    threshold = 2.0 ** (info.maxexp - 1) * (1 - float(info.eps) / 4)  # halved: it fits float64
    slack = relative_bound(terms, beta, sides)
    half = np.abs(expected) / 2
    return half * (1 - slack) >= threshold, half * (1 + slack) >= threshold


def error_over_bound(actual, expected, terms, beta, sides=2):
    """The largest error of the finite elements over its bound; NaN and inf must be in place."""
    expected = np.asarray(expected, np.float64)
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected), "NaN is out of place")
    must, may = overflows(expected, actual.dtype, terms, beta, sides)
    infinite = np.isinf(actual)
    assert np.all(infinite[must]), "a result too large for the dtype is not infinite"
    assert np.all(may[infinite]), "a result that the dtype can hold is infinite"
    judged = ~(infinite | np.isnan(actual))
    np.testing.assert_array_equal(np.sign(actual[infinite]), np.sign(expected[infinite]))
    error = np.abs(actual[judged].astype(np.float64) - expected[judged])
    bound = forward_bound(expected[judged], actual.dtype, terms, beta, sides)
    return float(np.max(error / bound, initial=0.0))


def assert_agrees(actual, expected, terms, beta, sides=2):
    """Fail unless every element is within its bound of the float64 value expected."""
    assert actual.shape == np.shape(expected)
    share = error_over_bound(actual, expected, terms, beta, sides)
    assert share <= 1, f"the largest error is {share:.3g} of its bound"


def assert_same_bits(actual, expected):
    """Fail unless dtype, shape and every value are equal, zeros by sign and NaN to NaN."""
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(actual, expected)
    numbers = ~np.isnan(actual)
    np.testing.assert_array_equal(np.signbit(actual[numbers]), np.signbit(expected[numbers]))
