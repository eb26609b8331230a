"""The functions that the exercises of the chapter on many machines compare answers with."""

from collections.abc import Callable, Sequence

import numpy as np

from lrnlib.book.exercises._function_grading import Array, Functions


def _needs(
    clip_start: bool = True, clip_stop: bool = True, more: int = 0, count: bool = False
) -> Callable[[Sequence[int], int, int], Array]:
    """What each chunk needs, or that with one slip."""

    def needs(sizes: Sequence[int], before: int, after: int) -> Array:
        stops = np.cumsum(sizes)
        first, last = stops - sizes - before, stops + after
        if clip_start:
            first = np.maximum(first, 0)
        if clip_stop:
            last = np.minimum(last, stops[-1])
        return np.stack([first, last - more - (first if count else 0)], axis=1)

    return needs


FUNCTIONS = {
    "chunk_needs": Functions(
        right=_needs(),
        mistakes={
            "alone": lambda sizes, before, after: _needs()(sizes, 0, 0),
            "negative_start": _needs(clip_start=False),
            "past_the_end": _needs(clip_stop=False),
            "both_ends": _needs(clip_start=False, clip_stop=False),
            "swapped": lambda sizes, before, after: _needs()(sizes, after, before),
            "last_included": _needs(more=1),
            "sizes_returned": _needs(count=True),
        },
        cases=[
            ([4, 4, 4], 2, 2),
            ([5, 3, 8], 1, 2),
            ([1, 1, 1, 6], 3, 2),
            ([7], 4, 4),
        ],
    )
}
