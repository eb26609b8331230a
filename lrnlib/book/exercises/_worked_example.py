"""The exercises of the chapter that redoes the article's example."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from lrnlib.book.exercises._grading import Verdict, judge, judge_function


def mirrored_pixel(answer: object) -> Verdict:
    """What are the results of a pixel whose channels are the third's in reverse?

    Parameters
    ----------
    answer : sequence of float
        The eight results, to three significant digits.
    """
    x = np.array([4.0, 3, 2, 1, 8, 7, 6, 5])
    sums = np.array([np.sum(x[max(0, i - 2) : i + 3] ** 2) for i in range(8)])
    third = x / sums
    return judge(
        answer,
        third[::-1],
        [
            (third, "These are the third pixel's, in the third pixel's order."),
            (x[::-1], "This is the pixel itself, before LRN."),
            (x[::-1] / sums, "The values are reversed, but divided by the sums of the third pixel "
             "in its own order."),
            (x[::-1] / 204, "Each is divided by all eight squares: the window has five at most."),
            (np.roll(third, 4), "The halves have changed places; reverse all eight."),
        ],
        otherwise="Not right: a window reaches as far to the left as to the right; what does a "
        "mirror do to it?",
        remark="A window that is as wide on both sides does not notice a mirror.",
        rtol=5e-3,
    )  # fmt: skip


def narrower_window(answer: object) -> Verdict:
    """What is the result of channel 4 of the third pixel, with a depth radius of 1?

    Parameters
    ----------
    answer : float
        The result, to four decimal places, or as a fraction.
    """
    return judge(
        answer,
        8 / 114,
        [
            (8 / 154, "This window has five channels: that was a depth radius of 2."),
            (8 / 50, "The channel's own square is missing."),
            (8 / 64, "Only its own square is here: the radius is 1 on each side, and not the "
             "width."),
            (1 / 69, "This is the fourth channel. Channels are counted from 0, so channel 4 is "
             "the fifth."),
            (5 / 77, "This is the fourth pixel: the third is the first one of the second row."),
            (4 / 50, "This is the second pixel: the third is the first one of the second row."),
            (8 / 16, "The values are added here, not their squares."),
            (8 / 256, "The sum is squared here; the formula sums squares."),
            (1 / 114, "The denominator is right; above it stands the channel's own value."),
            (114, "This is the sum. The result is the channel's value divided by it."),
        ],
        otherwise="Not right: write down the channel and one neighbour on each side, then their "
        "squares.",
        remark="Three squares: its own and one on each side.",
        rtol=1e-3,
    )  # fmt: skip


def ten_times(answer: object) -> Verdict:
    """By what are all results multiplied when the whole feature map is multiplied by 10?

    Parameters
    ----------
    answer : float
        The factor.
    """
    return judge(
        answer,
        0.1,
        [
            (10, "Only the numerator is here, or LRN is taken to be linear: the sum grows, too."),
            (1, "That would be beta = 0.5, where the root of the sum grows as the numerator does."),
            (0.01, "This is the denominator alone: the numerator grows as well."),
            (100, "The sum grows by 100, and it stands below."),
            (1 / np.sqrt(10), "That would be beta = 0.75. In the example beta is 1."),
        ],
        otherwise="Not right: by what does the numerator grow, and by what the sum of squares?",
        remark="Ten above, a hundred below.",
    )


def _exact(
    start: Callable[[int, int], int] = lambda channel, radius: max(0, channel - radius),
    stop: Callable[[int, int], int] = lambda channel, radius: channel + radius + 1,
    term: Callable[[int], int] = lambda value: value**2,
    total: Callable[[int], int] = lambda s: s,
) -> Callable[[Sequence[int], int, int], Fraction]:
    """The exact result, or one whose window, terms or sum are others."""

    def exact(pixel: Sequence[int], channel: int, radius: int) -> Fraction:
        held = pixel[start(channel, radius) : stop(channel, radius)]
        return Fraction(pixel[channel], total(sum(map(term, held))))

    return exact


def _without_own(pixel: Sequence[int], channel: int, radius: int) -> Fraction:
    result = _exact()(pixel, channel, radius)
    return Fraction(pixel[channel], int(pixel[channel] / result) - pixel[channel] ** 2)


_MISTAKES = [
    (_exact(start=lambda channel, radius: channel - radius),
     "Near the first channel the slice starts below 0, which counts from the end: clip it."),
    (_exact(stop=lambda channel, radius: channel + radius),
     "The last channel of the window is missing: a slice stops before its second number."),
    (_exact(start=lambda channel, radius: max(0, channel - radius // 2),
            stop=lambda channel, radius: channel + radius // 2 + 1),
     "The radius is taken for the width: it counts the channels on one side."),
    (_exact(start=lambda channel, radius: 0, stop=lambda channel, radius: 10**6),
     "This sums the whole pixel: the window ends `depth_radius` channels away."),
    (_exact(start=lambda channel, radius: channel), "The channels before this one are missing."),
    (_exact(term=lambda value: value), "The values are added here, not their squares."),
    (_exact(term=lambda value: value, total=lambda s: s**2),
     "The sum is squared here; the formula sums squares."),
    (_without_own, "The channel's own square is missing."),
    (lambda pixel, channel, radius: _exact()(pixel, channel, radius) / pixel[channel],
     "The numerator is not 1, but the channel's own value."),
    (lambda pixel, channel, radius: 1 / _exact()(pixel, channel, radius),
     "Upside down: the channel's value is divided by the sum."),
]  # fmt: skip


def exact_result(function: object) -> Verdict:
    """One result of the example as an exact fraction.

    Parameters
    ----------
    function : callable
        ``function(pixel, channel, depth_radius)`` returns a `fractions.Fraction`; the pixel is
        a list of integers, the bias 0, alpha and beta are 1.
    """
    pixel = [4, 3, 2, 1, 8, 7, 6, 5]
    cases = [(pixel, 3, 2), (pixel, 0, 2), (pixel, 7, 2), (pixel, 1, 3), (pixel, 5, 1)]
    verdict = judge_function(
        function,
        _exact(),
        _MISTAKES,
        cases,
        remark="Python's slices end where the list does, but they do not start there.",
    )
    if not verdict or not callable(function):
        return verdict
    if not isinstance(function(*cases[0]), Fraction):
        return Verdict(False, "The numbers are right, but rounded: return a `Fraction`.")
    if any(function(*case) != _exact()(*case) for case in cases):
        return Verdict(False, "Rounded before it is a fraction: give `Fraction` two integers.")
    return verdict
