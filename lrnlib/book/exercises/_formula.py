"""The functions that the exercises of the chapter on the formula compare answers with."""

from collections.abc import Callable

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _sums(
    before: Callable[[int], int], after: Callable[[int], int], square: bool = True
) -> Callable[[Array, int], Array]:
    """Sums over windows that extend `before(n)` and `after(n)` channels from their own."""

    def sums(a: Array, n: int) -> Array:
        z = a**2 if square else a
        windows = (z[max(0, i - before(n)) : i + after(n) + 1] for i in range(len(a)))
        return np.array([window.sum() for window in windows])

    return sums


def _negative_start(a: Array, n: int) -> Array:
    return np.array([np.sum(a[i - n // 2 : i + (n + 1) // 2] ** 2) for i in range(len(a))])


def _wrapped(a: Array, n: int) -> Array:
    shifts = range(-((n - 1) // 2), n // 2 + 1)
    return np.asarray(sum(np.roll(a**2, shift) for shift in shifts))


_shorter, _longer = (lambda n: (n - 1) // 2), (lambda n: n // 2)
_a = np.array([3.0, -1, 4, 1, -5, 9, 2, -6, 5])
FUNCTIONS = {
    "even_window": Functions(
        right=_sums(_longer, _shorter),
        mistakes={
            "one_channel_more": _sums(_longer, _longer),
            "onnx": _sums(_shorter, _longer),
            "onednn": _sums(_shorter, _shorter),
            "n_as_radius": _sums(lambda n: n, lambda n: n),
            "one_channel_less": _sums(_longer, lambda n: (n - 1) // 2 - 1),
            "no_squares": _sums(_longer, _shorter, square=False),
            "squared_sum": lambda a, n: _sums(_longer, _shorter, square=False)(a, n) ** 2,
            "negative_start": _negative_start,
            "wrapped": _wrapped,
        },
        cases=[(_a, 5), (_a, 4), (_a, 2), (_a[:3], 4), (_a, 1)],
    )
}
