"""Checks of arguments and the messages of their errors, in one sentence each."""

import math
from numbers import Integral, Real
from typing import Any

LONGEST = 80  # characters


def got(value: object) -> str:
    """The value as an error shows it, cut where it is long."""
    try:
        shown = repr(value)
    except ValueError:  # an integer, beyond sys.get_int_max_str_digits()
        return "got an integer of thousands of digits"
    return f"got {shown}" if len(shown) <= LONGEST else f"got {shown[:LONGEST]}…"


def got_type(value: object) -> str:
    """The value and its type."""
    return f"{got(value)} of type {type(value).__name__}"


def type_name(value: object) -> str:
    """The type of a value; of an array, with its library."""
    name = type(value).__name__
    return f"{type(value).__module__.partition('.')[0]}.{name}" if name == "ndarray" else name


def integer(name: str, value: object, low: float | None, high: float | None = None) -> int:
    """`value` as an int in its range; a bool is none."""
    allowed = f"{name} must be an integer{_range(low, high)}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {got_type(value)}")
    if outside(int(value), low, high):
        raise ValueError(f"{allowed}, {got(value)}")
    return int(value)


def real(name: str, value: object, low: float | None = None, high: float | None = None) -> float:
    """`value` as a finite float in its range; a bool is none."""
    allowed = f"{name} must be a finite int or float{_range(low, high)}"
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {got_type(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int or a Fraction beyond float64
        number = math.inf
    if not math.isfinite(number) or outside(value, low, high) or outside(number, low, high):
        raise ValueError(f"{allowed}, {got(value)}")
    return number + 0.0  # -0.0 becomes 0.0


def outside(number: Any, low: float | None, high: float | None) -> bool:
    """Whether a real number is out of its range."""
    return (low is not None and number < low) or (high is not None and number > high)


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return "" if low is None else f" >= {low}"
    return f" <= {high}" if low is None else f" from {low} to {high}"
