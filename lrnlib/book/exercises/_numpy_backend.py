"""The functions that the exercises of the chapter on the CPU compare answers with."""

from collections.abc import Callable

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _runs(z: Array, n: int, of: Callable[..., Array] = np.max, fill: float | None = None) -> Array:
    """The largest of each run of n numbers, or `of` each; `fill` pads z to keep its length."""
    if fill is not None:
        z = np.pad(z.astype(np.float64), (n // 2, (n - 1) // 2), constant_values=fill)
    return of(np.lib.stride_tricks.sliding_window_view(z, n), axis=1)


def _two_halves(z: Array, n: int) -> Array:
    """Doubling with n // 2, which loses one place for an odd n."""
    if n == 1:
        return z
    half = _two_halves(z, n // 2)
    return np.maximum(half[: -(n // 2)], half[n // 2 :])


_x, _s = np.array([[1, -3, 5], [4, 7, 30]], np.float32)
_huge = np.array([1e30, -3e25, 2e26], np.float32)
_z = np.random.default_rng(7).integers(-50, 20, 40)
FUNCTIONS = {
    "power_three_halves": Functions(
        right=lambda x, s: x.astype(np.float64) / s.astype(np.float64) ** 1.5,
        mistakes={
            "product": lambda x, s: x / (s * np.sqrt(s)),
            "cube": lambda x, s: x / np.sqrt(s * s * s),
            "power_alone": lambda x, s: x * s ** np.float32(-1.5),
            "root_last": lambda x, s: x / s / s * np.sqrt(s),
            "power_0_5": lambda x, s: x / np.sqrt(s),
            "power_1": lambda x, s: x / s,
            "power_2": lambda x, s: x / s / s,
            "power_0_75": lambda x, s: x / np.sqrt(s) / np.sqrt(np.sqrt(s)),
            "multiplied": lambda x, s: x * s * np.sqrt(s),
        },
        cases=[
            (_x, _s),
            (_huge, np.abs(_huge)),
            (_huge[:1], np.full(1, 1e17, np.float32)),
            (np.array([1e10], np.float32), np.array([1e30], np.float32)),
        ],
    ),
    "largest_in_window": Functions(
        right=_runs,
        mistakes={
            "sums": lambda z, n: _runs(z, n, np.sum),
            "smallest": lambda z, n: _runs(z, n, np.min),
            "signs_lost": lambda z, n: _runs(np.abs(z), n),
            "last_missing": lambda z, n: _runs(z, n)[:-1],
            "zeros_at_ends": lambda z, n: _runs(z, n, fill=0),
            "cut_runs": lambda z, n: _runs(z, n, fill=-np.inf),
            "halves_of_odd": lambda z, n: _two_halves(z, n)[: len(z) - n + 1],
            "halves_and_run_too_many": _two_halves,
            "largest_of_all": lambda z, n: np.full(len(z) - n + 1, z.max()),
        },
        cases=[*((_z, n) for n in (1, 2, 3, 5, 11, 16)), (-_z[_z > 0], 4)],
    ),
}
