"""The functions that the exercises of the chapter on TensorFlow's call compare answers with."""

from collections.abc import Callable

import numpy as np

import lrnlib
from lrnlib.book.exercises._function_grading import Array, Functions


def _lrn(x: Array, axis: int = -1) -> Array:
    y: Array = lrnlib.lrn(x, 2, 2, 0.1, 0.75, axis=axis)
    return y


def _transposed(before: tuple[int, ...], after: tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda x: _lrn(x.transpose(before)).transpose(after)


def _reshaped(x: Array) -> Array:
    batch, channels, *sides = x.shape
    return _lrn(x.reshape(batch, *sides, channels)).reshape(x.shape)


_LAST = (0, 2, 3, 1)
_rng = np.random.default_rng(5)
FUNCTIONS = {
    "channels_first": Functions(
        right=lambda x: _lrn(x, axis=1),
        mistakes={
            "not_transposed": _lrn,
            "along_height": lambda x: _lrn(x, axis=2),
            "along_batch": lambda x: _lrn(x, axis=0),
            "left_last": _transposed(_LAST, (0, 1, 2, 3)),
            "same_again": _transposed(_LAST, _LAST),
            "reshaped": _reshaped,
            "sides_exchanged": _transposed(_LAST, (0, 3, 2, 1)),
            "n_as_radius": lambda x: lrnlib.lrn(x, 5, 2, 0.1, 0.75, axis=1),
            "defaults": lambda x: lrnlib.lrn(x, axis=1),
            "alpha_divided": lambda x: lrnlib.lrn(x, 2, 2, 0.1 / 5, 0.75, axis=1),
        },
        cases=[
            (_rng.normal(scale=3, size=shape).astype(np.float32),)
            for shape in [(2, 9, 4, 6), (3, 4, 5, 2)]
        ],
    )
}
