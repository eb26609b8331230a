"""The checks of the exercises know right answers, and name what is wrong with the others."""

import importlib
import sys

import pytest

from lrnlib import check
from lrnlib.check import _judge

CHAPTERS = ["cupy", "frameworks", "gradient", "pitfalls"]
ALL = {c: importlib.import_module(f"answers_{c}").EXERCISES for c in CHAPTERS}
EXERCISES = {e.check.__name__: e for exercises in ALL.values() for e in exercises}
each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


def messages(exercise, monkeypatch):
    """Every message that the library has for wrong answers to the exercise."""
    known = set()

    def note(judging):
        def noted(answer, right, mistakes, *args, otherwise=None, **options):
            known.update(message for _, message in mistakes)
            if otherwise is not None:
                known.add(otherwise)
                options["otherwise"] = otherwise
            return judging(answer, right, mistakes, *args, **options)

        return noted

    module = sys.modules[exercise.check.__module__]
    for name in ("judge", "judge_function"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, note(getattr(_judge, name)))
    for answer in exercise.right:
        exercise(answer)
    return known


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_of_the_chapter_has_its_answers(chapter):
    """No public check of the chapter's is left out."""
    module = f"lrnlib.check._{chapter}"
    public = {n for n in check.__all__ if getattr(check, n).__module__ == module}
    assert {e.check.__name__ for e in ALL[chapter]} == public


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
    """And none that another one gets."""
    told = {}
    for part, answer in exercise.wrong.items():
        verdict = exercise(answer)
        assert not verdict
        assert part in verdict.message
        assert verdict.message not in told, f"{part}: like {told.get(verdict.message)}"
        told[verdict.message] = part


@each
def test_every_message_is_reached(exercise, monkeypatch):
    """There is a typical wrong answer for each message of the library's, and none is long."""
    told = {exercise(answer).message for answer in exercise.wrong.values()}
    known = messages(exercise, monkeypatch)
    assert known - told == set()
    assert all(len(message) <= 130 for message in known)


def test_a_message_without_an_answer_is_noticed(monkeypatch):
    """What looks for messages that no answer reaches finds one."""
    exercise = EXERCISES["gradient_reach"]
    known = messages(exercise, monkeypatch)
    told = {exercise(answer).message for answer in list(exercise.wrong.values())[1:]}
    assert known - told == {exercise(next(iter(exercise.wrong.values()))).message}
