"""The grader of values, for answers of any kind."""

from fractions import Fraction

import numpy as np
import pytest

from lrnlib import Parameters
from lrnlib.book import exercises
from lrnlib.book.exercises._data import Exercise, Part
from lrnlib.book.exercises._grading import ROUNDED, UNANSWERED, grade
from tests.book.exercises.array_likes import RecordingTensor, Tensor


def graded(answer, kind, right, mistake=None, rtol=1e-6):
    """The verdict on an answer to an exercise with one foreseen mistake."""
    part = Part(kind, right, [(mistake or right, "Foreseen.")], "Look again.", rtol)
    return grade(Exercise("", "", "", "So it is.", [("answer", kind, "")], [part]), answer)


@pytest.mark.parametrize(
    ("answer", "kind", "right"),
    [
        (2, "number", 2),
        (2.0, "number", 2),
        (Fraction(1, 3), "number", 1 / 3),
        (np.float16(0.5), "number", 0.5),
        (np.float32(0.1), "number", 0.1),
        (np.int64(11), "number", 11),
        (Tensor(2.0), "number", 2),
        (np.inf, "number", np.inf),
        ([4, 5], "numbers", [4, 5]),
        ((4, 5), "numbers", [4, 5]),
        (range(4, 6), "numbers", [4, 5]),
        (np.array([4, 5], np.int8), "numbers", [4, 5]),
        (Tensor([4, 5]), "numbers", [4, 5]),
        ([Fraction(1, 2), 3], "numbers", [0.5, 3]),
        ({5, 4, 6}, "channels", [4, 5, 6]),
        (range(4, 7), "channels", [4, 5, 6]),
        ([6, 4, 5], "channels", [4, 5, 6]),
        (np.arange(4, 7), "channels", [4, 5, 6]),
        (np.arange(7) > 3, "channels", [4, 5, 6]),
        ([i > 3 for i in range(7)], "channels", [4, 5, 6]),
        ([np.arange(7) > 3], "channels", [4, 5, 6]),
        ([], "channels", []),
        ((2, 1.0, 1e-4 / 5, 0.75), "parameters", [2, 1, 2e-5, 0.75]),
        (Parameters(2, 1, 2e-5, 0.75), "parameters", [2, 1, 2e-5, 0.75]),
        (vars(Parameters(2, 1, 2e-5, 0.75)), "parameters", [2, 1, 2e-5, 0.75]),
        (Parameters(2, 1, 2e-5, 0.75).to_tensorflow(), "parameters", [2, 1, 2e-5, 0.75]),
        ("right", "word", "right"),
        (" Right ", "word", "right"),
        (np.float32, "dtype", "float32"),
        (np.dtype("float16"), "dtype", "float16"),
        ("InvalidArgumentError", "dtype", "error"),
        ("ERROR", "dtype", "error"),
        (TypeError, "dtype", "error"),
        (ValueError("no"), "dtype", "error"),
        (np.array([-(1 + 2**-23), 2**24], np.float32), "float32_pair", "not recovered"),
    ],
)
def test_a_right_answer_may_have_any_form(answer, kind, right):
    """Numbers may be of any library, channels a mask, and words in capitals."""
    verdict = graded(answer, kind, right)
    assert verdict
    assert (verdict.right, repr(verdict)) == (True, "Right. So it is.")


@pytest.mark.parametrize("kind", ["number", "numbers", "channels", "parameters", "word", "dtype"])
@pytest.mark.parametrize(
    "answer", [None, ..., [...], (1, ...), [1, [None]], {"bias": 1, "beta": ...}]
)
def test_an_answer_with_dots_is_unanswered(answer, kind):
    """Dots or None anywhere in an answer are not a mistake."""
    verdict = graded(answer, kind, [1, 2] if kind != "word" else "right")
    assert (verdict.right, verdict.message) == (False, UNANSWERED)


