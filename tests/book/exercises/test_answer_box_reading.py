"""What a reader may write in an answer box, and what Python's check says to it."""

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises._data import Exercise, Part
from lrnlib.book.exercises._grading import UNANSWERED
from tests.book.exercises.boxes import LINES, VERDICTS, typed

MALFORMED = [
    "abc", "8/", "/8", "(1", "1)", "1 +", "sqrt", "sqrt 4", "sqrt()", "2 **", "1..2", "0x10", "e5",
    "1, x", "1 x 2", "[", "[1, 2", "1]", "()", "(1 2", "50%", "it's", 'a "b"', "a 'b' and \"c\"",
    "\\", "1,2,a\\'", "é 𝛽", "x" * 78, "x" * 79, "𝛽" * 100, "print(1)", "answer", "True", "0/0",
    "nan", ",", "1,,2", "{}",
]  # fmt: skip


def test_what_is_no_number_is_shown_as_a_string(verdicts):
    """As the check shows it to whoever gives it text."""
    cases = [(each, [text] * len(each.arguments)) for each in LINES for text in MALFORMED]
    found = verdicts([(exercise.name, answers) for exercise, answers in cases])
    for (exercise, answers), verdict in zip(cases, found, strict=True):
        expected = getattr(exercises, exercise.name)(*answers).message
        assert (exercise.name, answers, verdict) == (exercise.name, answers, expected)


@pytest.mark.parametrize("text", ["", " ", "...", "…", "None", "[...]", "1, ...", "(..., ...)"])
def test_what_is_not_there_yet_is_not_wrong(verdicts, text):
    """Nothing at all, or the dots, alone or in a list."""
    found = verdicts([(each.name, [text] * len(each.arguments)) for each in LINES])
    assert set(found) == {UNANSWERED}


READ = {
    "number": {
        "7": 7, "-0.5": -0.5, ".5": 0.5, "5.": 5, "+3": 3, "1e-4": 1e-4, "1E3": 1e3, "2e+2": 200,
        "8/114": 8 / 114, " 8 / 114 ": 8 / 114, "8/4/2": 1, "2 - 3 - 4": -5, "1 - -1": 2,
        "-1-1": -2, "1 + 2 * 3": 7, "(1 + 2) * 3": 9, "2**3**2": 512, "-2**2": -4, "2**-1": 0.5,
        "10^8": 1e8, "2 * -3": -6, "sqrt(2)": 2**0.5, "1 / sqrt(0.05 * 5)": 2, "-(1 + 1)": -2,
        "((3))": 3, "−3": -3, "inf": np.inf, "-inf": -np.inf, "∞": np.inf, "1 -3": -2,
    },
    "numbers": {
        "1, 2": [1, 2], "1 2": [1, 2], "1; 2": [1, 2], "1,2,": [1, 2], "[ 1, 2 ]": [1, 2],
        "(1, 2)": [1, 2], "{1, 2}": [1, 2], "3": [3], "[]": [], "1 / 2, -1 / 3": [1 / 2, -1 / 3],
        "1 -2": [1, -2], "1 - 2": [-1], "5, - 3": [5, -3], "(1 + 2) / 3, 4": [1, 4],
        "(1/25 - 18/625, -24/625)": [1 / 25 - 18 / 625, -24 / 625], "( 1 + 2 ) 3": [3, 3],
        "sqrt(4) 2 ** 3 1e-4": [2, 8, 1e-4], "0.01 −0.04": [0.01, -0.04], "inf inf": [np.inf] * 2,
    },
    "channels": {
        "4-7": [4, 5, 6, 7], "7, 4 - 5": [4, 5, 7], "4–7": [4, 5, 6, 7], "3-3 1": [1, 3], "[]": [],
        "6, 5, 5": [5, 5, 6], "0, 10-12": [0, 10, 11, 12], "{2, 1}": [1, 2], "3 - 1, 2": None,
        "1-99999": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_numbers_may_be_written_in_many_ways(open_boxes, kind):
    """Expressions have Python's precedence; channels have ranges."""
    boxes = [
        Exercise(f"e{k}", "", "", "", [("it", kind, "It.")], [Part(kind, right, [], "No.", 1e-15)])
        for k, right in enumerate(READ[kind].values())
    ]
    page = open_boxes(boxes)
    found = page.evaluate(VERDICTS, [(f"e{k}", [text]) for k, text in enumerate(READ[kind])])
    for (text, right), verdict in zip(READ[kind].items(), found, strict=True):
        other = f"The answer must be a list of numbers, got '{text}'."
        assert (text, verdict) == (text, other if right is None else "Right.")


def test_a_list_may_be_too_short_or_too_long(verdicts):
    lists = [[], [1.5], [1.5, 2], [60, 0.13, 5], [2, 1, 2e-5], [1, 2, 3, 4, 5], [1.5] * 9]
    cases = [
        (exercise.name, numbers)
        for exercise in LINES
        if exercise.arguments[0][1] != "number"
        for numbers in lists
    ]
    found = verdicts([(name, typed([numbers])) for name, numbers in cases])
    assert found == [getattr(exercises, name)(numbers).message for name, numbers in cases]
