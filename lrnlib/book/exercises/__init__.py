"""Checks the answers to the book's exercises, and says what is wrong with them.

Each function takes an answer, a number, an array or a function, and returns a `Verdict`, whose
message names the mistake if it is a foreseen one. The exercises are data: `formula.toml` has
those of the chapter on the formula, and so on.

>>> from lrnlib.book import exercises
>>> exercises.changed_channels([5, 6, 7])
This would be n = 3. With n = 5 a window reaches two places on each side.
>>> bool(exercises.changed_channels([4, 5, 6, 7]))
True
"""

from collections.abc import Callable
from importlib import import_module
from inspect import Parameter, Signature

from lrnlib.book.exercises._answers import KINDS
from lrnlib.book.exercises._data import Exercise, load
from lrnlib.book.exercises._function_grading import grade_function
from lrnlib.book.exercises._grading import Verdict, grade


def _check(exercise: Exercise) -> Callable[..., Verdict]:
    """The public function of an exercise, with its signature and docstring."""
    signature = Signature(
        [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name, *_ in exercise.arguments]
    )

    def check(*args: object, **kwargs: object) -> Verdict:
        answers = signature.bind(*args, **kwargs).args
        if exercise.parts:
            return grade(exercise, *answers)
        functions = import_module(f"{__name__}._{exercise.chapter}").FUNCTIONS
        return grade_function(answers[0], exercise, functions[exercise.name])

    described = "".join(
        f"{name} : {KINDS[kind].type}\n    {text}\n" for name, kind, text in exercise.arguments
    )
    check.__doc__ = f"{exercise.question}\n\nParameters\n----------\n{described}"
    check.__name__ = check.__qualname__ = exercise.name
    check.__module__ = __name__
    check.__signature__ = signature  # type: ignore[attr-defined]
    return check


EXERCISES = {exercise.name: exercise for exercise in load()}
globals().update({name: _check(exercise) for name, exercise in EXERCISES.items()})
__all__ = ["Verdict", *sorted(EXERCISES)]
