"""Convert a framework's arguments to lrnlib's parameters and back, by the table `conventions`."""

import math
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from types import MethodType
from typing import Any, TypeVar, cast

import numpy as np

from lrnlib._over_space import check_across_channels
from lrnlib._validation import check_integer, check_real, describe, out_of_range
from lrnlib.conventions import CONVENTIONS, Convention, find

Arguments = dict[str, Any]  # by name: an int for a window, a pair for a reach, else a float
Made = TypeVar("Made")
LARGEST = float(np.finfo(np.float32).max)


def convention_of(framework: object) -> Convention:
    """Return the row of the table for a framework, or raise."""
    key = find(framework) if isinstance(framework, str) else None
    if key is None:
        names = ", ".join(map(repr, CONVENTIONS))
        raise ValueError(f"framework must be one of {names}, {describe(framework)}")
    return CONVENTIONS[key]


def from_arguments(framework: object, arguments: Mapping[str, object]) -> Arguments:
    """Return lrnlib's parameters for a framework's arguments."""
    c = convention_of(framework)
    for name in arguments:
        if name not in c.arguments:
            raise TypeError(f"{_usage(c)}; {name!r} is not among them")
    values = {a.maps_to: _value(c, name, arguments) for name, a in c.arguments.items()}
    values |= c.fixed
    if c.half_width:
        values["size"] = 2 * values["depth_radius"] + 1
    else:
        values["depth_radius"] = _reach(c, values["size"], values["alpha"])
    check_across_channels(c, values)
    if c.alpha_divided:
        _divide_alpha(c, values)
    return {name: values[name] for name in ("depth_radius", "bias", "alpha", "beta")}


def to_arguments(framework: object, parameters: Arguments, channels: object = None) -> Arguments:
    """Return a framework's arguments, in its order, for lrnlib's parameters."""
    c = convention_of(framework)
    radius = parameters["depth_radius"]
    before, after = radius if isinstance(radius, tuple) else (radius, radius)
    if channels is not None:  # what lies beyond them is no part of a window
        count = check_integer("channels", channels, 1)
        before, after = min(before, count - 1), min(after, count - 1)
        _check_fits(c, before, after, count)
    window = _window(c, before, after)
    values = parameters | {"depth_radius": window, "size": before + after + 1}
    for name, value in c.fixed.items():
        if values[name] != value:
            raise ValueError(
                f"{c.title} has no {name} but {value}, {describe(values[name])}; for the same "
                "result divide alpha by bias and multiply the output by bias ** -beta"
            )
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
    if argument.choices:
        return _choice(c, name, value)
    if argument.maps_to == "axes":
        axes = value if isinstance(value, Sequence) and value else (value,)
        return tuple(check_integer(f"{c.title}'s {name}", axis, 0) for axis in axes)
    return _check_range(c, name, value)


def _choice(c: Convention, name: str, value: object) -> str:
    """Return a choice by its name, or by its number in the enumeration."""
    choices = c.arguments[name].choices
    for number, choice in enumerate(choices):
        if type(value) in (str, int) and value in (choice, number, str(number)):
            return choice
    names = " or ".join(map(repr, choices))
    raise ValueError(f"{c.title}'s {name} must be {names}, {describe(value)}")


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


def _reach(c: Convention, size: int, alpha: float) -> tuple[int, int]:
    """Return how far a window of that size reaches; raise if the framework has none."""
    extent = c.window_extent(size)
    if extent:
        return extent
    window = c.arguments[c.window]
    near = [n for n in (size - 1, size + 1) if not out_of_range(n, window.low, window.high)]
    if c.alpha_divided:
        name = c.argument("alpha")
        alphas = [f"{c.window}={_shown(n)} with {name}={alpha / size * n:.6g}" for n in near]
        nearest = f"{' or '.join(alphas)}, so that about the same number multiplies the sum"
    else:
        nearest = " or ".join(f"{c.window}={_shown(n)}" for n in near)
    raise ValueError(
        f"{c.title}'s {c.window} must be odd, {describe(size)}: {_why_not(c, size)}; the "
        f"nearest is {nearest}"
    )


def _why_not(c: Convention, size: int) -> str:
    """Say what a window of that size is in a framework."""
    if c.half_width:
        return "it reaches as far on either side"
    half = size // 2
    if not c.window_extent(size):
        return str(c.even_window).format(half=_shown(half), less=_shown(half - 1))
    before, after = map(_shown, c.window_extent(size) or ())
    return f"a window of that many channels sums c-{before} to c+{after}"


def _shown(number: int) -> str:
    """Return a number as messages show it, cut where it is long."""
    return describe(number).removeprefix("got ")


def _divide_alpha(c: Convention, values: Arguments) -> None:
    alpha, size = values["alpha"], values["size"]
    values["alpha"] = alpha / size
    if alpha and not values["alpha"]:
        name = f"{c.title}'s {c.argument('alpha')}"
        raise ValueError(f"{name} must not vanish when divided by {size}, {describe(alpha)}")


def _window(c: Convention, before: int, after: int) -> int:
    """Return the framework's argument for a window that reaches so far; raise if it has none."""
    if before == after and c.half_width:
        _check_accepted(c, c.window, before)
        return before
    size = before + after + 1
    if not c.half_width:
        _check_accepted(c, c.window, size)
        if c.window_extent(size) == (before, after):
            return size
    window, middle = c.arguments[c.window], (before + after) // 2
    radii = [middle, middle + 1] if (before + after) % 2 else [middle]
    sizes = [(r, r if c.half_width else 2 * r + 1) for r in radii]
    near = [
        f"depth_radius={_shown(r)}"
        for r, n in sizes
        if not out_of_range(n, window.low, window.high)
    ]
    if not c.half_width and c.window_extent(size) == (after, before):
        near.append(f"depth_radius=({_shown(after)}, {_shown(before)})")
    nearest = f"; the nearest is {' or '.join(near)}" if near else ""
    raise ValueError(
        f"depth_radius must be a window that {c.title}'s {c.window} can give, "
        f"{describe((before, after))}: {_why_not(c, size)}{nearest}"
    )


def _check_fits(c: Convention, before: int, after: int, channels: int) -> None:
    """Raise if the framework would cut the window to as many channels as there are."""
    if c.fits_channels and before + after >= channels:
        raise ValueError(
            f"depth_radius must be a window of at most {channels} channels for {c.title}, "
            f"{describe((before, after))}: a longer one is cut to as many, in the middle; "
            f"the nearest is depth_radius={(channels - 1) // 2}"
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
        if argument.maps_to == "size" and nearest is not None:
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

    def method(self: Any, *, channels: int | None = None) -> Arguments:
        return cast(Arguments, self.to_framework(framework, channels=channels))

    doc = f"Return the arguments of {c.function} for these parameters."
    _set_name(method, owner, f"to_{framework}", doc)
    return method if instance is None else MethodType(method, instance)


def _set_name(method: Any, owner: type, name: str, doc: str) -> None:
    method.__name__, method.__doc__ = name, doc
    method.__qualname__, method.__module__ = f"{owner.__qualname__}.{name}", owner.__module__
