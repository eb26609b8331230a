"""Each exercise of the data is tested against itself, and stands in its chapter."""

import re
import tomllib
from collections import Counter
from importlib import resources

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES
from lrnlib.book.exercises._answers import KINDS
from lrnlib.book.exercises._data import EXACT, evaluate
from lrnlib.book.exercises._grading import NEARLY, ROUNDED, UNANSWERED
from tests.book.exercises.given import PARTS, last, message, not_foreseen, written
from tools.notebooks.notebooks import notebook_paths

CALLS = {  # how often each chapter calls each check
    path.stem: Counter(re.findall(r"\bexercises\.(\w+)\(", path.read_text("utf-8")))
    for path in notebook_paths()
}
each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
each_part = pytest.mark.parametrize(("exercise", "number"), PARTS)
BY_HAND = {
    "limits_of_large_inputs": {"Right.": [[2, 2.58]]},
    "response_by_default": {"Right.": [0.298]},
    "silenced_neighbour": {"Right.": [[2, 3, 5, 6]]},
    "narrower_window": {"Right.": [0.0702], ROUNDED: [0.07]},
    "seven_operations": {"Right.": [[60, 0.13]]},
    "running_sum_error": {"Right.": [0.528], ROUNDED: [0.53]},
    "gradient_by_hand": {"Right.": [[0.0112, -0.0384]]},
    "to_unit_length": {
        "Right.": [[radius, 0, 1, 0.5] for radius in (64, 1000, 1e300)],
        "The sum is not whole": [[radius, 0, 1, 0.5] for radius in (0, 5, 32)],
        "A depth_radius is a whole": [[radius, 0, 1, 0.5] for radius in (63.5, np.inf, np.nan)],
    },
}


@each_part
def test_the_right_answer_is_right(exercise, number):
    """Within its tolerance, and not beyond it."""
    part = exercise.parts[number]
    right = f"Right. {exercise.success_note}"
    assert message(exercise, number, written(part.answer, part.kind)) == right
    if last(part) is not None:
        for factor, expected in ((1 - 0.9 * part.rtol, True), (1 + 3 * part.rtol, False)):
            answer = written(part.answer, part.kind, factor)
            assert (message(exercise, number, answer) == right) is expected


@each_part
def test_each_mistake_has_its_own_message(exercise, number):
    """And no other, also for an answer that is rounded."""
    part = exercise.parts[number]
    for mistake, expected in part.mistakes:
        for factor in (1, 1 + 0.9 * part.rtol):
            answer = written(mistake, part.kind, factor)
            assert message(exercise, number, answer) == expected


def with_fewer_digits(part):
    """The answer, its last number with so few digits that they do not suffice; None if too few."""
    for digits in range(6, 0, -1):
        factor = float(f"{last(part):.{digits - 1}e}") / last(part)
        if part.rtol < abs(factor - 1):
            return written(part.answer, part.kind, factor) if abs(factor - 1) < NEARLY else None
    return None


@each_part
def test_any_other_answer_has_the_default_message(exercise, number):
    """Too few digits have a message of their own."""
    part = exercise.parts[number]
    assert message(exercise, number, not_foreseen(part)) == part.default_message
    if EXACT < part.rtol < NEARLY and last(part):
        near = written(part.answer, part.kind, 1 + 0.97 * NEARLY)
        assert message(exercise, number, near) != ROUNDED
        if rounded := with_fewer_digits(part):
            assert message(exercise, number, rounded) == ROUNDED


@each
def test_the_table_of_an_exercise_is_sound(exercise):
    """No optional key is misspelt, and so ignored; messages are short, and no two the same."""
    chapter = resources.files(exercises) / f"{exercise.chapter}.toml"
    table = tomllib.loads(chapter.read_text("utf-8"))[exercise.name]
    parts = [] if exercise.messages else table.get("parts", [table])
    mistakes = [mistake for part in parts for mistake in part["mistakes"]]
    known = {"question", "kind", "accepts", "answer", "rtol", "success_note", "default_message",
             "nearly_message", "mistakes", "parts", "argument"}  # fmt: skip
    assert set(table).union(*parts) <= known
    assert all(set(m) in ({"answer", "message"}, {"answers", "message"}) for m in mistakes)
    messages = [*exercise.messages.values(), *(part["default_message"] for part in parts)]
    messages += [mistake["message"] for mistake in mistakes]
    assert len(messages) == len(set(messages))
    assert all(0 < len(each) <= 130 for each in messages)


@pytest.mark.parametrize("name", BY_HAND)
def test_answers_by_hand(name):
    """With as many digits as asked for or fewer, and any radius that is large enough."""
    for begin, answers in BY_HAND[name].items():
        for answer in answers:
            assert getattr(exercises, name)(answer).message.startswith(begin), answer


@each
@pytest.mark.parametrize("stub", [..., None])
def test_an_unanswered_stub_is_not_a_mistake(exercise, stub):
    """Neither dots for the whole answer nor dots for each part."""
    check = getattr(exercises, exercise.name)
    assert check(*[stub] * len(exercise.arguments)).message == UNANSWERED
    if len(exercise.parts) > len(exercise.arguments):
        assert check([stub] * len(exercise.parts)).message == UNANSWERED


@each
def test_an_answer_of_the_wrong_kind_is_no_error(exercise):
    """Every answer has a verdict."""
    for answer in (
        "?", object(), [], [[]], [[1], [2, 3]], {}, {1}, {1, "2"}, 1 + 2j, 10**400, [1, 10**400],
        [1, "2"], [np.zeros(1), np.zeros(2)], np.zeros((2, 1)), True, np.nan, len,
    ):  # fmt: skip
        verdict = getattr(exercises, exercise.name)(*[answer] * len(exercise.arguments))
        assert not verdict, answer
        assert verdict.message, answer


@each
def test_each_exercise_is_asked_in_its_chapter(exercise):
    """Once in a stub and once in its solution; `help` shows the question and each argument."""
    used = {chapter: calls[exercise.name] for chapter, calls in CALLS.items()}
    assert {chapter: n for chapter, n in used.items() if n} == {exercise.chapter: 2}
    check = getattr(exercises, exercise.name)
    assert check.__doc__.startswith(exercise.question)
    assert check.__module__ == "lrnlib.book.exercises"
    for name, kind, text in exercise.arguments:
        assert f"{name} : {KINDS[kind].type}\n    {text}" in check.__doc__


@pytest.mark.parametrize(
    ("expression", "value"),
    [(2, 2), ("2 / sqrt(1 + 8)", 2 / 3), ("-answer ** 2", -9), ("1e3", 1e3)],
)
def test_an_expression_is_computed(expression, value):
    """With Python's precedence."""
    assert evaluate(expression, answer=3) == value


@pytest.mark.parametrize("expression", ["print(1)", "x", "'1'", "[1]", "1 if 1 else 2", "7 % 2"])
def test_other_python_is_not_an_expression(expression):
    """The data cannot run code."""
    with pytest.raises(ValueError, match="not an expression of numbers"):
        evaluate(expression)
