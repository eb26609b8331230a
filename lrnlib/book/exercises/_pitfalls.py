"""The functions that the exercises of the chapter on the pitfalls compare answers with."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lrnlib import reference
from lrnlib.book.exercises._function_grading import Array, Functions


def _right(x: Array, *parameters: Any) -> Array:
    return reference.local_response_normalization(x.astype(np.float64), *parameters)


def _padded(t: Array, before: int, after: int) -> Array:
    return np.pad(t, [(0, 0)] * 3 + [(before, after)])


def _direct(t: Array, radius: int) -> Array:
    padded, channels = _padded(t, radius, radius), t.shape[-1]
    return np.asarray(sum(padded[..., k : k + channels] for k in range(2 * radius + 1)))


def _band(t: Array, radius: int) -> Array:
    i = np.arange(t.shape[-1])
    return np.asarray(t @ (abs(i - i[:, None]) <= radius).astype(t.dtype))


def _running(t: Array, radius: int) -> Array:
    padded, sums = _padded(t, radius, radius), []
    total = padded[..., : 2 * radius].sum(axis=-1)
    for k in range(t.shape[-1]):
        total = total + padded[..., k + 2 * radius]
        sums.append(total)
        total = total - padded[..., k]
    return np.stack(sums, axis=-1)


def _prefix(t: Array, radius: int) -> Array:
    total = np.cumsum(_padded(t, radius + 1, radius), axis=-1)
    return np.asarray(total[..., 2 * radius + 1 :] - total[..., : t.shape[-1]])


def _lrn(sums: Callable[[Array, int], Array], dtype: Any) -> Callable[..., Array]:
    """LRN with these sums of squares, computed in this dtype."""

    def lrn(x: Array, radius: int, bias: float, alpha: float, beta: float) -> Array:
        x = x.astype(dtype)
        return np.asarray(x * (bias + alpha * sums(x * x, radius)) ** -beta)

    return lrn


def _scaled(x: Array, *parameters: Any) -> Array:
    largest = np.abs(x).max().astype(np.float64)
    return np.asarray(largest * _lrn(_direct, np.float64)(x / largest, *parameters))


_small = np.array([1, -2, 0.5, 3, -1, 2.5, 1, 0.75, -3, 1, 0, 2], np.float32).reshape(1, 2, 1, 6)
_tidy, _huge = _small.copy(), _small.copy()
_tidy.flat[1], _huge.flat[[0, 3]] = 2e19, (3e38, -1e20)
FUNCTIONS = {
    "beyond_overflow": Functions(
        right=_right,
        mistakes={
            "direct_float32": _lrn(_direct, np.float32),
            "matrix_float32": _lrn(_band, np.float32),
            "running_float64": _lrn(_running, np.float64),
            "prefix_float64": _lrn(_prefix, np.float64),
            "clipped": lambda x, *p: _right(np.clip(x, -1.8e19, 1.8e19), *p),
            "bias_not_scaled": _scaled,
        },
        cases=[(_small, 1, 1.5, 0.3, 0.75), (_tidy, 1, 1.0, 1.0, 0.5), (_huge, 1, 1.5, 0.5, 0.25)],
    )
}
