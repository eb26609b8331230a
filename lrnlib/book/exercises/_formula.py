"""The functions that the exercises of the chapter on the formula compare answers with."""

from collections.abc import Callable

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _sums(
    window: Callable[[int], tuple[int, int]] = lambda n: (n // 2, (n - 1) // 2),
    term: Callable[[Array], Array] = np.square,
    take: Callable[[Array, int, int], Array] = lambda z, start, stop: z[max(0, start) : stop],
) -> Callable[[Array, int], Array]:
    """Sums over windows that extend `window(n)` channels to either side of their own."""

    def sums(a: Array, n: int) -> Array:
        z, (before, after) = term(a), window(n)
        return np.array([take(z, i - before, i + after + 1).sum() for i in range(len(a))])

    return sums


_a = np.array([3.0, -1, 4, 1, -5, 9, 2, -6, 5])
FUNCTIONS = {
    "even_window": Functions(
        right=_sums(),
        mistakes={
            "one_channel_more": _sums(lambda n: (n // 2, n // 2)),
            "onnx": _sums(lambda n: ((n - 1) // 2, n // 2)),
            "onednn": _sums(lambda n: ((n - 1) // 2, (n - 1) // 2)),
            "n_as_radius": _sums(lambda n: (n, n)),
            "one_channel_less": _sums(lambda n: (n // 2, (n - 1) // 2 - 1)),
            "no_squares": _sums(term=np.asarray),
            "squared_sum": lambda a, n: _sums(term=np.asarray)(a, n) ** 2,
            "negative_start": _sums(take=lambda z, start, stop: z[start:stop]),
            "wrapped": _sums(take=lambda z, start, stop: z.take(range(start, stop), mode="wrap")),
        },
        cases=[(_a, 5), (_a, 4), (_a, 2), (_a[:3], 4), (_a, 1)],
    )
}
