"""The grader of values, for answers of any kind."""

from fractions import Fraction

import numpy as np
import pytest

from lrnlib import Parameters
from lrnlib.book import exercises
from lrnlib.book.exercises._data import Exercise, Part
from lrnlib.book.exercises._grading import ROUNDED, UNANSWERED, grade
from tests.book.exercises.array_likes import Tensor


def graded(answer, kind, right, mistake=None, rtol=1e-6):
    """The verdict on an answer to an exercise with one foreseen mistake."""
    right = list(right) if isinstance(right, tuple) else right
    part = Part(kind, right, [(mistake or right, "Foreseen.")], "Look again.", rtol)
    return grade(Exercise("", "", "", "So it is.", [("answer", kind, "")], [part]), answer)


NUMBERS = [2, 1, 2e-5, 0.75]
LRN = Parameters(*NUMBERS)
RIGHT = {
    ("number", 2): [2, 2.0, np.int64(2), Tensor(2.0)],
    ("number", 1 / 3): [Fraction(1, 3)],
    ("number", 0.5): [np.float16(0.5)],
    ("number", 0.1): [np.float32(0.1)],
    ("number", np.inf): [np.inf],
    ("numbers", (4, 5)): [(4, 5), range(4, 6), np.array([4, 5], np.int8), Tensor([4, 5])],
    ("numbers", (0.5, 3)): [[Fraction(1, 2), 3]],
    ("channels", (4, 5, 6)): [
        {5, 4, 6}, range(4, 7), [6, 4, 5], np.arange(4, 7), np.arange(7) > 3,
        [i > 3 for i in range(7)], [np.arange(7) > 3],
    ],
    ("channels", ()): [[]],
    ("parameters", tuple(NUMBERS)): [
        (2, 1.0, 1e-4 / 5, 0.75), LRN, vars(LRN), LRN.to_tensorflow()
    ],
    ("word", "right"): ["right", " Right "],
    ("dtype", "float32"): [np.float32],
    ("dtype", "float16"): [np.dtype("float16")],
    ("dtype", "error"): ["InvalidArgumentError", "ERROR", TypeError, ValueError("no")],
    ("float32_pair", "not recovered"): [np.array([-(1 + 2**-23), 2**24], np.float32)],
}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "kind", "right"),
    [(answer, *of) for of, answers in RIGHT.items() for answer in answers],
)
def test_a_right_answer_may_have_any_form(answer, kind, right):
    """Numbers may be of any library, channels a mask, and words in capitals."""
    verdict = graded(answer, kind, right)
    assert (bool(verdict), verdict.right, repr(verdict)) == (True, True, "Right. So it is.")


@pytest.mark.parametrize("kind", ["number", "numbers", "channels", "parameters", "word", "dtype"])
@pytest.mark.parametrize(
    "answer", [None, ..., [...], (1, ...), [1, [None]], {"bias": 1, "beta": ...}]
)
def test_an_answer_with_dots_is_unanswered(answer, kind):
    """Dots or None anywhere in an answer are not a mistake."""
    verdict = graded(answer, kind, [1, 2] if kind != "word" else "right")
    assert (verdict.right, verdict.message) == (False, UNANSWERED)


DEFAULT = {
    ("number", 2): [3, np.nan],
    ("number", np.inf): [1e300],
    ("numbers", (4, 5)): [[4, 6], [5, 4]],
    ("word", "right"): ["up"],
    ("dtype", "float16"): ["half", 1],
    ("float32_pair", "exact"): [(1, 2**24)],
}
RECORDING = Tensor(RuntimeError("Can't call numpy() on Tensor that requires grad."))
COUNTS = {("numbers", (4, 5)): [[4, 5, 6], [4], []], ("parameters", tuple(NUMBERS)): [NUMBERS[:3]]}
OTHER_KIND = {
    ("number", "a number"): ["2", [2], 2 + 0j, object, RECORDING],
    ("numbers", "a list of numbers"): [2, {4, 5}, ["4", 5], [[1, 2], [3]]],
    ("channels", "a list of numbers"): [[[4, 5]], {1, "2"}],
    ("parameters", "a list of numbers"): [{"bias": 1}],
    ("word", "a word"): [2, ["right"]],
    ("float32_pair", "a list of numbers"): ["exact"],
}