@pytest.mark.parametrize(
    ("answer", "kind", "right", "message"),
    [
        (3, "number", 2, "Look again."),
        (np.nan, "number", 2, "Look again."),
        (1e300, "number", np.inf, "Look again."),
        ("2", "number", 2, "The answer must be a number, got '2'."),
        ([2], "number", 2, "The answer must be a number, got [2]."),
        (2 + 0j, "number", 2, "The answer must be a number, got (2+0j)."),
        (object, "number", 2, "The answer must be a number, got <class 'object'>."),
        ([4, 6], "numbers", [4, 5], "Look again."),
        ([4, 5, 6], "numbers", [4, 5], "Look again."),
        ([5, 4], "numbers", [4, 5], "Look again."),
        (2, "numbers", [4, 5], "The answer must be a list of numbers, got 2."),
        ({4, 5}, "numbers", [4, 5], "The answer must be a list of numbers, got {4, 5}."),
        (["4", 5], "numbers", [4, 5], "The answer must be a list of numbers, got ['4', 5]."),
        ([[1, 2], [3]], "numbers", [4], "The answer must be a list of numbers, got [[1, 2], [3]]."),
        ([[4, 5]], "channels", [4, 5], "The answer must be a list of numbers, got [[4, 5]]."),
        ({1, "2"}, "channels", [1, 2], "The answer must be a list of numbers, got {"),
        ({"bias": 1}, "parameters", [1], "The answer must be a list of numbers, got {'bias': 1}."),
        ("up", "word", "right", "Look again."),
        (2, "word", "right", "The answer must be a word, got 2."),
        (["right"], "word", "right", "The answer must be a word, got ['right']."),
        ("half", "dtype", "float16", "Look again."),
        (1, "dtype", "float16", "Look again."),
        ("exact", "float32_pair", "exact", "The answer must be a list of numbers, got 'exact'."),
        ((1, 2**24), "float32_pair", "exact", "Look again."),
    ],
)
def test_a_wrong_answer_of_any_kind(answer, kind, right, message):
    """Another kind of answer is named, any other wrong answer gets the default message."""
    verdict = graded(answer, kind, right)
    assert not verdict
    assert verdict.message.startswith(message)


def test_a_tensor_that_refuses_is_of_the_wrong_kind():
    """The error of a tensor that does not convert is not the reader's to see."""
    assert "must be a number, got" in graded(RecordingTensor(2), "number", 2).message


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
    assert graded([0.34, 333], "numbers", thirds, rtol=2e-3).message == ROUNDED
    assert graded([0.36, 333], "numbers", thirds, rtol=2e-3).message == "Look again."
    assert graded(101, "number", 100).message == "Look again."  # a count is right or wrong


@pytest.mark.parametrize(
    ("answer", "right"), [(3, True), (9.0, True), (2, False), (10, False), (3.5, False),
                          (np.nan, False), (np.inf, False), (-np.inf, False)],
)  # fmt: skip
def test_a_number_may_have_limits(answer, right):
    """A whole number from 3 to 9."""
    limits = {"whole": True, "minimum": 3, "maximum": 9}
    assert graded([answer, 1], "numbers", [limits, 1]).right is right


def test_limits_may_be_for_a_fraction():
    """NaN and infinity are not whole numbers either."""
    for answer in (2.5, np.nan, np.inf, -np.inf):
        assert graded([answer], "numbers", [{"whole": False}])
    assert not graded([2], "numbers", [{"whole": False}])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((60,), "The answer must be two numbers."),
        (60, "The answer must be a list of numbers, got 60."),
        ([60, "a"], "The answer must be a list of numbers, got [60, 'a']."),
        ([60, ...], UNANSWERED),
        ([59, 13.3], "The bytes are not right"),
    ],
)
def test_the_parts_of_an_answer_are_graded_in_turn(answer, message):
    """The first wrong part has the message, and an answer without its parts one of its own."""
    assert exercises.seven_operations(answer).message.startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (["float32", "error"], "The answer must be a list of 5, got ['float32', 'error']."),
        ("error", "The answer must be a list of 5, got 'error'."),
        (["float32", ..., ..., ..., ...], UNANSWERED),
        (["int8", ..., ..., ..., ...], "Not right for input 1"),
        (np.array(["float32", "Error", "float16", "float32", "ERROR"]), "Right."),
    ],
)
def test_the_words_of_a_list_are_graded_in_turn(answer, message):
    """Those after the first wrong one may still be open."""
    assert exercises.result_types(answer).message.startswith(message)


def test_arguments_may_have_their_names():
    """As the signature shows them, and a wrong number of them is Python's own error."""
    assert exercises.chunks_of_channels(channels=140, threads=36300)
    with pytest.raises(TypeError, match="missing a required argument: 'channels'"):
        exercises.chunks_of_channels(36300)
