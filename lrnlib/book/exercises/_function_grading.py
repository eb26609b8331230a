"""Compares a function with the right one and with the foreseen wrong ones, by what they return."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lrnlib._validation import LONGEST, describe
from lrnlib.book.exercises._answers import as_numbers, is_unanswered
from lrnlib.book.exercises._data import Exercise
from lrnlib.book.exercises._grading import UNANSWERED, Verdict

Array = npt.NDArray[Any]


class Functions(NamedTuple):
    """What a reader's function is compared with: the arguments of each call are a case.

    A mistake is a function with one fault, by the name that its message has in the data.
    `extra_check` returns such a name, or "", for a function whose numbers are right.
    """

    right: Callable[..., Any]
    mistakes: Mapping[str, Callable[..., Any]]
    cases: Sequence[tuple[Any, ...]]
    extra_check: Callable[[Callable[..., Any]], str] = lambda function: ""


def grade_function(function: object, exercise: Exercise, functions: Functions) -> Verdict:
    """The verdict on a function, within `rtol` of the largest number that is expected.

    A mistake matches if it returns the same, or raises the same kind of error.
    """
    right, mistakes, cases, extra_check = functions
    if is_unanswered(function):
        return Verdict(False, UNANSWERED)
    if not callable(function):
        return Verdict(False, f"The answer must be a function, {describe(function)}.")
    results = []
    for case in cases:
        passed = deepcopy(case)
        result = _outcome(function, passed)
        if not all(map(_unchanged, passed, case)):
            return Verdict(False, f"{_call(function, case)} changes its arguments: work on a copy.")
        results.append(None if isinstance(result, NotImplementedError) else result)
    if all(map(is_unanswered, results)):
        return Verdict(False, f"No answer yet: {_name(function)} returns nothing.")
    for case, result in zip(cases, results, strict=True):
        if is_unanswered(result):
            left = f"{_call(function, case)} leaves something open, {describe(result)}"
            return Verdict(False, f"Not complete: {left}.")
    expected = [right(*deepcopy(case)) for case in cases]
    if _all_close(results, expected, exercise.rtol):
        if name := extra_check(function):
            return Verdict(False, exercise.messages[name])
        return Verdict(True, f"Right. {exercise.success_note}".strip())
    for name, wrong in mistakes.items():
        outcomes = [_outcome(wrong, deepcopy(case)) for case in cases]
        if _all_close(results, outcomes, exercise.rtol):
            return Verdict(False, exercise.messages[name])
    if exercise.nearly_message and _all_close(results, expected, 1e-2):
        return Verdict(False, exercise.nearly_message)
    return Verdict(False, _difference(function, cases, results, expected, exercise.rtol))


def _outcome(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    """The result of a call, or the error that it raises."""
    try:
        with np.errstate(all="ignore"):  # an overflow shows in the result
            return function(*case)
    except Exception as error:  # the reader sees any error
        return error


def _unchanged(passed: object, original: object) -> bool:
    """Whether a call left an argument as it was, NaNs included."""
    a, b = as_numbers(passed), as_numbers(original)
    if a is None or b is None:
        return bool(passed == original)
    return np.array_equal(a, b, equal_nan=True)


def _all_close(results: Sequence[Any], expected: Sequence[Any], rtol: float) -> bool:
    return all(_close(a, b, rtol) for a, b in zip(results, expected, strict=True))


def _close(result: object, right: object, rtol: float) -> bool:
    """Whether a result is the expected one, within `rtol` of its largest number."""
    if isinstance(right, Exception) or isinstance(result, Exception):
        return type(result) is type(right)
    a, b = as_numbers(result), as_numbers(right)
    if a is None or b is None or a.shape != b.shape:
        return False
    largest = np.abs(b[np.isfinite(b)]).max(initial=0)
    return bool(np.allclose(a, b, rtol=0, atol=rtol * largest, equal_nan=True))


def _difference(
    function: object, cases: Sequence[tuple[Any, ...]], results: Sequence[Any],
    expected: Sequence[Any], rtol: float,
) -> str:  # fmt: skip
    """The first case that is wrong, and where."""
    case, result, right = next(
        each for each in zip(cases, results, expected, strict=True)
        if not _close(each[1], each[2], rtol)
    )  # fmt: skip
    call = _call(function, case)
    if isinstance(result, Exception):
        return f"{call} raised {type(result).__name__}: {result}"
    a, b = as_numbers(result), np.asarray(right, np.float64)
    if a is None:
        return f"Not right: {call} must return numbers, {describe(result)}."
    if a.shape != b.shape:
        return f"Not right: {call} returns shape {a.shape}, and {b.shape} is expected."
    with np.errstate(invalid="ignore"):
        off = np.where(np.isclose(a, b, rtol=rtol, atol=0, equal_nan=True), -1.0, abs(a - b))
    at = tuple(map(int, np.unravel_index(np.nan_to_num(off, nan=np.inf).argmax(), off.shape)))
    where = f" at {list(at)}" if at else ""
    shown, wanted = _distinct(a[at], b[at])
    return f"Not right: {call} returns {shown}{where}, and {wanted} is expected."


def _distinct(a: float, b: float) -> tuple[str, str]:
    """Both with as many digits as it takes to tell them apart."""
    pairs = [(f"{a:.{digits}g}", f"{b:.{digits}g}") for digits in (6, 9, 17)]
    return next((pair for pair in pairs if len(set(pair)) > 1), pairs[-1])


def _name(function: object) -> str:
    return getattr(function, "__name__", "the function")


def _call(function: object, case: tuple[Any, ...]) -> str:
    """The call as an error shows it, with long arrays as their shapes."""
    shown = []
    for each in case:
        text = repr(np.asarray(each).tolist() if np.ndim(each) else each)
        long = np.ndim(each) and len(text) > LONGEST
        shown.append(f"array of shape {np.shape(each)}" if long else text)
    return f"{_name(function)}({', '.join(shown)})"
