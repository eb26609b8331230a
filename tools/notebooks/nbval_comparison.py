"""How nbval compares a stored output with a computed one: text exactly, the rest nearly."""

import base64
import io
import math
import re

import matplotlib.image
import numpy as np
from nbval.plugin import IPyNbCell
from numpy.lib.stride_tricks import sliding_window_view

# TensorFlow computes a general power as exp(-beta * log(s)), which in float32 is up to
# 22 ulp, 2.6e-6, from the right value and differs between processors; twice that is 5.2e-6.
RELATIVE = 1e-5
ABSOLUTE = 1e-12  # where one of the two numbers is 0

# Not part of a word such as float32, nor of a version such as 2.21.0.
NUMBER = re.compile(r"(?<![\w.])([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w]|\.\w)")
INTEGER = re.compile(r"[-+]?\d+")
PNG = re.compile(r"(iVBORw0KGgo[\w+/=\n]*)")  # in base64, alone or inside HTML

# Two drawings of one figure differ in the smoothing of a few edges.
VISIBLE, SHARE = 0.1, 0.005  # of the range of a colour; of all pixels
# A missing line covers less than that share, so no place may differ much either. Measured with
# matplotlib's kinds of hinting, and with figures moved by half a pixel and blurred: at most 19
# pixels of a tile then differ from all pixels within two pixels of them. Where a line of two
# pixels is missing, in any colour of the book, 28 or more do.
FAINT = 0.08  # of the range of a colour
SMOOTH, NEAR = 3, 2  # side of the square that is averaged first; pixels to each side
TILE, DIFFERENT = 8, 21  # side of any square; how many pixels in it may differ


class Output(str):
    """Equal to another output if words and integers are the same, other numbers and pictures close.

    A run of white space counts as one space, and as none inside a bracket: NumPy pads numbers
    to columns, and 0.1 is shorter than 0.09999999.
    """

    __hash__ = None  # close is not equal: no hash can agree with it

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return NotImplemented
        stored, computed = PNG.split(self), PNG.split(other)
        return (
            len(stored) == len(computed)
            and all(map(_same_text, stored[::2], computed[::2]))
            and all(map(_same_picture, stored[1::2], computed[1::2]))
        )

    def __ne__(self, other: object) -> bool:
        return not self == other


def _same_text(stored: str, computed: str) -> bool:
    a, b = NUMBER.split(_without_padding(stored)), NUMBER.split(_without_padding(computed))
    return a[::2] == b[::2] and all(map(_same_number, a[1::2], b[1::2]))


def _without_padding(text: str) -> str:
    text = re.sub(r"(?<=\[)\s+(?=[-+.\d])|(?<=[.\d])\s+(?=\])", "", text)
    return re.sub(r"(?<=[.\d])\s+(?=[-+.\d])", " ", text)


def _same_number(stored: str, computed: str) -> bool:
    if stored == computed or INTEGER.fullmatch(stored) or INTEGER.fullmatch(computed):
        return stored == computed
    a, b = float(stored), float(computed)
    if not (math.isfinite(a) and math.isfinite(b)):
        return False
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=0 if a and b else ABSOLUTE)


def _same_picture(stored: str, computed: str) -> bool:
    """Whether two images in PNG have one size and look the same."""
    try:
        a, b = _pixels(stored), _pixels(computed)
    except (SyntaxError, ValueError):  # what matplotlib and base64 raise where there is no PNG
        return False
    if a.shape != b.shape or np.mean(np.abs(a - b).max(axis=-1) > VISIBLE) > SHARE:
        return False
    a, b = _smooth(a), _smooth(b)
    different = np.pad(_differs(a, b) | _differs(b, a), TILE)
    return sliding_window_view(different, (TILE, TILE)).sum(axis=(-2, -1)).max() <= DIFFERENT


def _pixels(png: str) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(png)), format="png")[..., :3]


def _smooth(pixels: np.ndarray) -> np.ndarray:
    """The mean of each pixel and its neighbours: a thin line may lie between two pixels."""
    for axis in (0, 1):
        pixels = sliding_window_view(pixels, SMOOTH, axis).mean(axis=-1)
    return pixels


def _differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Which pixels of `a` are outside the range of those near the same place in `b`."""
    low = high = np.pad(b, ((NEAR, NEAR), (NEAR, NEAR), (0, 0)), mode="edge")
    for axis in (0, 1):
        low = sliding_window_view(low, 2 * NEAR + 1, axis).min(axis=-1)
        high = sliding_window_view(high, 2 * NEAR + 1, axis).max(axis=-1)
    return (np.maximum(low - a, a - high) > FAINT).any(axis=-1)


def _formats(outputs: list) -> list:
    """The stream or the formats of each output, in order: nbval compares each format alone."""
    formats = [output.get("name") or sorted(output.get("data", [])) for output in outputs]
    return [each for each in formats if each != "stderr"]


_sanitize, _compare_outputs = IPyNbCell.sanitize, IPyNbCell.compare_outputs


def sanitize(cell, text):
    """Wrap what nbval is about to compare, since nbval has no tolerance of its own."""
    sanitized = _sanitize(cell, text)
    return Output(sanitized) if isinstance(sanitized, str) else sanitized


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare the order of the outputs, then the outputs."""
    stored, computed = _formats(ref), _formats(test)
    if computed != stored:
        cell.comparison_traceback = [f"outputs {stored} are stored, {computed} computed"]
        return False
    return _compare_outputs(cell, test, ref, skip_compare)
