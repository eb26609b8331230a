"""Answers as readers give them to the exercises, and what the check says to each."""

import pytest

from lrnlib.book import exercises
from lrnlib.book.exercises import EXERCISES

PARTS = [
    pytest.param(exercise, number, id=f"{exercise.name}-{number}")
    for exercise in EXERCISES.values()
    for number in range(len(exercise.parts))
]
PAIRS = {
    "not recovered": (1 + 2**-23, 2**24),
    "infinite": (1, 1e39),
    "exact": (1, 2),
    "larger first": (2**24, 1.5),
    "not two": (1, 2, 3),
}
NOT_FORESEEN = {
    "number": 12345.678,
    "channels": [1000],
    "parameters": [63, 2, 3, 4],
    "float32_pair": (1, 2**24),
    "word": "anything",
    "dtype": "int32",
}


def not_foreseen(part):
    """An answer that no message is for; as many numbers as are asked for."""
    if part.kind == "numbers":
        return [12345.678] * len(part.answer)
    return NOT_FORESEEN[part.kind]


def written(expected, kind, factor=1.0):
    """An answer as a reader writes it, its last number multiplied by `factor`."""
    if kind == "float32_pair":
        return PAIRS[expected]
    if isinstance(expected, dict):
        low = expected.get("minimum", 0)
        high = expected.get("maximum", low)
        return high if expected["whole"] else low + (0.37 * (high - low) or 0.5)
    if isinstance(expected, list):
        return [written(e, "number", factor if e is expected[-1] else 1) for e in expected]
    return expected if isinstance(expected, str) else expected * factor


def last(part):
    """The number that `written` multiplies; None if it has limits, or is no number."""
    number = part.answer[-1] if isinstance(part.answer, list) and part.answer else part.answer
    kinds = ("number", "numbers", "parameters")
    return number if part.kind in kinds and not isinstance(number, dict) else None


def arguments(exercise, number, answer):
    """What the check is called with for an answer to one part, when the other parts are right."""
    answers = [written(part.answer, part.kind) for part in exercise.parts]
    answers[number] = answer
    return answers if len(exercise.arguments) == len(answers) else [answers]


def message(exercise, number, answer):
    """The check's message for an answer to one part."""
    return getattr(exercises, exercise.name)(*arguments(exercise, number, answer)).message
