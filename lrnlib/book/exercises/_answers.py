"""The kinds of answers: how each is read, whatever type a reader writes it in."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters


class Kind(NamedTuple):
    """A kind of answer.

    `read` returns None for an answer that is of another kind, or not there yet.
    """

    name: str  # completes "The answer must be"
    type: str  # for the docstring
    read: Callable[[Any], Any] = lambda answer: answer


def is_unanswered(answer: object) -> bool:
    """Whether the answer is missing, or has dots left in it."""
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return any(map(is_unanswered, answer))
    return answer is None or answer is ...


def as_numbers(value: object) -> npt.NDArray[Any] | None:
    """An array of real numbers; None for anything else."""
    try:
        array = np.asarray(value)
        if is_unanswered(value) or array.dtype.kind in "cSU":
            return None
        return array.astype(np.float64)
    except (OverflowError, RuntimeError, TypeError, ValueError):  # RuntimeError: PyTorch
        return None


def _numbers(answer: object, ndim: int = 1) -> npt.NDArray[Any] | None:
    array = as_numbers(answer)
    return array if array is not None and array.ndim == ndim else None


def _channels(answer: object) -> npt.NDArray[Any] | None:
    """Sorted channels from numbers, a set or a mask."""
    if isinstance(answer, set | frozenset):
        answer = list(answer)
    array = as_numbers(answer)
    if array is not None and array.ndim and np.asarray(answer).dtype.kind == "b":
        return np.flatnonzero(array)
    return np.sort(array) if array is not None and array.ndim == 1 else None


def _parameters(answer: object) -> npt.NDArray[Any] | None:
    """TensorFlow's four numbers from a sequence, a mapping or `Parameters`."""
    names = list(vars(Parameters()))
    arguments = vars(answer) if isinstance(answer, Parameters) else answer
    if isinstance(arguments, Mapping) and set(arguments) == set(names):
        return _numbers([arguments[name] for name in names])
    return _numbers(answer)


def _words(answer: object) -> list[Any] | None:
    answer = answer.tolist() if isinstance(answer, np.ndarray) else answer
    return list(answer) if isinstance(answer, list | tuple) else None


def _dtype(answer: object) -> str | None:
    """The name of a dtype, or "error" for an error and its name."""
    if isinstance(answer, type) and issubclass(answer, np.generic):
        return np.dtype(answer).name
    name = str(getattr(answer, "name", answer))
    if isinstance(answer, Exception) or "error" in name.casefold():
        return "error"
    return None if is_unanswered(answer) else name


def _float32_pair(answer: object) -> str | None:
    """What the float32 sum of two numbers a and b loses, and whether b - (total - a) is that."""
    array = _numbers(answer)
    if array is None or len(array) != 2:
        return None if array is None else "not two"
    with np.errstate(all="ignore"):
        a, b = array.astype(np.float32)
        total = a + b
        rest = b - (total - a)
    if not np.isfinite([a, b, total]).all():
        return "infinite"
    lost = Fraction(float(a)) + Fraction(float(b)) - Fraction(float(total))
    if lost and Fraction(float(rest)) != lost:
        return "not recovered"
    return "exact" if not lost else "larger first" if abs(a) >= abs(b) else "recovered"


KINDS = {
    "number": Kind("a number", "number", lambda answer: _numbers(answer, ndim=0)),
    "numbers": Kind("a list of numbers", "sequence of float", _numbers),
    "channels": Kind("a list of numbers", "sequence of int, or mask of bool", _channels),
    "parameters": Kind(
        "a list of numbers", "sequence of float, mapping, or Parameters", _parameters
    ),
    "float32_pair": Kind("a list of numbers", "sequence of float", _float32_pair),
    "word": Kind("a word", "str", lambda answer: answer if isinstance(answer, str) else None),
    "words": Kind("a list of {size}", "sequence of str", _words),
    "dtype": Kind("a word", "str", _dtype),
    "function": Kind("a function", "callable", lambda f: f if callable(f) else None),
}
