"""The checks of the exercises know right answers, and name what is wrong with the others."""

import importlib
import sys

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import _grading
from tests.book.exercises import answers_first, functions_first
from tests.book.exercises.answers import Exercise

LATER = ("cupy", "frameworks", "gradient", "pitfalls")
RIGHT = answers_first.RIGHT | functions_first.RIGHT
WRONG = answers_first.WRONG | functions_first.WRONG
EXERCISES = {
    name: Exercise(getattr(exercises, name), right, WRONG[name]) for name, right in RIGHT.items()
} | {
    exercise.check.__name__: exercise
    for chapter in LATER
    for exercise in importlib.import_module(f"tests.book.exercises.answers_{chapter}").EXERCISES
}
each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


def messages(exercise, monkeypatch):
    """Every message that the library has for wrong answers to the exercise."""
    known = set()

    def note(judging):
        def noted(answer, right, mistakes, *args, **options):
            known.update(message for _, message in mistakes)
            known.update(options[name] for name in ("otherwise", "nearly") if name in options)
            return judging(answer, right, mistakes, *args, **options)

        return noted

    module = sys.modules[exercise.check.__module__]
    for name in ("judge", "judge_function"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, note(getattr(_grading, name)))
    for answer in exercise.right:
        exercise(answer)
    return known


def test_every_check_is_tested():
    """With right answers and with wrong ones."""
    public = {name for name in exercises.__all__ if name.islower()}
    assert set(EXERCISES) == public
    assert set(RIGHT) == set(WRONG)


@each
def test_right_answers_are_right(exercise):
    """In each form that a reader may choose."""
    for answer in exercise.right:
        verdict = exercise(answer)
        assert verdict
        assert repr(verdict).startswith("Right.")


def unsolved(*args): ...


@each
def test_no_answer_is_no_mistake(exercise):
    """The stub as it stands is told that it is one."""
    stub = unsolved if callable(exercise.right[0]) else ...
    verdict = exercise([stub] * len(exercise.right[0]) if exercise.spread else stub)
    assert not verdict
    assert verdict.message.startswith("No answer yet")


@each
def test_each_wrong_answer_gets_its_own_message(exercise):
    """And none that another mistake gets."""
    told = {}
    for answer, part in exercise.mistakes():
        verdict = exercise(answer)
        assert not verdict
        assert part in verdict.message
        assert told.setdefault(verdict.message, part) == part


@each
def test_every_message_is_reached(exercise, monkeypatch):
    """There is a typical wrong answer for each message of the library's, and none is long."""
    told = {exercise(answer).message for answer, _ in exercise.mistakes()}
    known = messages(exercise, monkeypatch) - {""}
    assert known - told == set()
    assert all(len(message) <= 130 for message in known)


@each
@pytest.mark.parametrize(
    "answer",
    ["?", object(), [], [[]], [[1], [2, 3]], {}, {1}, {1, "2"}, 1 + 2j, 10**400, [1, 10**400],
     [1, "2"], [np.zeros(1), np.zeros(2)], np.zeros((2, 1)), True, np.nan, len],
)  # fmt: skip
def test_an_answer_of_the_wrong_kind_is_no_error(exercise, answer):
    """Whatever is put in, a verdict comes out, and it is not that it is right."""
    verdict = exercise((answer,) * len(exercise.right[0]) if exercise.spread else answer)
    assert not verdict
    assert verdict.message


def test_a_message_without_an_answer_is_noticed(monkeypatch):
    """What looks for messages that no answer reaches finds one."""
    exercise = EXERCISES["gradient_reach"]
    known = messages(exercise, monkeypatch)
    (first, _), *others = exercise.mistakes()
    told = {exercise(answer).message for answer, _ in others}
    assert known - told == {exercise(first).message}
