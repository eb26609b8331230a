"""Checks of arguments; each error is one sentence with the name, the value and the range."""

import math
from numbers import Integral, Real
from typing import Any

LONGEST = 80  # characters of a value in a message


def describe(value: object) -> str:
    """Return "got VALUE" for an error message, shortened where the value is long."""
    try:
        shown = repr(value)
    except ValueError:  # an integer with more than sys.get_int_max_str_digits() digits
        return "got an integer of thousands of digits"
    return f"got {shown}" if len(shown) <= LONGEST else f"got {shown[:LONGEST]}…"


def describe_with_type(value: object) -> str:
    """Return "got VALUE of type TYPE"."""
    return f"{describe(value)} of type {type(value).__name__}"


def type_name(value: object) -> str:
    """Return the type's name; for an array with its library, as numpy.ndarray."""
    name = type(value).__name__
    return f"{type(value).__module__.partition('.')[0]}.{name}" if name == "ndarray" else name


def check_integer(name: str, value: object, low: float | None, high: float | None = None) -> int:
    """Return `value` as an int within its range; a bool is a TypeError."""
    allowed = f"{name} must be an integer{_range(low, high)}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {describe_with_type(value)}")
    if out_of_range(int(value), low, high):
        raise ValueError(f"{allowed}, {describe(value)}")
    return int(value)


def check_reach(name: str, value: object) -> int | tuple[int, int]:
    """Return an integer >= 0, or a pair of different ones, as ints; else raise."""
    allowed = f"{name} must be an integer >= 0 or a pair (before, after) of them"
    sides = value if isinstance(value, tuple | list) else (value, value)
    if len(sides) != 2:
        raise ValueError(f"{allowed}, {describe(value)}")
    if not all(isinstance(side, Integral) and not isinstance(side, bool) for side in sides):
        raise TypeError(f"{allowed}, {describe_with_type(value)}")
    before, after = (int(side) for side in sides)
    if min(before, after) < 0:
        raise ValueError(f"{allowed}, {describe(value)}")
    return before if before == after else (before, after)


def check_real(
    name: str, value: object, low: float | None = None, high: float | None = None
) -> float:
    """Return `value` as a finite float within its range; a bool is a TypeError."""
    allowed = f"{name} must be a finite int or float{_range(low, high)}"
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {describe_with_type(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int or a Fraction too large for float64
        number = math.inf
    if not math.isfinite(number) or any(out_of_range(n, low, high) for n in (value, number)):
        raise ValueError(f"{allowed}, {describe(value)}")
    return number + 0.0  # -0.0 becomes 0.0


def out_of_range(number: Any, low: float | None, high: float | None) -> bool:
    """Tell whether a real number is below `low` or above `high`; None is no limit."""
    return (low is not None and number < low) or (high is not None and number > high)


def _range(low: float | None, high: float | None) -> str:
    if high is None:
        return "" if low is None else f" >= {low}"
    return f" <= {high}" if low is None else f" from {low} to {high}"
