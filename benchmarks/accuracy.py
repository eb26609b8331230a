"""Whether a result is right: its error against float64, in units of its dtype's last place."""

import numpy as np

from benchmarks.cases import DTYPES, inputs_of, pixels_of, take
from benchmarks.worker import columns_or_reason
from lrnlib import reference

# ulp, beyond which a result is wrong. A running sum over 1024 channels of similar size errs by
# about 60; a wrong window, by 1e6. In a dtype of 11 or 8 bits, 256 ulp would be the value itself:
# frameworks round each of the six or seven steps of a forward call, and a window with one channel
# too many errs by a tenth or more.
LIMITS = {"float32": 256.0, "float16": 24.0, "bfloat16": 24.0}
WORST = 1e9  # ulp. Stands for any larger error, for NaN, and for a wrong dtype or shape.


def window_sum(a, depth_radius, axis=-1):
    """The sum over each clipped window, directly."""
    total = a.copy()
    terms, sums = (array.swapaxes(axis, -1) for array in (a, total))
    for shift in range(1, min(depth_radius, a.shape[axis] - 1) + 1):
        sums[..., shift:] += terms[..., :-shift]
        sums[..., :-shift] += terms[..., shift:]
    return total


def gradient_scale(x, dy, case):
    """The sum of the absolute terms of the gradient: its difference may cancel to nothing."""
    a, da = np.abs(x.astype(np.float64)), np.abs(dy.astype(np.float64))
    s = case.bias + case.alpha * window_sum(a * a, case.depth_radius)
    with np.errstate(divide="ignore", invalid="ignore"):  # without bias, windows of zeros are 0/0
        others = window_sum(da * a / s ** (case.beta + 1), case.depth_radius)
        return da / s**case.beta + 2 * case.alpha * case.beta * a * others


def largest_error(actual, expected, scale, dtype=np.float32):
    """The largest error in ulp of a number of the dtype as large as the scale."""
    if actual.dtype != dtype or actual.shape != expected.shape:
        return WORST
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(np.float64) - expected)
    scale = np.where(np.isnan(expected), 1, scale)
    error[np.isnan(expected) & np.isnan(actual)] = 0
    ulp = np.spacing(np.abs(scale).astype(dtype)).astype(np.float64)
    return float(np.max(np.nan_to_num(error / ulp, nan=WORST).clip(0, WORST), initial=0.0))


class Sample:
    """Pixels of a case and the right results there: of LRN, and of a copy of `x`."""

    def __init__(self, case, pixels=None):
        self._pixels, self._dtype = pixels or pixels_of(case), DTYPES[case.dtype]
        x, *dy = (take(a, self._pixels, case.axis) for a in inputs_of(case))
        parameters = (case.depth_radius, case.bias, case.alpha, case.beta)
        if dy:
            right = reference.local_response_normalization_grad(*dy, x, *parameters)
            self._right = right, gradient_scale(x, *dy, case)
        else:
            self._right = [reference.local_response_normalization(x, *parameters)] * 2
        self._copied = [x.astype(np.float64)] * 2

    def error(self, session, copies=False):
        """The largest error of the result of a session that has the case prepared."""
        result = session.request("result", self._pixels)
        right, scale = self._copied if copies else self._right
        return round_significant(largest_error(result, right, scale, self._dtype))


def accuracy_rows(case, sessions, *_):
    """The largest error of each implementation over all of a result whose pixels vary in size."""
    sample, rows = Sample(case, list(np.ndindex(case.shape[:-1]))), []

    def measured(session):
        session.request("prepare", case)
        return {"status": "measured", "error_ulp": sample.error(session)}

    for name, session in sessions.items():
        row = case.columns() | {"implementation": name, "values": case.elements}
        rows.append(row | columns_or_reason(measured, session))
        session.clear()
    return rows


def round_significant(value):
    """Four digits: more would be noise in every record's difference."""
    return float(f"{value:.4g}")