@pytest.mark.parametrize(
    ("answer", "kind", "right"),
    [(answer, *of) for of, answers in DEFAULT.items() for answer in answers],
)
def test_any_other_wrong_answer_gets_the_default_message(answer, kind, right):
    """Of the right kind, but not foreseen."""
    verdict = graded(answer, kind, right)
    assert (verdict.right, verdict.message) == (False, "Look again.")


@pytest.mark.parametrize(
    ("answer", "kind", "right"),
    [(answer, *of) for of, answers in COUNTS.items() for answer in answers],
)
def test_too_few_or_too_many_numbers_are_counted(answer, kind, right):
    message = graded(answer, kind, right).message
    assert message == f"Give {len(right)} numbers, not {len(answer)}."


@pytest.mark.parametrize(
    ("answer", "kind", "name"),
    [(answer, *of) for of, answers in OTHER_KIND.items() for answer in answers],
)
def test_an_answer_of_another_kind_is_shown(answer, kind, name):
    """With the kind that is asked for; the error of a tensor that refuses is not shown."""
    verdict = graded(answer, kind, [1, 2] if "number" in name else "right")
    assert not verdict
    assert verdict.message == f"The answer must be {name}, got {answer!r}."


def test_a_foreseen_mistake_has_its_message():
    """Also one that is nearly right."""
    assert graded(4, "number", 2, mistake=4).message == "Foreseen."
    assert graded("UP", "word", "right", mistake="up").message == "Foreseen."
    assert graded(101, "number", 100, mistake=101, rtol=1e-3).message == "Foreseen."


def test_an_answer_by_hand_needs_as_many_digits_as_asked():
    """`rtol` is relative to each number, the small ones too."""
    thirds = [1 / 3, 1000 / 3]
    assert graded([0.333, 333], "numbers", thirds, rtol=2e-3)
    assert not graded([0.333, 333], "numbers", thirds)
    assert graded([0.33, 333], "numbers", thirds, rtol=2e-3).message == ROUNDED
    assert graded([0.3333, 330], "numbers", thirds, rtol=2e-3).message == ROUNDED
    for near in (0.34, 0.331, 0.3):  # another number, and one rounded too much
        assert graded([near, 333], "numbers", thirds, rtol=2e-3).message == "Look again."
    assert graded(101, "number", 100).message == "Look again."  # a count is right or wrong


@pytest.mark.parametrize(
    ("answer", "whole", "right"),
    [(3, True, True), (9.0, True, True), (2, True, False), (10, True, False), (3.5, True, False),
     (2, False, False), (2.5, False, True)]
    + [(each, whole, not whole) for each in (np.nan, np.inf, -np.inf) for whole in (True, False)],
)  # fmt: skip
def test_a_number_may_have_limits(answer, whole, right):
    """A whole number from 3 to 9, or a fraction, as which NaN and infinity count."""
    limits = {"whole": True, "minimum": 3, "maximum": 9} if whole else {"whole": False}
    assert graded([answer, 1], "numbers", [limits, 1]).right is right


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("seven_operations", (60,), "The answer must be two numbers."),
        ("seven_operations", 60, "The answer must be a list of numbers, got 60."),
        ("seven_operations", [60, "a"], "The answer must be a list of numbers, got [60, 'a']."),
        ("seven_operations", [60, ...], UNANSWERED),
        ("seven_operations", [59, 13.3], "The bytes are not right"),
        (
            "result_types",
            ["float32", "error"],
            "The answer must be a list of 5, got ['float32', 'e",
        ),
        ("result_types", "error", "The answer must be a list of 5, got 'error'."),
        ("result_types", ["float32", *[...] * 4], UNANSWERED),
        ("result_types", ["int8", *[...] * 4], "Not right for input 1"),
        ("result_types", np.array(["float32", "Error", "float16", "float32", "ERROR"]), "Right."),
    ],
)
def test_the_parts_of_an_answer_are_graded_in_turn(name, answer, message):
    """The first wrong part has the message; words after it may still be open."""
    assert getattr(exercises, name)(answer).message.startswith(message)


def test_arguments_may_have_their_names():
    """As the signature shows them, and a wrong number of them is Python's own error."""
    assert exercises.chunks_of_channels(channels=140, threads=36300)
    with pytest.raises(TypeError, match="missing a required argument: 'channels'"):
        exercises.chunks_of_channels(36300)
