"""Tells an answer from the right one, and from the wrong ones that were foreseen."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._messages import got

UNANSWERED = "No answer yet: put yours in the place of the dots."


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
    rtol: float = 1e-6,
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
        the places asked for.
    """
    if answer is None or answer is ...:
        return Verdict(False, UNANSWERED)
    if _agree(answer, right, rtol):
        return Verdict(True, f"Right. {remark}".strip())
    for wrong, message in mistakes:
        if _agree(answer, wrong, rtol):
            return Verdict(False, message)
    if not _is_of_kind(answer, right):
        numbers = "a number" if np.isscalar(right) else "numbers"
        kind = "a word" if isinstance(right, str) else numbers
        return Verdict(False, f"The answer must be {kind}, {got(answer)}.")
    return Verdict(False, otherwise)


def judge_function(
    function: object,
    right: Callable[..., Any],
    mistakes: Sequence[tuple[Callable[..., Any], str]],
    cases: Sequence[tuple[Any, ...]],
    *,
    remark: str = "",
    rtol: float = 1e-6,
) -> Verdict:
    """The verdict on a function, by what it returns for the cases.

    Parameters
    ----------
    function : object
        The reader's.
    right : callable
        What it should return.
    mistakes : sequence of (callable, str)
        Functions with one mistake each, and what one that returns the same is told.
    cases : sequence of tuple
        The arguments of each call.
    remark : str
        What the right one is told beyond being right.
    rtol : float
        How far a number may be off, relative to the largest one expected.
    """
    if not callable(function):
        return Verdict(False, f"The answer must be a function, {got(function)}.")
    results = []
    for case in cases:
        given = deepcopy(case)
        try:
            result = function(*given)
        except NotImplementedError:
            result = None
        except Exception as error:  # whatever it is, it is the reader's to see
            return Verdict(False, f"{_call(function, case)} raised {type(error).__name__}: {error}")
        if result is None or result is ...:
            return Verdict(False, UNANSWERED)
        if not _agree(given, case, 0):
            return Verdict(False, f"{_call(function, case)} changes its arguments: work on a copy.")
        results.append(result)
    if all(_close(result, right(*case), rtol) for result, case in zip(results, cases, strict=True)):
        return Verdict(True, f"Right. {remark}".strip())
    with np.errstate(all="ignore"):
        for wrong, message in mistakes:
            expected = (wrong(*deepcopy(case)) for case in cases)
            if all(map(lambda a, b: _close(a, b, rtol), results, expected)):
                return Verdict(False, message)
    return Verdict(False, _difference(function, results, right, cases, rtol))


def _numbers(value: object) -> npt.NDArray[Any] | None:
    """As an array of numbers; None if it is none."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _is_of_kind(answer: object, right: object) -> bool:
    if isinstance(right, str):
        return isinstance(answer, str)
    return not isinstance(answer, str) and _numbers(answer) is not None


def _agree(answer: object, right: object, rtol: float) -> bool:
    """Whether two answers are the same: words but for case, numbers within `rtol` of each."""
    if isinstance(right, str) or isinstance(answer, str):
        words = (str(each).strip().casefold() for each in (answer, right))
        return isinstance(answer, str) and isinstance(right, str) and len(set(words)) == 1
    if isinstance(right, tuple) and isinstance(answer, tuple):
        return len(answer) == len(right) and all(
            _agree(a, b, rtol) for a, b in zip(answer, right, strict=True)
        )
    a, b = _numbers(answer), _numbers(right)
    if a is None or b is None:
        return answer is right
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=0, equal_nan=True))


def _close(result: object, right: object, rtol: float) -> bool:
    """Whether a result is the expected one, within `rtol` of its largest number."""
    a, b = _numbers(result), _numbers(right)
    if a is None or b is None or a.shape != b.shape:
        return a is None and b is None and _agree(result, right, rtol)
    largest = np.abs(b[np.isfinite(b)]).max(initial=0)
    return bool(np.allclose(a, b, rtol=0, atol=rtol * largest, equal_nan=True))


def _difference(
    function: object, results: Sequence[object], right: Callable[..., Any],
    cases: Sequence[tuple[Any, ...]], rtol: float,
) -> str:  # fmt: skip
    """The first case that is wrong, and where."""
    for result, case in zip(results, cases, strict=True):
        expected = right(*case)
        if _close(result, expected, rtol):
            continue
        a, b = _numbers(result), _numbers(expected)
        if a is None or b is None:
            return f"Not right: {_call(function, case)} returns {result!r}."
        if a.shape != b.shape:
            return (
                f"Not right: {_call(function, case)} returns an array of shape {a.shape}, "
                f"and {b.shape} is expected."
            )
        off = np.where(np.isclose(a, b, rtol=rtol, atol=0, equal_nan=True), -1.0, abs(a - b))
        at = tuple(map(int, np.unravel_index(np.nanargmax(off), off.shape)))
        where = f" at {list(at)}" if at else ""
        return (
            f"Not right: {_call(function, case)} returns {a[at]:.6g}{where}, "
            f"and {b[at]:.6g} is expected."
        )
    raise AssertionError("every case is right")


def _call(function: object, case: tuple[Any, ...]) -> str:
    """The call as an error shows it: numbers and short arrays as they are."""
    shown = (
        f"x of shape {np.shape(each)}" if np.size(each) > 9 else
        f"{np.asarray(each).tolist()}" if np.ndim(each) else f"{each!r}"
        for each in case
    )  # fmt: skip
    return f"{getattr(function, '__name__', 'the function')}({', '.join(shown)})"
