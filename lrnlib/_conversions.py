"""From a framework's words to the four numbers, and back, by the table of `conventions`."""

import math
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from types import MethodType
from typing import Any, TypeVar, cast

import numpy as np

from lrnlib._validation import got, integer, outside, real
from lrnlib.conventions import CONVENTIONS, Convention

Numbers = dict[str, Any]  # int for a window, float for all else
Made = TypeVar("Made")
LARGEST = float(np.finfo(np.float32).max)


def convention_of(framework: object) -> Convention:
    """The row of the table of that name."""
    if not isinstance(framework, str) or framework not in CONVENTIONS:
        names = ", ".join(map(repr, CONVENTIONS))
        raise ValueError(f"framework must be one of {names}, {got(framework)}")
    return CONVENTIONS[framework]


def read(framework: object, words: Mapping[str, object]) -> Numbers:
    """The four numbers, by lrnlib's names, that these words mean."""
    c = convention_of(framework)
    for name in words:
        if name not in c.words:
            raise TypeError(f"{_takes(c)}; {name!r} is not among them")
    numbers = {word.means: _checked(c, name, words) for name, word in c.words.items()}
    numbers.pop("region", None)
    if not c.half_width:
        size, alpha = numbers.pop("size"), numbers["alpha"]
        numbers["depth_radius"] = _radius(c, size, alpha)
        if c.divided:
            numbers["alpha"] = alpha / size
        if alpha and not numbers["alpha"]:
            name = f"{c.title}'s {c.word('alpha')}"
            raise ValueError(f"{name} must not vanish when divided by {size}, {got(alpha)}")
    return numbers


def write(framework: object, numbers: Numbers) -> Numbers:
    """The framework's words, in its order, for these four numbers by lrnlib's names."""
    c = convention_of(framework)
    meant = dict(numbers)
    if not c.half_width:
        meant["size"] = 2 * numbers["depth_radius"] + 1
        _must_fit(c, c.window, meant["size"])
    if c.divided:
        meant["alpha"] *= meant["size"]
        if not math.isfinite(meant["alpha"]):
            raise ValueError(
                f"{c.title}'s {c.word('alpha')} is alpha times the size of the window, "
                f"{numbers['alpha']} times {meant['size']}, which is beyond float64"
            )
    for name, word in c.words.items():
        if word.means in meant:
            _must_fit(c, name, meant[word.means])
    return {name: meant[word.means] for name, word in c.words.items() if word.means in meant}


def _takes(c: Convention) -> str:
    return f"{c.title}'s {c.call} takes {c.signature}"


def _checked(c: Convention, name: str, words: Mapping[str, object]) -> Any:
    """The value of a word, or its default, in its range."""
    word = c.words[name]
    if name not in words and word.default is None:
        raise TypeError(f"{_takes(c)}; {name} is missing")
    value = words.get(name, word.default)
    if word.means == "region":
        return _region(c, name, value)
    return _in_range(c, name, value)


def _region(c: Convention, name: str, value: object) -> str:
    """Across channels, by its name or by the 0 of its enumeration."""
    default = str(c.words[name].default)
    if type(value) in (str, int) and value in (default, 0):
        return default
    raise ValueError(
        f"{c.title}'s {name} must be {default!r}, {got(value)}; nothing else sums over channels"
    )


def _in_range(c: Convention, name: str, value: object) -> int | float:
    """A number in its range, and one that the framework's type of number holds."""
    word, title = c.words[name], f"{c.title}'s {name}"
    if word.means in ("depth_radius", "size"):
        return integer(title, value, word.low, word.high)
    number = real(title, value, word.low, word.high)
    if c.single and (abs(number) > LARGEST or (number and not np.float32(number))):
        nearest = math.copysign(LARGEST, number) if abs(number) > 1 else 0.0
        raise ValueError(
            f"{title} must be a number that a float32 holds, {got(value)}; "
            f"the nearest is {nearest:.9g}"
        )
    return number


def _radius(c: Convention, size: int, alpha: float) -> int:
    """The half-width of a window of that size, if it reaches as far on either side."""
    reach = c.reach(size)
    if reach and reach[0] == reach[1]:
        return reach[0]
    why = f"it sums channels c-{reach[0]} to c+{reach[1]}" if reach else str(c.even)
    word = c.words[c.window]
    near = [n for n in (size - 1, size + 1) if not outside(n, word.low, word.high)]
    if c.divided:
        alphas = [f"{c.window}={n} with {c.word('alpha')}={alpha / size * n:.6g}" for n in near]
        nearest = f"{' or '.join(alphas)}, so that about the same number multiplies the sum"
    else:
        nearest = " or ".join(f"{c.window}={n}" for n in near)
    raise ValueError(
        f"{c.title}'s {c.window} must be odd to be a depth_radius, which reaches as far on "
        f"either side, got {size}: {why}; the nearest is {nearest}"
    )


def _must_fit(c: Convention, name: str, value: float) -> None:
    """Raise what the framework cannot take as an error that says what comes nearest."""
    word = c.words[name]
    try:
        _in_range(c, name, value)
    except ValueError as error:
        if not outside(value, word.low, word.high):
            raise
        above = word.high is not None and value > word.high
        nearest = word.high if above else word.low
        if word.means == "size" and nearest is not None:  # value is odd: 2 * depth_radius + 1
            radius = (int(nearest) - 1) // 2 if above else int(nearest) // 2
            raise ValueError(f"{error}; the nearest is depth_radius={radius}") from None
        raise ValueError(f"{error}; the nearest is {nearest}") from None


def reader(framework: str, owner: type[Made]) -> Callable[..., Made]:
    """`from_pytorch` and its like of a class: `from_framework` with that framework's words."""
    c, maker = CONVENTIONS[framework], cast(Any, owner)

    def method(*unnamed: object, **words: object) -> Made:
        if unnamed:
            raise TypeError(f"{_takes(c)}, each by its name; {got(unnamed[0])} without one")
        return cast(Made, maker.from_framework(framework, **words))

    method.__signature__ = _signature(c)  # type: ignore[attr-defined]
    _named(method, owner, f"from_{framework}", f"Return what the words of {c.call} mean.")
    return method


def writer(framework: str, owner: type, instance: object) -> Callable[..., Numbers]:
    """`to_pytorch` and its like, of a class or an instance: `to_framework`."""
    c = CONVENTIONS[framework]

    def method(self: Any) -> Numbers:
        return cast(Numbers, self.to_framework(framework))

    _named(method, owner, f"to_{framework}", f"Return these numbers in the words of {c.call}.")
    return method if instance is None else MethodType(method, instance)


def _signature(c: Convention) -> Signature:
    words = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if word.default is None else word.default,
        )
        for name, word in c.words.items()
    ]
    return Signature(words)


def _named(method: Any, owner: type, name: str, doc: str) -> None:
    method.__name__, method.__doc__ = name, doc
    method.__qualname__, method.__module__ = f"{owner.__qualname__}.{name}", owner.__module__
