"""The exercises of the chapter on TensorFlow's call."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

import lrnlib
from lrnlib.book.exercises._answers import is_open
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]


def channels_of_the_port(answer: object) -> Verdict:
    """How many channels does the window of ``tf.nn.lrn(x, 5, 2, 1e-4, 0.75)`` hold?

    Parameters
    ----------
    answer : int
        How many, where the window is whole.
    """
    return judge(
        answer,
        11,
        [
            (5, "That is what the paper wants. The call's 5 is not the number of channels."),
            (10, "The channel itself is missing: it is in its own window."),
            (6, "This is one side and the channel itself; the window has two sides."),
            (2, "That is the radius that the port should have given."),
            (25, "The window is a row of channels, not a square of pixels."),
        ],
        otherwise="Not right: count the channels on both sides, and the one in the middle.",
        remark="The port sums eleven squares where the paper has five.",
    )


def response_by_default(answer: object) -> Verdict:
    """What does ``tf.nn.lrn(x)`` give for the middle one of 21 channels that are all 2?

    Parameters
    ----------
    answer : float
        The response, to three decimal places.
    """
    return judge(
        answer,
        2 / np.sqrt(45),
        [
            (2 / np.sqrt(1 + 5 * 4), "This is a window of five channels: the default is a radius."),
            (2 / np.sqrt(1 + 10 * 4), "The channel's own square is missing."),
            (2 / np.sqrt(1 + 21 * 4), "This sums all 21 channels: the window is narrower."),
            (2 / np.sqrt(44), "The bias is missing: by default it is 1."),
            (2 / np.sqrt(1 + 4), "Here alpha is divided by the size of the window. "
             "In TensorFlow it is not."),
            (2 / np.sqrt(1 + 22), "The responses are added here, not their squares."),
            (2 / 45, "The root is missing: by default beta is 0.5."),
            (1 / np.sqrt(45), "This is the factor. The response is the channel times the factor."),
            (2 / (1 + np.sqrt(44)), "The bias stands under the root, too."),
            (2 * 45**-0.75, "This is the paper's beta, and not TensorFlow's default."),
        ],
        otherwise="Not right: take the four defaults one by one, and write the sum S first.",
        remark="Eleven squares and the bias: the response is 2 / sqrt(45).",
        rtol=2e-3,
    )  # fmt: skip


def result_types(answer: Any) -> Verdict:
    """Of what type is the result of ``tf.nn.lrn`` for each of five inputs?

    Parameters
    ----------
    answer : sequence of str
        For each input ``"float16"``, ``"float32"``, ``"float64"``, or ``"error"``.
    """
    tensors = "An error: TensorFlow lists half, bfloat16 and float for a tensor, and no other."
    converted = "No error: what is not a tensor yet is converted first."
    parts: list[tuple[str, list[tuple[object, str]]]] = [
        ("float32", [("float64", "Input 1 does not keep its type: TensorFlow converts an array "
                      "before it computes."), ("error", f"Input 1: {converted}")]),
        ("error", [("float64", f"Input 2: {tensors}"),
                   ("float32", "Input 2 is a tensor already, so nothing converts it.")]),
        ("float16", [("float32", "Input 3 keeps its type: half is among those allowed."),
                     ("error", "Input 3: half is among the types allowed.")]),
        ("float32", [("error", f"Input 4: {converted}"),
                     ("float64", "Input 4: where TensorFlow converts, it makes float32.")]),
        ("error", [("float32", f"Input 5: {tensors}"),
                   ("float64", "Input 5: no call of the chapter gave float64.")]),
    ]  # fmt: skip
    right = [word for word, _ in parts]
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if not isinstance(answer, list | tuple) or len(answer) != len(right):
        return judge(answer, right, [], otherwise="")
    words = "one of float16, float32, float64 and error"
    for number, (each, (word, mistakes)) in enumerate(zip(answer, parts, strict=True), start=1):
        otherwise = f"Not right for input {number}: the answer is {words}."
        if not (verdict := judge(_type_word(each), word, mistakes, otherwise=otherwise)):
            return verdict
    return Verdict(True, "Right. Arrays and lists are converted, tensors are not.")


def _type_word(answer: object) -> object:
    """What names a type or an error, in one word."""
    if is_open(answer):
        return answer
    if isinstance(answer, type) and issubclass(answer, np.generic):
        return np.dtype(answer).name
    word = str(getattr(answer, "name", answer))
    failed = isinstance(answer, Exception) or "error" in word.casefold()
    return "error" if failed else word


def _call(x: Array, axis: int = -1) -> Array:
    return lrnlib.lrn(x, 2, 2, 0.1, 0.75, axis=axis)


def _moved(there: tuple[int, ...], back: tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda x: _call(x.transpose(there)).transpose(back)


_LAST, _FIRST, _SAME = (0, 2, 3, 1), (0, 3, 1, 2), (0, 1, 2, 3)
_MISTAKES = [
    (_call, "Nothing is transposed: TensorFlow normalized along the last axis, the width."),
    (lambda x: _call(x, axis=2), "This is normalized along the height: look where the channels "
     "are after your first transposition."),
    (lambda x: _call(x, axis=0), "This is normalized along the batch: its images do not know "
     "one another."),
    (_moved(_LAST, _SAME), "The result still has the channels last: bring them back."),
    (_moved(_LAST, _LAST), "The second transposition is the first once more, and not its "
     "inverse."),
    (lambda x: _call(x.reshape(x.shape[0], *x.shape[2:], x.shape[1])).reshape(x.shape),
     "A reshape moves no number: it only cuts the same row of numbers differently. Transpose."),
    (_moved(_LAST, (0, 3, 2, 1)), "On the way back height and width have changed places."),
    (lambda x: lrnlib.lrn(x, 5, 2, 0.1, 0.75, axis=1), "The window is too wide: n is 5, and the "
     "call takes the radius."),
    (lambda x: lrnlib.lrn(x, axis=1), "These are TensorFlow's defaults: pass all four numbers."),
    (lambda x: lrnlib.lrn(x, 2, 2, 0.1 / 5, 0.75, axis=1), "Here alpha is divided by n; in "
     "TensorFlow it multiplies the sum as it is."),
]  # fmt: skip


def channels_first(function: object) -> Verdict:
    """LRN of a tensor ``[batch, channels, height, width]``, with TensorFlow alone.

    Parameters
    ----------
    function : callable
        ``function(x)`` returns the result in the layout of `x`; n is 5, k is 2, alpha is 0.1
        and beta is 0.75.
    """
    rng = np.random.default_rng(5)
    shapes = [(2, 9, 4, 6), (3, 4, 5, 2)]
    cases = [(rng.normal(scale=3, size=shape).astype(np.float32),) for shape in shapes]
    return judge_function(
        function,
        lambda x: _call(x, axis=1),
        _MISTAKES,
        cases,
        remark="Channels last for the call, and back again.",
        rtol=2e-5,
    )
