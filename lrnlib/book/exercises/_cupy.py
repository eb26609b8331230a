"""The exercises of the chapter on the GPU."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from lrnlib.book.exercises._answers import as_numbers, channels, is_open
from lrnlib.book.exercises._grading import Verdict, judge, judge_function


def float64_bound(microseconds: object, instructions: object) -> Verdict:
    """What bounds AlexNet's first LRN in float64 on an H200?

    Parameters
    ----------
    microseconds : float
        The time in which its bytes pass, with three digits.
    instructions : float
        The budget for each element, with two digits.
    """
    elements, bandwidth, flops = 128 * 55 * 55 * 96, 4.8e12, 34e12
    verdict = _judge_time(microseconds, 16e6 * elements / bandwidth)
    return verdict and _judge_budget(instructions, flops / 2 * 16 / bandwidth, elements)


def chunks_of_channels(threads: object, channels: object) -> Verdict:
    """How many threads has one image in chunks of eight, and what do those of a pixel ask for?

    Parameters
    ----------
    threads : int
        The number of threads of the image.
    channels : int
        How many channels the threads of one pixel ask for, each counted as often as it is.
    """
    columns = 55 * 55
    verdict = judge(
        threads,
        12 * columns,
        [
            (columns, "One thread to a column is what there is without chunks."),
            (12, "These are the chunks of one column: how many columns are there?"),
            (96 * columns, "A thread has a chunk of eight channels, and not a single one."),
            (8 * columns, "Eight is how many channels a chunk has, not how many chunks there are."),
        ],
        otherwise="The threads are not right: one for each chunk of each column.",
    )
    if not verdict:
        return verdict
    return judge(
        channels,
        140,
        [
            (96, "The threads are right; a window also needs channels of the neighbouring chunks."),
            (144, "The threads are right; the first and the last chunk have one neighbour each."),
            (118, "The threads are right; a window reaches to both sides of a chunk."),
            (120, "The threads are right; a window reaches to both sides, and the ends have less."),
            (12, "The threads are right; this is what one chunk asks for."),
            (44, "The threads are right; this is what is asked for beyond the 96 channels."),
        ],
        otherwise="The threads are right; add up what each of the twelve chunks asks for.",
        remark="What is asked for twice comes from the cache once.",
    )


def lost_by_the_cheap_sum(answer: object) -> Verdict:
    """For which two float32 numbers is `b - (total - a)` not what the addition rounds away?

    Parameters
    ----------
    answer : sequence of float
        The numbers `a` and `b`.
    """
    pair = as_numbers(answer)
    if is_open(answer) or pair is None or pair.shape != (2,):
        nan = (np.nan, np.nan)
        return judge(answer, nan, [], otherwise="The answer must be two numbers, a and b.")
    return judge(
        _kind_of_pair(pair),
        "lost",
        [
            ("infinite", "Both numbers and their sum must be finite in float32."),
            ("exact", "Their sum is a float32 number: the addition rounds nothing away."),
            (
                "larger first",
                "The cheap way is exact here, as it always is if a is at least as large as b.",
            ),
        ],
        otherwise="b is the larger, and still the cheap way is exact: total - a must be rounded, "
        "too.",
        remark="Which is larger is not known, so the kernel takes five operations.",
    )


def mended_channels(answer: object) -> Verdict:
    """Which of eight results does `mend` compute again?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all eight.
    """
    return judge(
        channels(answer),
        [2, 3, 6],
        [
            ([2, 3], "Nothing tells a mark from a result that is infinite: mend sees both alike."),
            ([6], "This one needs no mending; those whose bases are out of range do."),
            (range(8), "mend is called for the vector, but it leaves what is finite as it is."),
            ([], "mend is called: two bases are out of range."),
        ],
        otherwise="Not right: find what is infinite when mend looks at the results.",
        remark="Channel 6 is computed in vain, and is infinite again.",
    )


def additions_of_doubling(answer: object) -> Verdict:
    """How many additions does doubling take for windows of `terms` numbers?

    Parameters
    ----------
    answer : callable
        A function of `terms` that returns the number of additions.
    """
    return judge_function(
        answer,
        lambda terms: terms.bit_length() - 1 + terms.bit_count() - 1,
        [
            (
                lambda terms: terms.bit_length() - 1,
                "These are the doublings; where a digit is 1, one addition more follows.",
            ),
            (
                lambda terms: terms.bit_length() + terms.bit_count() - 1,
                "One too many: the first digit stands for the numbers themselves and adds nothing.",
            ),
            (
                lambda terms: 2 * (terms.bit_length() - 1),
                "This adds one number more at each digit; where the digit is 0, none is added.",
            ),
            (lambda terms: terms - 1, "This is the direct sum: doubling adds sums to sums."),
            (
                lambda terms: (2 * terms + 1).bit_length() + (2 * terms + 1).bit_count() - 2,
                "Here terms is taken for the depth_radius; it is the number of terms.",
            ),
        ],
        [(1,), (2,), (11,), (16,), (17,), (129,)],
        remark="It grows like a logarithm, and the direct sum does not.",
    )


def _kind_of_pair(pair: npt.NDArray[np.float64]) -> str:
    """What becomes of the sum of a pair, in one word or two."""
    with np.errstate(all="ignore"):
        a, b = pair.astype(np.float32)
        total = a + b
        rest = b - (total - a)
    if not np.isfinite([a, b, total]).all():
        return "infinite"
    exact = Fraction(float(a)) + Fraction(float(b))
    if Fraction(float(total)) == exact:
        return "exact"
    if Fraction(float(total)) + Fraction(float(rest)) != exact:
        return "lost"
    return "larger first" if abs(a) >= abs(b) else "lucky"


def _judge_time(microseconds: object, time: float) -> Verdict:
    return judge(
        microseconds,
        time,
        [
            (
                time / 2,
                "Half of it, as in float32: eight bytes for an element of x, and eight more for y.",
            ),
            (time * 1.5, "This moves three arrays, as the gradient does."),
            (time / 128, "This is for one image, and the batch has 128."),
            (time / 1e6, "These are seconds; microseconds are asked for."),
            (time / 1e3, "These are milliseconds; microseconds are asked for."),
        ],
        otherwise="The time is not right: it is the bytes of x and y, divided by the bandwidth.",
        rtol=5e-3,
    )


def _judge_budget(instructions: object, budget: float, elements: int) -> Verdict:
    return judge(
        instructions,
        budget,
        [
            (
                2 * budget,
                "The time is right; the budget is twice too large: an fma counts as two "
                "operations, and the rate is that of float64.",
            ),
            (
                budget / 2,
                "The time is right; the budget is for 8 bytes, but y is moved as well as x.",
            ),
            (budget * elements, "The time is right; the budget is for all elements, not for each."),
        ],
        otherwise="The time is right; the budget is not: it is what fits into an element's time.",
        remark="Twice the time at half the rate: the budget is nearly that of float32.",
        rtol=2e-2,
    )
