"""The exercises whose answer is a function, with functions that readers might write."""

from importlib import import_module

import numpy as np
import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES
from tests.book.exercises import answers
from tests.book.exercises.answers import ALSO_RIGHT, NEARLY, WRONG

ASKED = {name: exercise for name, exercise in EXERCISES.items() if not exercise.parts}
each = pytest.mark.parametrize("exercise", ASKED.values(), ids=ASKED)


def test_every_exercise_has_functions_for_each_message():
    """One for each mistake, and one that is nearly right where that has a message."""
    assert {name: set(of) for name, of in WRONG.items()} == {
        name: set(exercise.messages) for name, exercise in ASKED.items()
    }
    assert set(NEARLY) == {name for name, exercise in ASKED.items() if exercise.nearly_message}


@each
def test_right_functions_are_right(exercise):
    """However they compute it."""
    for function in [getattr(answers, exercise.name), *ALSO_RIGHT.get(exercise.name, [])]:
        verdict = getattr(exercises, exercise.name)(function)
        assert (verdict.right, verdict.message) == (True, f"Right. {exercise.success_note}")


@each
def test_each_mistake_has_its_own_message(exercise):
    """Both a reader's function and the library's, by what they return."""
    check, chapter = getattr(exercises, exercise.name), f"lrnlib.book.exercises._{exercise.chapter}"
    foreseen = import_module(chapter).FUNCTIONS[exercise.name].mistakes
    for name, function in [*WRONG[exercise.name].items(), *foreseen.items()]:
        assert (name, check(function).message) == (name, exercise.messages[name])
    if exercise.name in NEARLY:
        assert check(NEARLY[exercise.name]).message == exercise.nearly_message


def unfinished(*args): ...


@each
def test_any_other_function_is_shown_where_it_differs(exercise):
    """By its first wrong result; a body of dots, which returns None, is not a mistake."""
    check = getattr(exercises, exercise.name)
    assert check(unfinished).message == "No answer yet: unfinished returns nothing."
    message = check(lambda *args: np.float64(77)).message
    assert message.startswith("Not right: <lambda>(")
    assert message.endswith(" is expected.")
