"""How nbval compares a chapter's stored outputs with those computed, and what can run here."""

import base64
import io
import math
import os
import re

import matplotlib.image
import numpy as np
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from numpy.lib.stride_tricks import sliding_window_view

from tools import gpu
from tools.notebooks import optional_frameworks
from tools.notebooks.gpu_cells import needs_gpu

# TensorFlow computes a general power as exp(-beta * log(s)), which in float32 is up to
# 22 ulp, 2.6e-6, from the right value and differs between processors; twice that is 5.2e-6.
RELATIVE = 1e-5
ABSOLUTE = 1e-12  # of what is stored, or computed, as 0

# Not part of a word such as float32, nor of a version such as 2.21.0.
NUMBER = re.compile(r"(?<![\w.])([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w]|\.\w)")
INTEGER = re.compile(r"[-+]?\d+")

# Two drawings of one figure differ in the smoothing of a few edges.
VISIBLE, SHARE = 0.1, 0.005  # of the range of a colour, of all pixels
# A line that is missing is less than that share, so no place may differ much either. Measured
# with matplotlib's kinds of hinting, and with figures moved by half a pixel and blurred: at most
# 19 pixels of a tile are then unlike all within two pixels of them. Of a line of two pixels that
# is missing, in any colour of the book, it is 28 or more.
FAINT = 0.08  # of the range of a colour
SMOOTH, NEAR = 3, 2  # side of the square that is averaged first; pixels to each side
TILE, UNLIKE = 8, 21  # side of any square; how many pixels in it may be unlike


class Output(str):
    """A cell's output: equal to another if the text is the same and the numbers are close.

    An integer equals that integer alone. A run of white space counts as one space, and none
    inside a bracket: NumPy pads numbers to columns, and 0.1 is shorter than 0.09999999.
    """

    __hash__ = None  # close is not equal: there is no hash to go with it

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return NotImplemented
        mine, theirs = NUMBER.split(_spaced(self)), NUMBER.split(_spaced(other))
        return mine[::2] == theirs[::2] and all(map(_close, mine[1::2], theirs[1::2]))

    def __ne__(self, other: object) -> bool:
        return not self == other


def _spaced(text: str) -> str:
    """Columns of numbers without their padding; other white space as it is."""
    text = re.sub(r"(?<=\[)\s+(?=[-+.\d])|(?<=[.\d])\s+(?=\])", "", text)
    return re.sub(r"(?<=[.\d])\s+(?=[-+.\d])", " ", text)


def _close(mine: str, theirs: str) -> bool:
    if mine == theirs or INTEGER.fullmatch(mine) or INTEGER.fullmatch(theirs):
        return mine == theirs
    a, b = float(mine), float(theirs)
    if not (math.isfinite(a) and math.isfinite(b)):
        return False
    return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=0 if a and b else ABSOLUTE)


class Picture(str):
    """A figure as PNG in base64: equal to another of its size that looks the same."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        try:
            mine, theirs = _pixels(self), _pixels(other)
        except (SyntaxError, ValueError):  # matplotlib's and base64's words for "no PNG"
            return False
        if mine.shape != theirs.shape:
            return False
        if np.mean(np.abs(mine - theirs).max(axis=-1) > VISIBLE) > SHARE:
            return False
        mine, theirs = _smoothed(mine), _smoothed(theirs)
        unlike = np.pad(_unlike(mine, theirs) | _unlike(theirs, mine), TILE)
        return sliding_window_view(unlike, (TILE, TILE)).sum(axis=(-2, -1)).max() <= UNLIKE

    def __ne__(self, other: object) -> bool:
        return not self == other


def _pixels(png: str) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(png)), format="png")[..., :3]


def _smoothed(pixels: np.ndarray) -> np.ndarray:
    """Each averaged with its neighbours: a thin line may lie between two pixels."""
    for axis in (0, 1):
        pixels = sliding_window_view(pixels, SMOOTH, axis).mean(axis=-1)
    return pixels


def _unlike(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Which pixels are outside the range of those that are near the same place in another."""
    low = high = np.pad(theirs, ((NEAR, NEAR), (NEAR, NEAR), (0, 0)), mode="edge")
    for axis in (0, 1):
        low = sliding_window_view(low, 2 * NEAR + 1, axis).min(axis=-1)
        high = sliding_window_view(high, 2 * NEAR + 1, axis).max(axis=-1)
    return (np.maximum(low - mine, mine - high) > FAINT).any(axis=-1)


def _kinds(outputs: list) -> list:
    """What each output is, in order: nbval itself compares each kind without the others."""
    kinds = [output.get("name") or sorted(output.get("data", [])) for output in outputs]
    return [kind for kind in kinds if kind != "stderr"]


_sanitize, _compare_outputs = IPyNbCell.sanitize, IPyNbCell.compare_outputs


def sanitize(cell, text):
    """Wrap what nbval is about to compare; nbval has no tolerance of its own."""
    sanitized = _sanitize(cell, text)
    if not isinstance(sanitized, str):
        return sanitized
    return Picture(sanitized) if sanitized.startswith("iVBORw0KGgo") else Output(sanitized)


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare the order of the outputs, and then the outputs."""
    if _kinds(test) != _kinds(ref):
        cell.comparison_traceback = [f"outputs {_kinds(ref)} are stored, {_kinds(test)} computed"]
        return False
    return _compare_outputs(cell, test, ref, skip_compare)


IPyNbCell.sanitize, IPyNbCell.compare_outputs = sanitize, compare_outputs


def pytest_collectstart(collector):
    """Compare figures; leave stderr out: TensorFlow's logs name the processor and the time."""
    if isinstance(collector, IPyNbFile):
        kept = tuple(key for key in collector.skip_compare if key != "image/png")
        collector.skip_compare = (*kept, "stderr")


NO_GPU = gpu.missing()  # asked before the tests put a stand-in for CuPy in its place


def pytest_itemcollected(item):
    """Leave out by name what cannot run here, or fail it if it must.

    That is a chapter that needs other frameworks, where one is missing, and a cell that needs
    a GPU, where there is none. With a GPU such cells are run and compared like all others; nbval
    itself runs a cell without an execution count, which no GPU has run before, and compares
    nothing.
    """
    if not isinstance(item, IPyNbCell):
        return
    if lacking := optional_frameworks.missing(item.parent.nb):
        leave_out(item, f"{item.path.name} {lacking}", "LRNLIB_REQUIRE_PEERS")
    elif NO_GPU and needs_gpu(item.cell):
        leave_out(item, f"{item.name} needs a GPU: {NO_GPU}", "LRNLIB_REQUIRE_GPU")


def leave_out(item, reason, required):
    """Skip a cell, or fail it where the environment asks for what is missing."""
    if os.environ.get(required):
        item.runtest = lambda: item.raise_cell_error(reason)
    else:
        item.add_marker(pytest.mark.skip(reason=reason))
