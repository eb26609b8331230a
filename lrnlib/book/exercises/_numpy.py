"""The exercises of the chapter on the CPU."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.book.exercises._answers import as_numbers, is_open
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]


def seven_operations(answer: object) -> Verdict:
    """How many bytes an element do PyTorch's seven operations move, and what share is that?

    Parameters
    ----------
    answer : sequence of float
        The bytes an element, and the share of the bound that is left, to two decimal places.
    """
    pair = as_numbers(answer)
    if is_open(answer) or pair is None or pair.shape != (2,):
        return judge(answer, [60, 8 / 60], [], otherwise="The answer must be two numbers.")
    moved = judge(
        pair[0],
        60,
        [
            (15, "15 is the number of arrays; an element of `float32` has four bytes."),
            (56, "The division reads two arrays, and not one."),
            (28, "What is written has been counted, and what is read has not."),
            (32, "What is read has been counted, and what is written has not."),
            (120, "This would be `float64`; the bound's eight bytes are of `float32`."),
            (100, "These are the shifts of this chapter; count PyTorch's operations."),
        ],
        otherwise="The bytes are not right: list the seven operations, each with the arrays it "
        "reads and writes.",
    )
    return moved and judge(
        pair[1],
        8 / 60,
        [
            (60 / 8, "Upside down: the share is the bound's bytes by those moved."),
            (1 - 8 / 60, "This is the share that is lost."),
            (4 / 60, "The bound is eight bytes: one array is read and one is written."),
            (100 * 8 / 60, "The bytes are right; give the share as a number, not in percent."),
        ],
        otherwise="The bytes are right; the share is the bound's eight by those moved.",
        remark="Fifteen arrays of four bytes.",
        rtol=0.03,
    )  # fmt: skip


def smallest_that_spoils(answer: object) -> Verdict:
    """What is the smallest power of ten whose square spoils a running sum in float64?

    Parameters
    ----------
    answer : float
        The strong response, not its exponent.
    """
    return judge(
        answer,
        1e8,
        [
            (1e4, "That is the response that spoils `float32`. `float64` has 53 bits, not 24."),
            (1e7, "Its square is 10^14, and up to 2^53 every integer is a `float64`."),
            (1e9, "It spoils the sum, but it is not the smallest that does."),
            (1e16, "This is the square; the response is its root."),
            (1e15, "This is the square of no power of ten; the response is the root of one."),
            (8, "Write the response itself, as 10**3, and not its exponent."),
            (1e154, "Here the square nearly overflows; the ones are lost long before."),
            (1e155, "Here the square overflows; the ones are lost long before."),
            (np.inf, "The fault has only moved: there is a response for which it is wrong."),
        ],
        otherwise="Not right: from where on are neighbouring `float64` numbers 2 apart?",
        remark="The fault has moved and is still there.",
    )


_HUGE = np.array([1e30, -3e25, 2e26], np.float32)
_ROOTS: list[tuple[Callable[[Array, Array], Array], str]] = [
    (lambda x, s: x / (s * np.sqrt(s)), "For ordinary numbers this is right, but s sqrt(s) "
     "overflows where the result would not. Divide twice."),
    (lambda x, s: x / np.sqrt(s * s * s), "For ordinary numbers this is right, but the cube of s "
     "overflows first. Divide by s, and then by something else."),
    (lambda x, s: x * s ** np.float32(-1.5), "For ordinary numbers this is right, but the power "
     "alone becomes too small for `float32`. Let x take part from the beginning."),
    (lambda x, s: x / s / s * np.sqrt(s), "For ordinary numbers this is right, but x / s / s may "
     "become too small before the root mends it."),
    (lambda x, s: x / np.sqrt(s), "This is the power 0.5."),
    (lambda x, s: x / s, "This is the power 1."),
    (lambda x, s: x / s / s, "This is the power 2."),
    (lambda x, s: x / np.sqrt(s) / np.sqrt(np.sqrt(s)), "This is the power 0.75."),
    (lambda x, s: x * s * np.sqrt(s), "This multiplies by the power; beta stands below."),
]  # fmt: skip


def one_and_a_half(function: object) -> Verdict:
    """The quotient x / s^1.5 by square roots, in range as long as the result is.

    Parameters
    ----------
    function : callable
        ``function(x, s)`` returns an array of their shape; both are of type `float32`.
    """
    x, s = np.array([[1, -3, 5], [4, 7, 30]], np.float32)
    cases = [(x, s), (_HUGE, np.abs(_HUGE)), (_HUGE[:1], np.full(1, 1e17, np.float32)),
             (np.array([1e10], np.float32), np.array([1e30], np.float32))]  # fmt: skip
    return judge_function(
        function,
        lambda x, s: x.astype(np.float64) / s.astype(np.float64) ** 1.5,
        _ROOTS,
        cases,
        remark="Two divisions keep what is between in range.",
        rtol=1e-5,
    )


def _runs(z: Array, n: int, of: Callable[..., Array] = np.max, fill: float | None = None) -> Array:
    """The largest of each run, or what another function takes from it."""
    if fill is not None:
        z = np.pad(z.astype(np.float64), (n // 2, (n - 1) // 2), constant_values=fill)
    return of(np.lib.stride_tricks.sliding_window_view(z, n), axis=1)


def _too_narrow(z: Array, n: int) -> Array:
    """Doubling with n // 2, where an odd n loses one place."""
    if n == 1:
        return z
    half = _too_narrow(z, n // 2)
    return np.maximum(half[: -(n // 2)], half[n // 2 :])


def _side_by_side(z: Array, n: int) -> Array:
    """Doubling with halves side by side, cut to the length that is expected."""
    return _too_narrow(z, n)[: len(z) - n + 1]


_LARGEST: list[tuple[Callable[[Array, int], Array], str]] = [
    (lambda z, n: _runs(z, n, np.sum), "These are sums: put the maximum in the place of every +."),
    (lambda z, n: _runs(z, n, np.min), "These are the smallest."),
    (lambda z, n: _runs(np.abs(z), n), "The signs are lost: the largest, not the largest size."),
    (lambda z, n: _runs(z, n)[:-1], "The last run is missing: z has len(z) - n + 1 of them."),
    (lambda z, n: _runs(z, n, fill=0), "Zeros were put at the ends: give whole runs only; and a "
     "zero would be the largest of negative numbers."),
    (lambda z, n: _runs(z, n, fill=-np.inf), "Give whole runs only: there are len(z) - n + 1."),
    (_side_by_side, "For an odd n one place is missing: two halves of n // 2 do not cover it."),
    (_too_narrow, "For an odd n one place is missing, and there is a run too many: two halves "
     "of n // 2 do not cover n."),
    (lambda z, n: np.full(len(z) - n + 1, z.max()), "This is the largest of all of z."),
]  # fmt: skip


def largest_in_window(function: object) -> Verdict:
    """The largest of every n numbers in a row, by doubling.

    Parameters
    ----------
    function : callable
        ``function(z, n)`` returns the ``len(z) - n + 1`` largest ones.
    """
    z = np.random.default_rng(7).integers(-50, 20, 40)
    return judge_function(
        function,
        _runs,
        _LARGEST,
        [(z, 1), (z, 2), (z, 3), (z, 5), (z, 11), (z, 16), (-z[z > 0], 4)],
        remark="A maximum has no inverse: a running one could not be had by subtraction.",
    )
