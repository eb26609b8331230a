"""Tells an answer from the right one, and from the wrong ones that were foreseen."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrnlib._validation import LONGEST, describe
from lrnlib.book.exercises._answers import as_numbers, is_open

UNANSWERED = "No answer yet: put yours in the place of the dots."
ROUNDED = "Nearly right: give as many digits as are asked for."
EXACT = 1e-6  # how far a number that was computed may be off
NEARLY = 0.03  # and one by hand that is told that it is nearly right


@dataclass(frozen=True)
class Verdict:
    """What became of an answer: true if it is right, and shown as its message.

    Attributes
    ----------
    right : bool
        Whether the answer is right.
    message : str
        Why it is not, in words; or that it is.
    """

    right: bool
    message: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.message


def judge(
    answer: object,
    right: object,
    mistakes: Sequence[tuple[object, str]],
    *,
    otherwise: str,
    remark: str = "",
    rtol: float = EXACT,
) -> Verdict:
    """The verdict on numbers or words.

    Parameters
    ----------
    answer : object
        The reader's: anything that `right` may be, in any kind of array or sequence.
    right : object
        A number, an array of numbers, or a word.
    mistakes : sequence of (object, str)
        The wrong answers that are foreseen, each with what it is told.
    otherwise : str
        What every other wrong answer is told.
    remark : str
        What the right one is told beyond being right.
    rtol : float
        How far a number may be off, relative to the right one; for answers worked out by hand
        the places asked for, and one that has too few of them is told so.
    """
    if is_open(answer):
        return Verdict(False, UNANSWERED)
    if _agree(answer, right, rtol):
        return Verdict(True, f"Right. {remark}".strip())
    for wrong, message in mistakes:
        if _agree(answer, wrong, rtol):
            return Verdict(False, message)
    if kind := _missed_kind(answer, right):
        return Verdict(False, f"The answer must be {kind}, {describe(answer)}.")
    if rtol > EXACT and _agree(answer, right, NEARLY):
        return Verdict(False, ROUNDED)
    return Verdict(False, otherwise)


def judge_function(
    function: object,
    right: Callable[..., Any],
    mistakes: Sequence[tuple[Callable[..., Any], str]],
    cases: Sequence[tuple[Any, ...]],
    *,
    remark: str = "",
    nearly: str = "",
    rtol: float = EXACT,
) -> Verdict:
    """The verdict on a function, by what it returns for the cases.

    Parameters
    ----------
    function : object
        The reader's.
    right : callable
        What it should return.
    mistakes : sequence of (callable, str)
        Functions with one mistake each, and what one that returns the same, or raises the same
        kind of error, is told.
    cases : sequence of tuple
        The arguments of each call.
    remark : str
        What the right one is told beyond being right.
    nearly : str
        What one is told whose numbers are right to one part in a hundred, and not to `rtol`.
    rtol : float
        How far a number may be off, relative to the largest one expected.
    """
    if is_open(function):
        return Verdict(False, UNANSWERED)
    if not callable(function):
        return Verdict(False, f"The answer must be a function, {describe(function)}.")
    results = []
    for case in cases:
        given = deepcopy(case)
        result = _outcome(function, given)
        if not _agree(given, case, 0):
            return Verdict(False, f"{_call(function, case)} changes its arguments: work on a copy.")
        results.append(None if isinstance(result, NotImplementedError) else result)
    if all(map(is_open, results)):
        return Verdict(False, f"No answer yet: {_name(function)} returns nothing.")
    for case, result in zip(cases, results, strict=True):
        if is_open(result):
            call = _call(function, case)
            return Verdict(
                False, f"Not complete: {call} leaves something open, {describe(result)}."
            )
    expected = [right(*deepcopy(case)) for case in cases]
    if _all_close(results, expected, rtol):
        return Verdict(True, f"Right. {remark}".strip())
    for wrong, message in mistakes:
        if _all_close(results, [_outcome(wrong, deepcopy(case)) for case in cases], rtol):
            return Verdict(False, message)
    if nearly and _all_close(results, expected, 1e-2):
        return Verdict(False, nearly)
    return Verdict(False, _difference(function, cases, results, expected, rtol))


def _outcome(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    """What a call returns, or the error that it raises."""
    try:
        with np.errstate(all="ignore"):  # an overflow is judged by what it leads to
            return function(*case)
    except Exception as error:  # whatever it is, it is the reader's to see
        return error


def _missed_kind(answer: Any, right: Any) -> str:
    """What kind the answer must be of and is not, in words; nothing if it is."""
    if isinstance(right, str):
        return "" if isinstance(answer, str) else "a word"
    b = as_numbers(right)
    if b is None:  # words, or words and numbers
        whole = isinstance(answer, list | tuple) and len(answer) == len(right)
        return "" if whole else f"a list of {len(right)}"
    a = as_numbers(answer)
    if a is not None and a.ndim == b.ndim:
        return ""
    return ("a number", "a list of numbers")[b.ndim] if b.ndim < 2 else f"of shape {b.shape}"


def _agree(answer: object, right: object, rtol: float) -> bool:
    """Whether two answers are the same: words but for case, numbers within `rtol` of each."""
    if isinstance(right, str) or isinstance(answer, str):
        words = (str(each).strip().casefold() for each in (answer, right))
        return isinstance(answer, str) and isinstance(right, str) and len(set(words)) == 1
    if isinstance(right, list | tuple) and isinstance(answer, list | tuple):
        return len(answer) == len(right) and all(
            _agree(a, b, rtol) for a, b in zip(answer, right, strict=True)
        )
    a, b = as_numbers(answer), as_numbers(right)
    if a is None or b is None:
        return a is None and b is None and bool(answer == right)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=0, equal_nan=True))


def _all_close(results: Sequence[Any], expected: Sequence[Any], rtol: float) -> bool:
    return all(_close(a, b, rtol) for a, b in zip(results, expected, strict=True))


def _close(result: object, right: object, rtol: float) -> bool:
    """Whether a result is the expected one, within `rtol` of its largest number."""
    if isinstance(right, Exception) or isinstance(result, Exception):
        return type(result) is type(right)
    a, b = as_numbers(result), as_numbers(right)
    if a is None or b is None or a.shape != b.shape:
        return a is None and b is None and _agree(result, right, rtol)
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
    a, b = as_numbers(result), as_numbers(right)
    if a is None or b is None:
        wanted = "numbers" if b is not None else right
        return f"Not right: {call} must return {wanted}, {describe(result)}."
    if a.shape != b.shape:
        return f"Not right: {call} returns shape {a.shape}, and {b.shape} is expected."
    with np.errstate(invalid="ignore"):
        off = np.where(np.isclose(a, b, rtol=rtol, atol=0, equal_nan=True), -1.0, abs(a - b))
    at = tuple(map(int, np.unravel_index(np.nan_to_num(off, nan=np.inf).argmax(), off.shape)))
    where = f" at {list(at)}" if at else ""
    shown, wanted = _apart(a[at], b[at])
    return f"Not right: {call} returns {shown}{where}, and {wanted} is expected."


def _apart(a: float, b: float) -> tuple[str, str]:
    """Both with as many digits as it takes to tell them apart."""
    pairs = [(f"{a:.{digits}g}", f"{b:.{digits}g}") for digits in (6, 9, 17)]
    return next((pair for pair in pairs if len(set(pair)) > 1), pairs[-1])


def _name(function: object) -> str:
    return getattr(function, "__name__", "the function")


def _call(function: object, case: tuple[Any, ...]) -> str:
    """The call as an error shows it: an array as it is if it is short."""
    shown = []
    for each in case:
        text = repr(np.asarray(each).tolist() if np.ndim(each) else each)
        long = np.ndim(each) and len(text) > LONGEST
        shown.append(f"array of shape {np.shape(each)}" if long else text)
    return f"{_name(function)}({', '.join(shown)})"
