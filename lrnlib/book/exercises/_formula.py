"""The exercises of the chapter on the formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.book.exercises._answers import as_numbers, channels, four_numbers
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]


def changed_channels(answer: object) -> Verdict:
    """Which of eight results change when channel 6 of the input changes, with n = 5?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all eight.
    """
    return judge(
        channels(answer),
        [4, 5, 6, 7],
        [
            ([6], "The neighbours are missing: channel 6 is in their windows, too."),
            (
                [4, 5, 6, 7, 8],
                "One too many: eight channels are 0 to 7, and there is no channel 8.",
            ),
            (
                [5, 6, 7],
                "This would be n = 3. With n = 5 a window reaches two places on each side.",
            ),
            ([4, 5, 7], "Channel 6 itself is missing: its own square is in its window."),
            ([1, 2, 3, 4, 5, 6, 7], "Here n is taken as the reach; it is the width of the window."),
            ([3, 4, 5, 6, 7], "The window has not moved inwards: at the edge it is cut off."),
            ([5, 6, 7, 8], "Counted from 1? The first of the eight channels is channel 0."),
        ],
        otherwise="Not right: find the windows that hold channel 6, and whose they are.",
        remark="A channel's change reaches as far as its own window does.",
    )


def limits_of_large_inputs(answer: object) -> Verdict:
    """To what do the middle and the first response tend when all inputs grow alike?

    Parameters
    ----------
    answer : sequence of float
        The two limits, to two decimal places: the middle channel's, the first channel's.
    """
    middle, first = 1 / np.sqrt(0.05 * 5), 1 / np.sqrt(0.05 * 3)
    return judge(
        answer,
        [middle, first],
        [
            ([middle, middle], "The first channel's window is not whole: count its terms."),
            ([middle, 1 / np.sqrt(0.05 * 4)],
             "Four terms are the second channel's. The first has no neighbour before it."),
            ([first, middle], "In the other order: the middle channel's limit comes first."),
            ([1 / np.sqrt(0.05)] * 2,
             "The number of terms is missing: each channel of the window adds a square to S."),
            ([middle**2, first**2],
             "The root is missing: beta is 0.5, so the bracket stands under a square root."),
            ([1 / middle, 1 / first], "Upside down: the response is divided by the root."),
            ([0, 0], "Not with beta = 0.5: the root of S grows as fast as the input does."),
            ([np.inf] * 2, "Not with beta = 0.5: the root of S grows as fast as the input does, "
             "so a finite number is left."),
        ],
        otherwise="Not right: leave k out, since it no longer counts, and cancel the input.",
        remark="An edge is inhibited less because fewer squares are added there.",
        rtol=4e-3,
    )  # fmt: skip


_NO_RADIUS = 0.5  # stands for every number that is not whole


def to_unit_length(answer: object) -> Verdict:
    """Which parameters of LRN divide a pixel's 64 channels by the vector's length?

    Parameters
    ----------
    answer : sequence of float, mapping, or Parameters
        The depth radius, the bias, alpha and beta.
    """
    answer = four_numbers(answer)
    numbers = as_numbers(answer)
    if numbers is not None and numbers.shape == (4,):
        radius = float(numbers[0])  # all that are larger do the same
        answer = [min(radius, 63) if radius.is_integer() else _NO_RADIUS, *numbers[1:]]
    half = "The sum is not whole: channel 0 must still reach channel 63."
    return judge(
        answer,
        [63, 0, 1, 0.5],
        [
            *(([radius, 0, 1, 0.5], half) for radius in range(62)),
            ([_NO_RADIUS, 0, 1, 0.5], "A depth_radius is a whole number."),
            ([62, 0, 1, 0.5], "One short: from channel 0 to channel 63 there are 63 places."),
            ([63, 1, 1, 0.5], "With a bias of 1 the result is shorter than 1."),
            ([63, 0, 1, 1], "The length is the root of the sum; beta = 1 takes none."),
            ([63, 0, 1, 2], "The length is the root of the sum, and a root is no square."),
            ([63, 0, 1 / 64, 0.5], "This divides by the root of the mean, as PixelNorm does. "
             "The length has the sum."),
            ([63, 0, 0, 0.5], "With alpha = 0 the channels do not count at all."),
        ],
        otherwise="Not right: write the length as a formula, and compare it with (k + alpha S)^"
        "beta, part by part.",
        remark="Every window then holds every channel.",
        rtol=1e-3,
    )  # fmt: skip


def _sums(
    before: Callable[[int], int], after: Callable[[int], int], square: bool = True
) -> Callable[[Array, int], Array]:
    """Sums over a window that reaches so far, for an n, before and after its channel."""

    def sums(a: Array, n: int) -> Array:
        z = a**2 if square else a
        windows = (z[max(0, i - before(n)) : i + after(n) + 1] for i in range(len(a)))
        return np.array([window.sum() for window in windows])

    return sums


def _unclipped(a: Array, n: int) -> Array:
    return np.array([np.sum(a[i - n // 2 : i + (n + 1) // 2] ** 2) for i in range(len(a))])


def _wrapped(a: Array, n: int) -> Array:
    shifts = range(-((n - 1) // 2), n // 2 + 1)
    total: Array = np.add.reduce([np.roll(a**2, shift) for shift in shifts])
    return total


_shorter, _longer = (lambda n: (n - 1) // 2), (lambda n: n // 2)
_EVEN = [
    (_sums(_longer, _longer), "As printed: with an even n this window holds n + 1 channels. "
     "PyTorch's holds n."),
    (_sums(_shorter, _longer), "With an even n the first channel is left out, as in ONNX. "
     "PyTorch leaves out the last."),
    (_sums(_shorter, _shorter), "With an even n both ends are left out, as in oneDNN. "
     "PyTorch leaves out the last alone."),
    (_sums(lambda n: n, lambda n: n), "Here n is taken as the reach; it is the width."),
    (_sums(_longer, lambda n: (n - 1) // 2 - 1), "One channel too few at the end: a slice stops "
     "before its second number."),
    (_sums(_longer, _shorter, square=False), "The squares are missing: these are sums of the "
     "responses themselves."),
    (lambda a, n: np.square(_sums(_longer, _shorter, square=False)(a, n)),
     "The sum is squared here; the formula sums squares."),
    (_unclipped, "At the first channels a slice starts below 0, which counts from the end: "
     "clip it."),
    (_wrapped, "These windows wrap around: beside the last channel there is none."),
]  # fmt: skip


def even_window(function: object) -> Verdict:
    """The sums of squares over windows of n channels, even n as in PyTorch.

    Parameters
    ----------
    function : callable
        ``function(a, n)`` returns as many sums as the pixel `a` has channels.
    """
    a = np.array([3.0, -1, 4, 1, -5, 9, 2, -6, 5])
    return judge_function(
        function,
        _sums(_longer, _shorter),
        _EVEN,
        [(a, 5), (a, 4), (a, 2), (a[:3], 4), (a, 1)],
        remark="For odd n the four readings agree; for even n only the framework's own will do.",
    )
