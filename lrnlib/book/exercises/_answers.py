"""The forms in which an answer may come."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters


def is_open(answer: object) -> bool:
    """Whether there is none yet, or one with dots left in it."""
    if isinstance(answer, list | tuple):
        return any(map(is_open, answer))
    return answer is None or answer is ...


def as_numbers(value: object) -> npt.NDArray[Any] | None:
    """As an array of numbers; None for anything else, complex ones included."""
    try:
        array = np.asarray(value)
        return None if array.dtype.kind in "cSU" else array.astype(np.float64)
    except (OverflowError, RuntimeError, TypeError, ValueError):  # PyTorch's: the second
        return None


def channels(answer: object) -> object:
    """Channels in order, whether they come as numbers, as a set, or as a mask."""
    numbers = as_numbers(list(answer) if isinstance(answer, set | frozenset) else answer)
    if is_open(answer) or numbers is None or not numbers.ndim:
        return answer
    if np.asarray(answer).dtype.kind == "b":
        return np.flatnonzero(numbers)
    return np.sort(numbers) if numbers.ndim == 1 else answer


def four_numbers(answer: object) -> object:
    """TensorFlow's four, whether they come in a row, by their names, or as `Parameters`."""
    names = list(vars(Parameters()))
    words = vars(answer) if isinstance(answer, Parameters) else answer
    if isinstance(words, Mapping) and set(words) == set(names):
        return [words[name] for name in names]
    return answer
