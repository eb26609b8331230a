"""The functions that the exercises on what LRN does to features compare answers with."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _ranks(values: Array, shared: float = 0.5) -> Array:
    """Ranks from 1; equal numbers have their lowest, mean or highest for 1, 0.5 and 0."""
    _, which, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count) - shared * (count - 1)
    return np.asarray(last[which])


def _correlation(
    first: Callable[[Array], Any], second: Callable[[Array], Any] | None = None
) -> Callable[[Array, Array], Any]:
    return lambda a, b: np.corrcoef(first(a), (second or first)(b))[0, 1]


def _argsort(values: Array) -> Array:
    return np.argsort(values, kind="stable")


_a = np.array([0.0, 3, 0, 7, 1, 40, 0, 2, 7])
_b = np.array([5.0, 0, 0, 2, 9, 300, 1, 0, 4])
FUNCTIONS = {
    "rank_correlation": Functions(
        right=_correlation(_ranks),
        mistakes={
            "sizes": _correlation(np.asarray),
            "ties_in_order": _correlation(lambda a: _argsort(_argsort(a))),
            "sorted_once": _correlation(_argsort),
            "one_ranked": _correlation(_ranks, np.asarray),
            "lowest_rank": _correlation(lambda a: _ranks(a, 1)),
            "highest_rank": _correlation(lambda a: _ranks(a, 0)),
            "without_gaps": _correlation(lambda a: np.unique(a, return_inverse=True)[1]),
            "covariance": lambda a, b: np.cov(_ranks(a), _ranks(b))[0, 1],
            "matrix": lambda a, b: np.corrcoef(_ranks(a), _ranks(b)),
        },
        cases=[(_a, _b), (_a, _a), (np.arange(6.0), np.arange(6.0)[::-1] ** 3)],
    )
}
