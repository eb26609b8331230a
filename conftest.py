"""How nbval compares a chapter's stored outputs with those it has just computed."""

import math
import re

from nbval.plugin import IPyNbCell, IPyNbFile

# TensorFlow computes a general power as exp(-beta * log(s)), which in float32 is up to
# 22 ulp, 2.6e-6, from the right value and differs between processors; twice that is 5.2e-6.
RELATIVE = 1e-5
ABSOLUTE = 1e-12  # for what is 0 up to rounding

NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")


class Output(str):
    """A cell's output: equal to another if the text is the same and the numbers are close.

    Integers are compared exactly. White space beside a number is not compared: NumPy pads
    numbers to columns, and 0.1 is shorter than 0.09999999.
    """

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return NotImplemented
        mine, theirs = NUMBER.split(self), NUMBER.split(other)  # text, number, text, …
        return (
            len(mine) == len(theirs)
            and _texts(mine) == _texts(theirs)
            and all(map(_close, mine[1::2], theirs[1::2]))
        )

    def __ne__(self, other: object) -> bool:
        return not self == other


def _texts(parts: list[str]) -> list[str]:
    texts = parts[::2]
    texts[1:] = [text.lstrip() for text in texts[1:]]
    texts[:-1] = [text.rstrip() for text in texts[:-1]]
    return texts


def _close(mine: str, theirs: str) -> bool:
    if mine == theirs or (mine.lstrip("+-").isdigit() and theirs.lstrip("+-").isdigit()):
        return mine == theirs
    return math.isclose(float(mine), float(theirs), rel_tol=RELATIVE, abs_tol=ABSOLUTE)


_sanitize = IPyNbCell.sanitize


def sanitize(cell, text):
    """Wrap what nbval is about to compare; nbval has no tolerance of its own."""
    sanitized = _sanitize(cell, text)
    return Output(sanitized) if isinstance(sanitized, str) else sanitized


IPyNbCell.sanitize = sanitize


def pytest_collectstart(collector):
    """Leave stderr out: TensorFlow's logs there name the processor and the time."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("stderr",)
