"""The grader of functions, for functions of any kind."""

import re
from fractions import Fraction

import numpy as np
import pytest

import lrnlib
from lrnlib.book.exercises._data import Exercise
from lrnlib.book.exercises._function_grading import Functions, grade_function
from tests.book.exercises.array_likes import Tensor

X = np.array([[3.0, -1, 4], [1, -5, 9]])
CASES = [(X, 2), (X[0], 0.5)]


SCALE = Functions(
    lambda x, by: x * by,
    {"not_scaled": lambda x, by: x, "cut": lambda x, by: x * by * (int(by) // int(by))},
    CASES,
)


def graded(function, functions=SCALE, rtol=1e-6, nearly=""):
    messages = {"not_scaled": "Nothing is scaled.", "cut": "An integer is made of it."}
    exercise = Exercise(
        "", "", "", "So it is.", [], messages=messages, nearly_message=nearly, rtol=rtol
    )
    return grade_function(function, exercise, functions)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, by: x * by,
        np.multiply,
        lambda x, by: (x * by).tolist(),
        lambda x, by: Tensor(x * by),
        lambda x, by: (x * by).astype(np.float32),
    ],
)
def test_a_right_function_may_return_any_form(function):
    """Arrays of any type, lists, tensors."""
    verdict = graded(function)
    assert verdict.right
    assert verdict.message == "Right. So it is."


def unfinished(x, by): ...


def refuses(x, by):
    raise NotImplementedError


def no_return(x, by):
    x * by


def doubles_in_place(x, by):
    x *= by
    return x


def second(result):
    """A function that is right in the first case."""
    return lambda x, by: x * by if x.ndim == 2 else result


SECOND = r"<lambda>\(\[3.0, -1.0, 4.0\], 0.5\)"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (None, "No answer yet: put yours .*"),
        (..., "No answer yet: put yours .*"),
        ([6], r"The answer must be a function, got \[6\]\."),
        (unfinished, r"No answer yet: unfinished returns nothing\."),
        (refuses, r"No answer yet: refuses returns nothing\."),
        (no_return, r"No answer yet: no_return returns nothing\."),
        (lambda x, by: ..., r"No answer yet: <lambda> returns nothing\."),
        (second(None), rf"Not complete: {SECOND} leaves something open, got None\."),
        (
            second([None, 1, 2]),
            rf"Not complete: {SECOND} leaves something open, got \[None, 1, 2\]\.",
        ),
        (lambda x, by: x.copy(), "Nothing is scaled."),
        (doubles_in_place, r"doubles_in_place\(.*\) changes its arguments: work on a copy\."),
        (
            lambda x, by: x[:1] * by,
            r"Not right: .* returns shape \(1, 3\), and \(2, 3\) is expected\.",
        ),
        (lambda x, by: {}[by], r"<lambda>\(.*, 2\) raised KeyError: 2"),
        (lambda x, by: x * np.nan, r"Not right: .* returns nan at \[0, 0\], and 6 is expected\."),
        (
            lambda x, by: np.where(x == 4, np.inf, x * by),
            r"Not right: .* returns inf at \[0, 2\], and 8 is expected\.",
        ),
        (lambda x, by: "6", r"Not right: .* must return numbers, got '6'\."),
        (lambda x, by: (x + 0j) ** by, r"Not right: .* must return numbers, got array.*"),
        (
            second(X[0] * 0.5 + [0, 0.5, 0.25]),
            rf"Not right: {SECOND} returns 0 at \[1\], and -0.5 is expected\.",
        ),
        # A mistake that raises: the same error matches it, another does not.
        (lambda x, by: x * (by if by > 1 else 1 // 0), "An integer is made of it."),
        (
            lambda x, by: x * (by if by > 1 else int("")),
            rf"{SECOND} raised ValueError: invalid literal.*",
        ),
    ],
)
def test_a_wrong_function_gets_the_reason(function, message):
    """A foreseen mistake has its message, any other one shows the first case that fails."""
    verdict = graded(function)
    assert not verdict
    assert re.fullmatch(message, verdict.message, re.S)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda n: n / 7, "Right."),
        (lambda n: Fraction(n, 7), "Right."),
        (lambda n: n / 9, "Not right: <lambda>(3) returns 0.333333, and 0.428571 is expected."),
        (
            lambda n: n / 7 - 6e-7,
            "Not right: <lambda>(3) returns 0.428570829, and 0.428571429 is expected.",
        ),
        (lambda n: 10**400, "Not right: <lambda>(3) must return numbers, got 1000"),
    ],
)
def test_a_function_may_return_numbers(function, message):
    """A single number is shown without an index."""
    verdict = graded(function, Functions(lambda n: n / 7, {}, [(3,), (4,)]))
    assert verdict.message.startswith(message)


@pytest.mark.parametrize(("off", "message"), [(1e-9, "Right."), (1e-4, "So near."), (0.1, "Not")])
def test_a_nearly_right_function_may_have_a_message(off, message):
    """Where the exercise is about the last digits."""
    same = Functions(lambda n: n, {}, [(3,)])
    verdict = graded(lambda n: n + off, same, rtol=1e-8, nearly="So near.")
    assert verdict.message.startswith(message)


def test_only_short_arrays_are_shown():
    """A long array is shown as its shape, and a callable without a name as "the function"."""
    add = type("", (), {"__call__": lambda self, x: x + 1})()
    verdict = graded(add, Functions(lambda x: x, {}, [(np.zeros((4, 5)),)]))
    assert verdict.message.startswith("Not right: the function(array of shape (4, 5)) returns 1 at")


def test_arguments_other_than_numbers_are_compared_too():
    """Words, `Parameters` and None are not mistaken for changed arguments."""
    cases = [("same", lrnlib.Parameters(), None)]
    assert graded(lambda *arguments: 1, Functions(lambda *arguments: 1, {}, cases))


def test_an_overflow_does_not_warn():
    """The reader sees its result instead."""
    huge = [(np.array([1e30], np.float32),)]
    verdict = graded(lambda x: x * x, Functions(lambda x: x.astype(float) ** 2, {}, huge))
    assert "returns inf at [0], and 1e+60 is expected" in verdict.message


def test_an_interrupt_is_not_a_wrong_answer():
    """A reader can stop an endless loop."""

    def endless(x, by):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graded(endless)
