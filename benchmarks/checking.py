"""Whether a result is right: its error against float64, in units of its type's last place."""

import numpy as np

from benchmarks.cases import DTYPES, inputs, pixels_of, take
from lrnlib import reference

# ulp. A running sum over 1024 channels of like size errs by some 60; another window, by 1e6.
LIMIT = 256.0
# Of a type of 11 or 8 bits, 256 ulp would be the whole. Frameworks round each of their steps to
# it, six or seven in a forward call; a window with one channel too many errs by a tenth and more.
HALF_LIMIT = 24.0
WORST = 1e9  # ulp. Stands for any error as large, and for NaN and another dtype or shape.


def window_sum(a, depth_radius):
    """The sum over each clipped window of the last axis, directly."""
    total = a.copy()
    for shift in range(1, min(depth_radius, a.shape[-1] - 1) + 1):
        total[..., shift:] += a[..., :-shift]
        total[..., :-shift] += a[..., shift:]
    return total


def exact_forward(x, case):
    """The formula on whole arrays in float64, channels last."""
    a = x.astype(np.float64)
    s = case.bias + case.alpha * window_sum(a * a, case.depth_radius)
    return a / s**case.beta


def gradient_scale(dy, x, case):
    """The sum of the absolute terms of the gradient: its difference may cancel to nothing."""
    a, da = np.abs(x.astype(np.float64)), np.abs(dy.astype(np.float64))
    s = case.bias + case.alpha * window_sum(a * a, case.depth_radius)
    others = window_sum(da * a / s ** (case.beta + 1), case.depth_radius)
    return da / s**case.beta + 2 * case.alpha * case.beta * a * others


def limit(case):
    """The error, in ulp, beyond which a result is wrong."""
    return LIMIT if case.dtype == "float32" else HALF_LIMIT


def expected(case, x, dy):
    """What `lrnlib.reference` computes for some pixels, and the scale that errors count by."""
    parameters = (case.depth_radius, case.bias, case.alpha, case.beta)
    if case.op == "forward":
        y = reference.local_response_normalization(x, *parameters)
        return y, np.abs(y)
    dx = reference.local_response_normalization_grad(dy, x, *parameters)
    return dx, gradient_scale(dy, x, case)


def at(case, pixels, drawn=None):
    """`x` and `dy` at these pixels."""
    arrays = drawn or inputs(case)
    return tuple(take(a, pixels, case.axis) if a is not None else None for a in arrays)


def largest_error(actual, expected, scale, dtype=np.float32):
    """The largest error in ulp of a number of the type as large as the scale."""
    if actual.dtype != dtype or actual.shape != expected.shape:
        return WORST
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(np.float64) - expected)
    ulp = np.spacing(np.abs(scale).astype(dtype)).astype(np.float64)
    return float(np.max(np.nan_to_num(error / ulp, nan=WORST).clip(0, WORST), initial=0.0))


class Sample:
    """Some pixels of a case and what is right there: for LRN, and for a copy of `x`."""

    def __init__(self, case, drawn=None):
        self._pixels = pixels_of(case)
        self._dtype = DTYPES[case.dtype]
        x, dy = at(case, self._pixels, drawn)
        self._expected = expected(case, x, dy)
        self._copied = x.astype(np.float64)

    def error(self, worker, copies=False):
        """The largest error of the result of a worker that has this case prepared."""
        right = (self._copied, self._copied) if copies else self._expected
        return largest_error(worker.ask("result", self._pixels), *right, self._dtype)
