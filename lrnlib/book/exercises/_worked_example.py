"""The functions that the exercises of the chapter on the example compare answers with."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from lrnlib.book.exercises._function_grading import Functions


def _exact(
    start: Callable[[int, int], int] = lambda channel, radius: max(0, channel - radius),
    stop: Callable[[int, int], int] = lambda channel, radius: channel + radius + 1,
    term: Callable[[int], int] = lambda value: value**2,
    total: Callable[[int], int] = lambda s: s,
) -> Callable[[Sequence[int], int, int], Fraction]:
    """The exact result, or one with another window, other terms or another sum."""

    def exact(pixel: Sequence[int], channel: int, radius: int) -> Fraction:
        window = pixel[start(channel, radius) : stop(channel, radius)]
        return Fraction(pixel[channel], total(sum(map(term, window))))

    return exact


def _check_type(function: Callable[..., Any]) -> str:
    if not isinstance(function(*_CASES[0]), Fraction):
        return "not_a_fraction"
    exact = all(function(*case) == _right(*case) for case in _CASES)
    return "" if exact else "rounded_before"


_right = _exact()
_pixel = [4, 3, 2, 1, 8, 7, 6, 5]
_CASES = [(_pixel, 3, 2), (_pixel, 0, 2), (_pixel, 7, 2), (_pixel, 1, 3), (_pixel, 5, 1)]
FUNCTIONS = {
    "exact_result": Functions(
        right=_right,
        mistakes={
            "negative_start": _exact(start=lambda channel, radius: channel - radius),
            "last_missing": _exact(stop=lambda channel, radius: channel + radius),
            "radius_as_width": lambda pixel, channel, width: _right(pixel, channel, width // 2),
            "whole_pixel": lambda pixel, channel, _: _right(pixel, channel, len(pixel)),
            "none_before": _exact(start=lambda channel, radius: channel),
            "no_squares": _exact(term=lambda value: value),
            "squared_sum": _exact(term=lambda value: value, total=lambda s: s**2),
            "without_own": lambda pixel, c, r: 1 / (1 / _right(pixel, c, r) - pixel[c]),
            "numerator_1": lambda pixel, channel, r: _right(pixel, channel, r) / pixel[channel],
            "upside_down": lambda *case: 1 / _right(*case),
        },
        cases=_CASES,
        extra_check=_check_type,
    )
}
