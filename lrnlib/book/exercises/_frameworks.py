"""The exercises of the chapter on the frameworks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.book.exercises._answers import channels, four_numbers
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]


def port_of_caffenet(answer: object) -> Verdict:
    """What are TensorFlow's numbers for a window of 5, an `alpha` of 0.0001, and Caffe's weights?

    Parameters
    ----------
    answer : sequence of float, mapping, or Parameters
        TensorFlow's `depth_radius`, `bias`, `alpha` and `beta`, in this order.
    """
    return judge(
        four_numbers(answer),
        [2, 1, 2e-5, 0.75],
        [
            ([5, 1, 2e-5, 0.75], "5 is the size of the window; depth_radius is its reach."),
            ([2, 2, 2e-5, 0.75], "2 is the paper's k; what is Caffe's, where the file has none?"),
            ([2, 1, 1e-4, 0.75], "Caffe divides alpha by the size, and TensorFlow does not."),
            ([2, 1, 5e-4, 0.75], "alpha is multiplied by the size: that is the way to Caffe."),
            ([2, 1, 5e-5, 0.75], "alpha is divided by the half-width; Caffe divides by the size."),
            (
                [2, 2, 1e-4, 0.75],
                "These are the paper's numbers: the file has Caffe's k, and Caffe's rule for "
                "alpha.",
            ),
            ([5, 2, 1e-4, 0.75], "This is the port as it stands, and three numbers are wrong."),
            ([2, 1, 2e-5, 0.5], "0.5 is TensorFlow's default; the file has a beta."),
        ],
        otherwise="Not right: go through the four words of Caffe, and what each one means.",
        remark="Three of the port's four numbers were wrong.",
    )


def window_from_digits(answer: object) -> Verdict:
    """Which channels does a window sum if the probe gives 121 for `x / y` in channel 4?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all of them.
    """
    return judge(
        channels(answer),
        [3, 4, 5, 6],
        [
            ([4, 5, 6, 7], "One too high: the square of channel 0 is 1, and not 2."),
            ([0, 3, 4, 5, 6], "Subtract k first: x / y is the whole base."),
            ([8, 16, 32, 64], "These are the squares; which channels have them?"),
            ([2, 3, 4, 5], "The digits are read from the wrong end, or the window is PyTorch's."),
        ],
        otherwise="Not right: write the sum as a sum of powers of two.",
        remark="It is the window of ONNX and cuDNN for a size of 4.",
    )


def split_channels(answer: object) -> Verdict:
    """Which of 96 channels differ if two halves are normalized alone, with n = 5?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all of them.
    """
    return judge(
        channels(answer),
        [46, 47, 48, 49],
        [
            ([47, 48], "This would be n = 3; with n = 5 a window reaches two channels further."),
            (range(45, 51), "One too many on each side: a window reaches two channels further."),
            (range(43, 53), "Here n is taken as the reach; it is the width of the window."),
            ([46, 47], "The windows of the second half are cut as well."),
            ([48, 49], "The windows of the first half are cut as well."),
            (
                [47, 48, 49, 50],
                "One too high: channels are counted from 0, so the second half begins with 48.",
            ),
        ],
        otherwise="Not right: find the windows that hold channels of both halves.",
        remark="All others have the same window with and without the border.",
    )


def mended_prefix_sum(answer: object) -> Verdict:
    """Which vectors still fail when `mine` computes in float64?

    Parameters
    ----------
    answer : str
        The property that these vectors ask for, as the table names it.
    """
    return judge(
        answer,
        "nan-inf",
        [
            ("outlier", "In float64 the square of 10000 leaves room for the ones beside it."),
            ("range", "The squares of all float32 numbers are finite in float64, and not 0."),
            ("zeros", "Zeros came out right before, and float64 takes nothing away."),
            ("none", "One property needs more than digits: what is inf less inf?"),
            ("formula", "The formula was right in float32, and float64 is wider."),
            *((name, "That is a vector, or half of the name: which row of the table has it?")
              for name in ("nan", "inf", "nan-16-channels", "nan-400-channels", "inf-16-channels",
                           "inf-400-channels")),
        ],
        otherwise="Not right: it is one of the properties in the chapter's table.",
        remark="What is subtracted from itself is not 0 if it is not finite.",
    )  # fmt: skip


def pytorch_window(answer: object) -> Verdict:
    """What is PyTorch's LRN, for any size?

    Parameters
    ----------
    answer : callable
        A function of `x, size, alpha, beta, k` that returns an array of the shape of `x`, whose
        channels are axis 1.
    """
    rng = np.random.default_rng(4)
    cases = [
        (rng.normal(scale=2, size=(2, 7, 3, 5)), 4, 1.5, 0.75, 1.25),
        (rng.normal(scale=2, size=(2, 7, 3, 5)), 5, 1.5, 0.75, 1.25),
        (rng.normal(scale=2, size=(3, 6, 4)), 2, 0.8, 0.5, 2.0),
        (rng.normal(scale=2, size=(2, 3, 4)), 6, 2.0, 1.0, 0.5),
    ]
    return judge_function(
        answer,
        _lrn(lambda n: (n // 2, (n - 1) // 2)),
        _OF_WINDOW,
        cases,
        remark="This is what no half-width can say.",
    )


def _lrn(
    reach: Callable[[int], tuple[int, int]],
    share: Callable[[int], int] = lambda size: size,
    axis: int = 1,
    clipped: bool = False,
) -> Callable[..., Array]:
    """PyTorch's, with another window, another divisor of alpha or another axis."""

    def lrn(x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
        before, after = reach(size)
        z = np.moveaxis(x, axis, 0)
        windows = [z[max(0, c - before) : c + after + 1] for c in range(len(z))]
        total = np.stack([
            np.square(w).sum(axis=0) / (len(w) if clipped else share(size)) for w in windows
        ])  # fmt: skip
        return np.moveaxis(z / (k + alpha * total) ** beta, 0, axis)

    return lrn


_OF_WINDOW: list[tuple[Callable[..., Any], str]] = [
    (
        _lrn(lambda n: ((n - 1) // 2, n // 2)),
        "The window is ONNX's: for an even size PyTorch's extra channel comes before.",
    ),
    (
        _lrn(lambda n: (n // 2, n // 2)),
        "For an even size the window holds one channel too many.",
    ),
    (
        _lrn(lambda n: ((n - 1) // 2, (n - 1) // 2)),
        "For an even size the window holds one channel too few.",
    ),
    (_lrn(lambda n: (n, n)), "The size is taken for the half-width."),
    (
        _lrn(lambda n: (n // 2, (n - 1) // 2), share=lambda n: 1),
        "alpha is not divided: PyTorch divides it by the size.",
    ),
    (
        _lrn(lambda n: (n // 2, (n - 1) // 2), axis=-1),
        "The window runs along the last axis; PyTorch's channels are axis 1.",
    ),
    (
        _lrn(lambda n: (n // 2, (n - 1) // 2), clipped=True),
        "At the edges alpha is divided by the channels that there are: divide by the size.",
    ),
]
