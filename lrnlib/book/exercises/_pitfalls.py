"""The exercises of the chapter on TensorFlow's surprises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib import reference
from lrnlib.book.exercises._answers import channels
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]


def spoiled_channels(answer: object) -> Verdict:
    """How many of 500 channels does a NaN in channel 300 spoil, in three calls?

    Parameters
    ----------
    answer : sequence of int
        The number by the definition, and in TensorFlow with a beta of 0.75 and of 1.
    """
    return judge(
        answer,
        [5, 500, 202],
        [
            ([5, 5, 5], "This is what a direct sum does; TensorFlow has two other ways to add."),
            ([5, 500, 500], "With beta = 1 and so many channels there is no matrix to spoil all."),
            ([5, 202, 500], "The two are exchanged: which betas have the running sum?"),
            ([5, 202, 202], "The running sum is used for a beta of 0.5 or 1 alone."),
            ([5, 500, 200], "The first window that holds channel 300 is that of channel 298."),
            ([5, 500, 201], "One too few in the last: count from 298 to 499, both included."),
            ([5, 500, 5], "A running sum that has met a NaN does not get rid of it."),
            ([3, 500, 202], "The radius is 2: the window reaches so far on either side."),
        ],
        otherwise="Not right: find which sum each call uses, and where a NaN goes in it.",
        remark="A matrix spoils all, a running sum what follows.",
    )


def infinite_gradients(answer: object) -> Verdict:
    """In which of the tidy pixel's 385 channels is TensorFlow's gradient infinite?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all 385.
    """
    return judge(
        channels(answer),
        [382, 383, 384],
        [
            ([], "The gradient also reads the results of the forward pass, and one is infinite."),
            ([384], "The infinite result is in the windows of its neighbours, too."),
            ([383, 384], "With a radius of 2 the window of one more channel holds the last."),
            ([381, 382, 383, 384], "With a radius of 2 the window of one channel less holds it."),
            (range(382, 387), "There is no channel beyond 384."),
            (
                range(201, 385),
                "All of these may be wrong; infinite are those whose windows hold the last result.",
            ),
        ],
        otherwise="Not right: one result is infinite. Whose windows hold it?",
        remark="The gradient's own sums are direct, but what they add is not right.",
    )


def running_sum_error(answer: object) -> Verdict:
    """What is the relative error of channel 300 if the tidy pixel is multiplied by 100?

    Parameters
    ----------
    answer : float
        The error, with three decimal places: 0.1 if the result is a tenth too large.
    """
    error = np.sqrt(7 / 3) - 1
    return judge(
        answer,
        error,
        [
            (0, "alpha is small, but the squares are 10000 times as large as before."),
            (error + 1, "This is by what the right result is multiplied; the error is 1 less."),
            (100 * error, "Give a fraction, and not percent."),
            (-error, "The sign is wrong: a base that is too small makes a result too large."),
            (np.sqrt(3 / 7) - 1, "The two bases are exchanged: the wrong one is the smaller."),
            (7 / 3 - 1, "This is the error of the base; the result has its square root."),
            (np.sqrt(3) - 1, "This is for k = 1; here k is 2."),
            (np.sqrt(7 / 2) - 1, "One of the five squares stays in the total."),
        ],
        otherwise="Not right: what is the base, what should it be, and what is its power?",
        remark="With its own beta of 0.75 the paper has no running sum.",
        rtol=2e-3,
    )


def beyond_overflow(answer: object) -> Verdict:
    """What is the LRN of float32 numbers whose squares are no float32 numbers?

    Parameters
    ----------
    answer : callable
        A function of `x, depth_radius, bias, alpha, beta` that returns an array or a tensor of
        the shape of `x`, whose type is float32.
    """
    small = np.array([1, -2, 0.5, 3, -1, 2.5, 1, 0.75, -3, 1, 0, 2], np.float32)
    tidy, huge = small.copy(), small.copy()
    tidy[1], huge[[0, 3]] = 2e19, (3e38, -1e20)
    small, tidy, huge = (x.reshape(1, 2, 1, 6) for x in (small, tidy, huge))

    return judge_function(
        answer,
        _right,
        _OF_OVERFLOW,
        [(small, 1, 1.5, 0.3, 0.75), (tidy, 1, 1.0, 1.0, 0.5), (huge, 1, 1.5, 0.5, 0.25)],
        remark="float64 holds the square of every float32 number.",
        rtol=1e-5,
    )


def _right(x: Array, *parameters: Any) -> Array:
    return reference.local_response_normalization(x.astype(np.float64), *parameters)


def _direct(t: Array, radius: int) -> Array:
    channels = t.shape[-1]
    padded = np.pad(t, [(0, 0)] * 3 + [(radius, radius)])
    return np.asarray(sum(padded[..., k : k + channels] for k in range(2 * radius + 1)))


def _band(t: Array, radius: int) -> Array:
    i = np.arange(t.shape[-1])
    return np.asarray(t @ (abs(i - i[:, None]) <= radius).astype(t.dtype))


def _running(t: Array, radius: int) -> Array:
    padded, sums = np.pad(t, [(0, 0)] * 3 + [(radius, radius)]), []
    total = padded[..., : 2 * radius].sum(axis=-1)
    for k in range(t.shape[-1]):
        total = total + padded[..., k + 2 * radius]
        sums.append(total)
        total = total - padded[..., k]
    return np.stack(sums, axis=-1)


def _prefix(t: Array, radius: int) -> Array:
    total = np.cumsum(np.pad(t, [(0, 0)] * 3 + [(radius + 1, radius)]), axis=-1)
    return np.asarray(total[..., 2 * radius + 1 :] - total[..., : t.shape[-1]])


def _summed(sums: Callable[[Array, int], Array], dtype: Any) -> Callable[..., Array]:
    """LRN with these sums of squares in this type."""

    def wrong(x: Array, radius: int, bias: float, alpha: float, beta: float) -> Array:
        wide = x.astype(dtype)
        return np.asarray(wide * (bias + alpha * sums(wide * wide, radius)) ** -beta)

    return wrong


def _scaled(x: Array, radius: int, bias: float, alpha: float, beta: float) -> Array:
    largest = np.abs(x).max().astype(np.float64)
    y = _summed(_direct, np.float64)(x / largest, radius, bias, alpha, beta)
    return np.asarray(largest * y)


_OF_OVERFLOW: list[tuple[Callable[..., Any], str]] = [
    (
        _summed(_direct, np.float32),
        "The squares still overflow: a result of 0 where the strong channel is in the "
        "window. Cast before you square.",
    ),
    (
        _summed(_band, np.float32),
        "The squares overflow, and a product with a matrix spreads what is infinite.",
    ),
    (
        _summed(_running, np.float64),
        "A running sum forgets the other squares in float64, too: add each window.",
    ),
    (
        _summed(_prefix, np.float64),
        "The prefix sums swallow the other squares in float64, too: add each window.",
    ),
    (
        lambda x, *p: _right(np.clip(x, -1.8e19, 1.8e19), *p),
        "The strong responses are cut off, which changes them and their neighbours.",
    ),
    (_scaled, "After a scaling of x the bias must be scaled, too, by the square."),
]
