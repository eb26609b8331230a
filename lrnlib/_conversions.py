"""Convert a framework's arguments to lrnlib's parameters and back, by the table `conventions`."""

import math
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from types import MethodType
from typing import Any, TypeVar, cast

import numpy as np

from lrnlib._validation import check_integer, check_real, describe, out_of_range
from lrnlib.conventions import CONVENTIONS, Convention

Arguments = dict[str, Any]  # by name: an int for a window, else a float
Made = TypeVar("Made")
LARGEST = float(np.finfo(np.float32).max)


def convention_of(framework: object) -> Convention:
    """Return the row of the table for a framework, or raise."""
    if not isinstance(framework, str) or framework not in CONVENTIONS:
        names = ", ".join(map(repr, CONVENTIONS))
        raise ValueError(f"framework must be one of {names}, {describe(framework)}")
    return CONVENTIONS[framework]


def from_arguments(framework: object, arguments: Mapping[str, object]) -> Arguments:
    """Return lrnlib's parameters for a framework's arguments."""
    c = convention_of(framework)
    for name in arguments:
        if name not in c.arguments:
            raise TypeError(f"{_usage(c)}; {name!r} is not among them")
    parameters = {a.maps_to: _value(c, name, arguments) for name, a in c.arguments.items()}
    parameters.pop("region", None)
    if not c.half_width:
        size, alpha = parameters.pop("size"), parameters["alpha"]
        parameters["depth_radius"] = _radius(c, size, alpha)
        if c.alpha_divided:
            parameters["alpha"] = alpha / size
        if alpha and not parameters["alpha"]:
            name = f"{c.title}'s {c.argument('alpha')}"
            raise ValueError(f"{name} must not vanish when divided by {size}, {describe(alpha)}")
    return parameters


def to_arguments(framework: object, parameters: Arguments) -> Arguments:
    """Return a framework's arguments, in its order, for lrnlib's parameters."""
    c = convention_of(framework)
    values = dict(parameters)
    if not c.half_width:
        values["size"] = 2 * parameters["depth_radius"] + 1
        _check_accepted(c, c.window, values["size"])
    if c.alpha_divided:
        values["alpha"] *= values["size"]
        if not math.isfinite(values["alpha"]):
            raise ValueError(
                f"{c.title}'s {c.argument('alpha')} is alpha times the size of the window, "
                f"{parameters['alpha']} times {values['size']}, which is beyond float64"
            )
    found = {name: values[a.maps_to] for name, a in c.arguments.items() if a.maps_to in values}
    for name, value in found.items():
        _check_accepted(c, name, value)
    return found


def _usage(c: Convention) -> str:
    return f"{c.title}'s {c.function} takes {c.signature}"


def _value(c: Convention, name: str, arguments: Mapping[str, object]) -> Any:
    """Return the value of an argument, or its default, after checking it."""
    argument = c.arguments[name]
    if name not in arguments and argument.default is None:
        raise TypeError(f"{_usage(c)}; {name} is missing")
    value = arguments.get(name, argument.default)
    if argument.maps_to == "region":
        return _region(c, name, value)
    return _check_range(c, name, value)


def _region(c: Convention, name: str, value: object) -> str:
    """Accept the region across channels by its name or by 0, its value in the enumeration."""
    default = str(c.arguments[name].default)
    if type(value) in (str, int) and value in (default, 0):
        return default
    raise ValueError(
        f"{c.title}'s {name} must be {default!r}, {describe(value)}; nothing else sums over "
        "channels"
    )


def _check_range(c: Convention, name: str, value: object) -> int | float:
    """Return a number that is in the argument's range and that its type can hold."""
    argument, title = c.arguments[name], f"{c.title}'s {name}"
    if argument.maps_to in ("depth_radius", "size"):
        return check_integer(title, value, argument.low, argument.high)
    number = check_real(title, value, argument.low, argument.high)
    if c.float32_only and (abs(number) > LARGEST or (number and not np.float32(number))):
        nearest = math.copysign(LARGEST, number) if abs(number) > 1 else 0.0
        raise ValueError(
            f"{title} must be a number that a float32 holds, {describe(value)}; "
            f"the nearest is {nearest:.9g}"
        )
    return number


def _radius(c: Convention, size: int, alpha: float) -> int:
    """Return the half-width of a window of that size; raise if its sides differ."""
    extent = c.window_extent(size)
    if extent and extent[0] == extent[1]:
        return extent[0]
    why = f"it sums channels c-{extent[0]} to c+{extent[1]}" if extent else str(c.even_window)
    window = c.arguments[c.window]
    near = [n for n in (size - 1, size + 1) if not out_of_range(n, window.low, window.high)]
    if c.alpha_divided:
        name = c.argument("alpha")
        alphas = [f"{c.window}={n} with {name}={alpha / size * n:.6g}" for n in near]
        nearest = f"{' or '.join(alphas)}, so that about the same number multiplies the sum"
    else:
        nearest = " or ".join(f"{c.window}={n}" for n in near)
    raise ValueError(
        f"{c.title}'s {c.window} must be odd to be a depth_radius, which reaches as far on "
        f"either side, got {size}: {why}; the nearest is {nearest}"
    )


def _check_accepted(c: Convention, name: str, value: float) -> None:
    """Raise if the framework does not accept the value; the message names the nearest."""
    argument = c.arguments[name]
    try:
        _check_range(c, name, value)
    except ValueError as error:
        if not out_of_range(value, argument.low, argument.high):
            raise
        above = argument.high is not None and value > argument.high
        nearest = argument.high if above else argument.low
        if argument.maps_to == "size" and nearest is not None:  # value is odd: 2 radius + 1
            radius = (int(nearest) - 1) // 2 if above else int(nearest) // 2
            raise ValueError(f"{error}; the nearest is depth_radius={radius}") from None
        raise ValueError(f"{error}; the nearest is {nearest}") from None


def make_from_method(framework: str, owner: type[Made]) -> Callable[..., Made]:
    """Return `from_<framework>` of a class, with the framework's signature."""
    c, maker = CONVENTIONS[framework], cast(Any, owner)

    def method(*unnamed: object, **arguments: object) -> Made:
        if unnamed:
            raise TypeError(f"{_usage(c)}, each by its name; {describe(unnamed[0])} without one")
        return cast(Made, maker.from_framework(framework, **arguments))

    method.__signature__ = Signature([  # type: ignore[attr-defined]
        Parameter(name, Parameter.KEYWORD_ONLY,
                  default=Parameter.empty if a.default is None else a.default)
        for name, a in c.arguments.items()
    ])  # fmt: skip
    doc = f"Return the parameters for the arguments of {c.function}."
    _set_name(method, owner, f"from_{framework}", doc)
    return method


def make_to_method(framework: str, owner: type, instance: object) -> Callable[..., Arguments]:
    """Return `to_<framework>` of a class, or bound to an instance."""
    c = CONVENTIONS[framework]

    def method(self: Any) -> Arguments:
        return cast(Arguments, self.to_framework(framework))

    doc = f"Return the arguments of {c.function} for these parameters."
    _set_name(method, owner, f"to_{framework}", doc)
    return method if instance is None else MethodType(method, instance)


def _set_name(method: Any, owner: type, name: str, doc: str) -> None:
    method.__name__, method.__doc__ = name, doc
    method.__qualname__, method.__module__ = f"{owner.__qualname__}.{name}", owner.__module__
