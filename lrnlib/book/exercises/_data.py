"""Reads the exercises from the TOML files beside this module, one for each chapter.

A table is an exercise. Its keys are

`question`, `accepts`
    The summary of the function's docstring, and what its argument is.
`kind`
    The kind of answer, one of those in `_answers.KINDS`.
`answer`, `rtol`
    The right answer, and how far each number may be off, relative to the right one. Channels
    are written as "0, 3-6". A number may be written as an expression of numbers, `+ - * / **`,
    `sqrt`, and `answer`, the right number, in a list the one at the same place. A number of a
    list may also be a table of limits: `whole`, `minimum`, `maximum`.
`success_note`, `default_message`
    What the right answer is told after "Right.", and what a wrong one is told that is not in
`mistakes`
    the foreseen wrong answers, each with its `message`; `answers` is a list of them.
`parts`
    Tables like the exercise itself, for an answer of several parts that are graded in turn;
    with the key `argument` each is an argument of the function.

For an answer that is a function, the chapter's module here has the functions that it is compared
with, `mistakes` has the message of each by its name, and `nearly_message` is for numbers that are
right to one part in a hundred.
"""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

EXACT = 1e-6  # the relative error that a computed number may have
EXPRESSION = re.compile(r"(?:answer|sqrt|\d+(?:\.\d*)?(?:e-?\d+)?|[-+*/() ])+")


@dataclass(frozen=True)
class Part:
    """One answer that is graded on its own.

    `answer` and those in `mistakes` are a number, a list of numbers and limits, or a word.
    """

    kind: str
    answer: Any
    mistakes: list[tuple[Any, str]]
    default_message: str
    rtol: float = EXACT


@dataclass(frozen=True)
class Exercise:
    """An exercise, and `arguments`: the name, the kind and the description of each."""

    name: str
    chapter: str
    question: str
    success_note: str
    arguments: list[tuple[str, str, str]]
    parts: list[Part] = field(default_factory=list)
    default_message: str = ""  # for an answer with more or fewer parts
    messages: Mapping[str, str] = field(default_factory=dict)  # the others: of functions
    nearly_message: str = ""
    rtol: float = EXACT


def load() -> Iterator[Exercise]:
    """Every exercise of every chapter."""
    for file in resources.files("lrnlib.book.exercises").iterdir():
        if file.name.endswith(".toml"):
            chapter = file.name.removesuffix(".toml")
            for name, table in tomllib.loads(file.read_text("utf-8")).items():
                yield _exercise(name, chapter, table)


def _exercise(name: str, chapter: str, table: dict[str, Any]) -> Exercise:
    question, note, kind = table["question"], table["success_note"], table.get("kind")
    if kind == "function":
        arguments = [("function", kind, table["accepts"])]
        options = {key: table[key] for key in ("nearly_message", "rtol") if key in table}
        return Exercise(
            name, chapter, question, note, arguments, messages=table["mistakes"], **options
        )
    parts = table.get("parts", [table])
    asked = [{"argument": "answer"} | table] if kind else parts
    arguments = [(each["argument"], each["kind"], each["accepts"]) for each in asked]
    default = table.get("default_message", "")
    return Exercise(name, chapter, question, note, arguments, [*map(_part, parts)], default)


def _part(table: dict[str, Any]) -> Part:
    kind, default = table["kind"], table["default_message"]
    right = _expected(kind, table["answer"])
    mistakes = [
        (_expected(kind, answer, right), mistake["message"])
        for mistake in table["mistakes"]
        for answer in mistake.get("answers", [mistake.get("answer")])
    ]
    return Part(kind, right, mistakes, default, table.get("rtol", EXACT))


def _expected(kind: str, answer: Any, right: Any = math.nan) -> Any:
    """An answer of the data with its numbers computed."""
    if kind == "channels":
        ends = [list(map(int, each.split("-"))) for each in answer.split(",") if answer]
        return [channel for end in ends for channel in range(end[0], end[-1] + 1)]
    if kind == "number":
        return evaluate(answer, right)
    if kind in ("numbers", "parameters"):
        rights = right if isinstance(right, list) else [right] * len(answer)
        return [
            each if isinstance(each, dict) else evaluate(each, of)
            for each, of in zip(answer, rights, strict=True)
        ]
    return answer


def evaluate(expression: object, answer: float = math.nan) -> float:
    """The value of a number or an arithmetic expression; `answer` may stand in it."""
    if isinstance(expression, int | float):
        return expression
    if not EXPRESSION.fullmatch(str(expression)):
        raise ValueError(f"not an expression of numbers: {expression!r}")
    value: float = eval(str(expression), {"sqrt": math.sqrt, "answer": answer})
    return value
