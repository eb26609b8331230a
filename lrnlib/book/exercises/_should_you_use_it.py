"""The functions that the exercises on whether to use LRN compare answers with."""

from collections.abc import Callable

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _gdn(
    term: Callable[[Array], Array] = np.square,
    matrix: Callable[[Array], Array] = np.transpose,
    power: float = -0.5,
) -> Callable[[Array, Array, Array], Array]:
    """GDN with what is summed, the matrix that sums it, and the power of the sums."""
    return lambda x, bias, weights: x * (bias + term(x) @ matrix(weights)) ** power


_rng = np.random.default_rng(4)
_weights = _rng.uniform(0.1, 1, (3, 3))
FUNCTIONS = {
    "gdn": Functions(
        right=_gdn(),
        mistakes={
            "transposed": _gdn(matrix=np.asarray),
            "no_root": _gdn(power=-1),
            "no_squares": _gdn(term=np.asarray),
            "sizes": _gdn(term=np.abs),
            "own_square": _gdn(matrix=lambda weights: weights * np.eye(len(weights))),
            "bias_outside": lambda x, bias, weights: x / (bias + np.sqrt(x**2 @ weights.T)),
            "power": _gdn(power=-0.75),
            "multiplied": _gdn(power=0.5),
        },
        cases=[
            (np.array([1.0, -2, 3]), np.array([1.0, 2, 4]), _weights),
            (_rng.normal(size=(2, 4, 4, 3)), np.array([0.5, 0, 1]), _weights),
        ],
    )
}
