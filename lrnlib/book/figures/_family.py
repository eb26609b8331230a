"""Which values batch, layer, instance, group and local response normalization use."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnlib.book.figures._style import (
    CENTRE,
    INK,
    MARGIN,
    POINTS,
    TEXT,
    WINDOW,
    card,
    title,
)

Vector = npt.NDArray[np.float64]

IMAGES, PIXELS, CHANNELS = 4, 6, 8  # of each cube
VALUE = (0, 2, 3)  # the image, pixel and channel that is normalized
GROUP, DEPTH_RADIUS = 4, 2
CELL = 9.0  # points
RIGHT, UP, BACK = np.eye(3)
PROJECTION = np.array([(CELL, 0), (0, CELL), (4.8, 4.2)])  # of a cell to the right, up and back


def sets() -> dict[str, npt.NDArray[np.bool_]]:
    """Tell for each normalization which values set the scale of one value."""
    n, p, c = np.indices((IMAGES, PIXELS, CHANNELS))
    image, pixel, channel = n == VALUE[0], p == VALUE[1], c == VALUE[2]
    return {
        "batch": channel,
        "layer": image,
        "instance": image & channel,
        "group": image & (c // GROUP == VALUE[2] // GROUP),
        "local response": image & pixel & (abs(c - VALUE[2]) <= DEPTH_RADIUS),
    }


def family() -> Figure:
    """Draw the family of normalizations as cubes of images, pixels and channels."""
    columns, height, low = 3, 106, 22
    figure, axes = card(height=2 * height + low + 36)
    width = (POINTS - 2 * MARGIN) / columns
    for k, (name, mask) in enumerate(sets().items()):
        x, y = MARGIN + 14 + width * (k % columns), low + height * (1 - k // columns)
        _cube(axes, x, y, mask)
        axes.text(x, y + 79, name, size=TEXT, weight="bold")
        axes.text(
            x - 4, y + PIXELS * CELL / 2, "H·W", size=TEXT, rotation=90, ha="right", va="center"
        )
        axes.text(x + CHANNELS * CELL / 2, y - 4, "C", size=TEXT, ha="center", va="top")
        axes.text(x + CHANNELS * CELL + 13, y + 2, "N", size=TEXT)
    _key(axes, MARGIN + 10 + 2 * width, low + 50)
    title(figure, "LRN looks along the channels:\na few of them, at one pixel")
    return figure


def _key(axes: Axes, x: float, y: float) -> None:
    for color, text in {CENTRE: "one value", WINDOW: "what sets\nits scale"}.items():
        axes.add_patch(Rectangle((x, y), 16, 16, facecolor=color, edgecolor=INK, linewidth=0.8))
        axes.text(x + 22, y + 13.5, text, size=TEXT, va="top")
        y -= 26


def _cube(axes: Axes, x: float, y: float, mask: npt.NDArray[np.bool_]) -> None:
    """A cube with its front, top and right side; `x` and `y` are its lower left corner."""
    quads, colors = [], []
    for place, corner, first, second in _cells():
        corners = corner + np.array([0 * first, first, first + second, second])
        quads.append(corners @ PROJECTION + (x, y))
        colors.append(CENTRE if place == VALUE else WINDOW if mask[place] else "white")
    axes.add_collection(PolyCollection(quads, facecolors=colors, edgecolors="0.6", linewidths=0.5))


def _cells() -> Iterator[tuple[tuple[int, int, int], Vector, Vector, Vector]]:
    """The place of each cell that is seen, one corner, and its two sides."""
    for p, c in np.ndindex(PIXELS, CHANNELS):
        yield (0, p, c), c * RIGHT + (PIXELS - 1 - p) * UP, RIGHT, UP
    for n, c in np.ndindex(IMAGES, CHANNELS):
        yield (n, 0, c), c * RIGHT + PIXELS * UP + n * BACK, RIGHT, BACK
    for n, p in np.ndindex(IMAGES, PIXELS):
        yield (n, p, CHANNELS - 1), CHANNELS * RIGHT + (PIXELS - 1 - p) * UP + n * BACK, BACK, UP
