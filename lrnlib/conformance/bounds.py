"""The tolerance of each element: the roundings that a plain implementation makes.

Nothing clever is required: a general power is counted as ``exp(-beta * log(s))``, as TensorFlow
computes it. One rounding errs by at most u, half of the type's eps. With n terms in the window:

=====================================================  ==================================
alpha, squares, sum in any order, times alpha          n + 2, of terms that are all >= 0
bias and its addition                                  2
the base s, to the power                               abs(beta) (n + 4)
log(s) to 2 u, beta, their product, as errors of exp   4 abs(beta log(s))
exp, the product, second-order terms                         4
=====================================================  ==================================

On harmless data a running sum is accepted: to the base it adds two roundings for each channel,
relative to the largest sum of the pixel. On all other data the sum must be direct.

The gradient is a difference: its error is relative to the sum of its absolute terms. Each has
the roundings of a power beta + 1, and of n + 4 additions and products.

Half types are computed in float32 and rounded once more, by half a unit in the last place.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

U = {"float64": 2.0**-53, "float32": 2.0**-24}
# Half of eps, and the smallest subnormal number.
HALF = {"float16": (2.0**-11, 2.0**-24), "bfloat16": (2.0**-8, 2.0**-133)}


def window_sums(t: Array, before: int, after: int) -> Array:
    """Return the sums over clipped windows, `before` and `after` channels to either side."""
    channels = t.shape[-1]
    total = np.zeros_like(t)
    for shift in range(max(-before, 1 - channels), min(after, channels - 1) + 1):
        into = slice(max(0, -shift), channels - max(0, shift))
        total[..., into] += t[..., slice(max(0, shift), channels + min(0, shift))]
    return total


def tolerance(x: Array, p: Parameters, expected: Floats, dy: Array | None, direct: bool) -> Floats:
    """Return the largest right error of each element of the result, or, with `dy`, the gradient."""
    name = str(x.dtype)
    a = x.astype(np.float64)
    with np.errstate(all="ignore"):
        sums = p.alpha * window_sums(a * a, *p.reach)
        s = p.bias + sums
        logarithm = np.abs(np.nan_to_num(np.log(s), nan=0, posinf=0, neginf=0))
        terms = min(sum(p.reach) + 1, x.shape[-1])
        power = abs(p.beta) + (dy is not None)
        roundings = power * (terms + 4) + 4 * power * logarithm + 4
        if not direct:
            largest = np.nanmax(np.where(np.isinf(sums), 0, sums), axis=-1, keepdims=True)
            roundings = roundings + np.nan_to_num(power * 2 * x.shape[-1] * largest / s)
        size = np.abs(expected)
        if dy is not None:
            roundings = roundings.max() + terms + 4
            size = _size_of_gradient(a, s, p, dy.astype(np.float64))
        # The expected values have roundings of float64 themselves.
        bound = size * roundings * (U.get(name, U["float32"]) + U["float64"])
        if name in HALF:
            half, smallest = HALF[name]
            bound += np.maximum(np.abs(expected) * half, smallest / 2)
    return np.asarray(np.nan_to_num(bound, nan=0, posinf=0))


def _size_of_gradient(a: Floats, s: Floats, p: Parameters, dy: Floats) -> Floats:
    """Return the sum of the absolute terms of each element of the gradient."""
    terms = np.abs(dy * a) * s ** (-p.beta - 1)
    shares = window_sums(terms, *p.reach[::-1])
    size: Floats = np.abs(dy) * s**-p.beta + np.abs(2 * p.alpha * p.beta * a) * shares
    return size
