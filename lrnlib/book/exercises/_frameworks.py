"""The functions that the exercises of the chapter on the frameworks compare answers with."""

from collections.abc import Callable

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _lrn(
    window: Callable[[int], tuple[int, int]] = lambda size: (size // 2, (size - 1) // 2),
    divisor: Callable[[int, int], int] = lambda size, clipped: size,
    axis: int = 1,
) -> Callable[..., Array]:
    """PyTorch's LRN, or one with another window, another divisor of alpha or another axis."""

    def lrn(x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
        before, after = window(size)
        z = np.moveaxis(x, axis, 0)
        windows = [z[max(0, c - before) : c + after + 1] for c in range(len(z))]
        total = np.stack([np.square(w).sum(axis=0) / divisor(size, len(w)) for w in windows])
        return np.moveaxis(z / (k + alpha * total) ** beta, 0, axis)

    return lrn


_rng = np.random.default_rng(4)
FUNCTIONS = {
    "pytorch_window": Functions(
        right=_lrn(),
        mistakes={
            "onnx": _lrn(lambda n: ((n - 1) // 2, n // 2)),
            "one_channel_more": _lrn(lambda n: (n // 2, n // 2)),
            "one_channel_less": _lrn(lambda n: ((n - 1) // 2, (n - 1) // 2)),
            "size_as_radius": _lrn(lambda n: (n, n)),
            "alpha_not_divided": _lrn(divisor=lambda size, clipped: 1),
            "last_axis": _lrn(axis=-1),
            "divided_by_clipped": _lrn(divisor=lambda size, clipped: clipped),
        },
        cases=[
            (_rng.normal(scale=2, size=(2, 7, 3, 5)), 4, 1.5, 0.75, 1.25),
            (_rng.normal(scale=2, size=(2, 7, 3, 5)), 5, 1.5, 0.75, 1.25),
            (_rng.normal(scale=2, size=(3, 6, 4)), 2, 0.8, 0.5, 2.0),
            (_rng.normal(scale=2, size=(2, 3, 4)), 6, 2.0, 1.0, 0.5),
        ],
    )
}
