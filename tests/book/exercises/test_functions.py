"""The exercises whose answer is a function, with functions that readers might write."""

from importlib import import_module

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES
from tests.book.exercises import answers_first_chapters, answers_later_chapters

RIGHT = answers_first_chapters.RIGHT | answers_later_chapters.RIGHT
WRONG = answers_first_chapters.WRONG | answers_later_chapters.WRONG
NEARLY = answers_later_chapters.NEARLY
each = pytest.mark.parametrize("exercise", [EXERCISES[name] for name in RIGHT], ids=RIGHT)


def test_every_exercise_has_functions_for_each_message():
    """Right ones, one for each mistake, and one that is nearly right where that has a message."""
    asked = [exercise for exercise in EXERCISES.values() if not exercise.parts]
    assert set(RIGHT) == {exercise.name for exercise in asked}
    assert {name: set(of) for name, of in WRONG.items()} == {e.name: set(e.messages) for e in asked}
    assert set(NEARLY) == {exercise.name for exercise in asked if exercise.nearly_message}


@each
def test_right_functions_are_right(exercise):
    """However they compute it."""
    for function in RIGHT[exercise.name]:
        verdict = getattr(exercises, exercise.name)(function)
        assert verdict
        assert verdict.message == f"Right. {exercise.success_note}"


@each
def test_each_mistake_has_its_own_message(exercise):
    """A reader's function is recognized by what it returns."""
    check = getattr(exercises, exercise.name)
    for name, function in WRONG[exercise.name].items():
        assert (name, check(function).message) == (name, exercise.messages[name])
    if exercise.name in NEARLY:
        assert check(NEARLY[exercise.name]).message == exercise.nearly_message


@each
def test_each_foreseen_mistake_has_a_message(exercise):
    """And matches no other mistake that stands before it."""
    functions = import_module(f"lrnlib.book.exercises._{exercise.chapter}").FUNCTIONS[exercise.name]
    for name, function in functions.mistakes.items():
        verdict = getattr(exercises, exercise.name)(function)
        assert (name, verdict.message) == (name, exercise.messages[name])


@each
def test_an_unfinished_function_is_not_a_mistake(exercise):
    """A body of dots returns None."""

    def unfinished(*args): ...

    verdict = getattr(exercises, exercise.name)(unfinished)
    assert verdict.message == "No answer yet: unfinished returns nothing."


@each
def test_any_other_function_is_shown_where_it_differs(exercise):
    """By its first wrong result."""
    message = getattr(exercises, exercise.name)(lambda *args: np.float64(77)).message
    assert message.startswith("Not right: <lambda>(")
    assert message.endswith(" is expected.")
