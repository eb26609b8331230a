"""Compares an answer with the right one and with the foreseen mistakes."""

from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

import numpy as np

from lrnlib._validation import describe
from lrnlib.book.exercises._answers import KINDS, is_unanswered
from lrnlib.book.exercises._data import EXACT, Exercise, Part

UNANSWERED = "No answer yet: put yours in the place of the dots."
ROUNDED = "Nearly right: give as many digits as are asked for."
NEARLY = 0.03  # the relative error of a rounded answer that is told it has too few digits


@dataclass(frozen=True)
class Verdict:
    """The verdict on an answer: true if it is right, and shown as its message.

    Attributes
    ----------
    right : bool
        Whether the answer is right.
    message : str
        What is wrong with the answer, or that it is right.
    """

    right: bool
    message: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.message


def grade(exercise: Exercise, *answers: object) -> Verdict:
    """The verdict on the answers, one for each argument of the exercise."""
    if len(answers) < len(exercise.parts):
        (answer,), kind = answers, KINDS[exercise.arguments[0][1]]
        answers, size = kind.read(answer), len(exercise.parts)
        if answers is None or (len(answers) != size and not exercise.default_message):
            return _not_of_kind(answer, kind.name.format(size=size))
        if len(answers) != size:
            return Verdict(False, exercise.default_message)
    for answer, part in zip(answers, exercise.parts, strict=True):
        if message := find_mistake(answer, part):
            return Verdict(False, message)
    return Verdict(True, f"Right. {exercise.success_note}".strip())


def find_mistake(answer: object, part: Part) -> str:
    """The message for a wrong answer, empty for the right one."""
    kind = KINDS[part.kind]
    value = kind.read(answer)
    if value is None:
        return _not_of_kind(answer, kind.name).message
    if _matches(value, part.answer, part.rtol):
        return ""
    for mistake, message in part.mistakes:
        if _matches(value, mistake, part.rtol):
            return message
    if part.kind in ("numbers", "parameters") and len(value) != len(part.answer):
        return f"Give {len(part.answer)} numbers, not {len(value)}."
    if part.rtol > EXACT and _is_rounded(value, part.answer, part.rtol):
        return ROUNDED
    return part.default_message


def _not_of_kind(answer: object, kind: str) -> Verdict:
    if is_unanswered(answer):
        return Verdict(False, UNANSWERED)
    return Verdict(False, f"The answer must be {kind}, {describe(answer)}.")


def _is_rounded(value: Any, expected: Any, rtol: float) -> bool:
    """Whether each number is the right one, or that with fewer digits."""
    if isinstance(expected, list):
        pairs = zip(value, expected, strict=True)
        return all(_matches(a, b, rtol) or _is_rounded(a, b, rtol) for a, b in pairs)
    if isinstance(expected, dict) or not _matches(value, expected, NEARLY):
        return False
    digits = len(Decimal(repr(float(value))).normalize().as_tuple().digits)
    return bool(float(f"{expected:.{digits - 1}e}") == value)


def _matches(value: Any, expected: Any, rtol: float) -> bool:
    """Whether words are the same but for case, and each number is within `rtol`."""
    if isinstance(expected, str):
        return bool(value.strip().casefold() == expected.casefold())
    if isinstance(expected, list):
        pairs = zip(value, expected, strict=False)
        return len(value) == len(expected) and all(_matches(a, b, rtol) for a, b in pairs)
    if isinstance(expected, dict):
        low, high = expected.get("minimum", -inf), expected.get("maximum", inf)
        outside = value < low * (1 - rtol) or value > high * (1 + rtol)
        return bool(float(value).is_integer() is expected["whole"] and not outside)
    return bool(np.isclose(value, expected, rtol=rtol, atol=0))
