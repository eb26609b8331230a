"""The window in a stack of feature maps, and the grid of the worked example."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from lrnlib._api import local_response_normalization
from lrnlib.book.figures._style import (
    CENTRE,
    FAINT,
    INK,
    MARGIN,
    POINTS,
    TEXT,
    WINDOW,
    card,
    title,
)

ROWS, COLUMNS, PIXEL_ROW = 4, 3, 2  # of each feature map
STEP, CELL, HEIGHT, RISE = 35, 22, 23, 8  # between maps; a pixel's width, height and lean
ORDINALS = "first", "second", "third", "fourth"
LEFT, BASE = 89, 64  # the lower right corner of the first map


def color_of(channel: int, centre: int, depth_radius: int) -> str:
    """Blue for the channel, orange for the others in its window, pale for the rest."""
    if channel == centre:
        return CENTRE
    return WINDOW if abs(channel - centre) <= depth_radius else FAINT


def stack() -> Figure:
    """Draw eight feature maps, the channels of one of their pixels, and one result."""
    values, channel, depth_radius = np.arange(1.0, 9), 3, 2
    figure, axes = card(height=226)
    for i in reversed(range(len(values))):  # the first map is in front
        _feature_map(axes, i, values[i], color_of(i, channel, depth_radius))
    _arithmetic(axes, values, channel, depth_radius)
    title(figure, "A channel divided by the sum of squares\nin its window (k = 0, α = β = 1)")
    return figure


def _feature_map(axes: Axes, channel: int, value: float, color: str) -> None:
    """A sheet whose pixels lean back to the left; the pixel of the example is coloured."""
    x, shades = LEFT + STEP * channel, np.random.default_rng(channel).uniform(0.8, 0.96, (9, 9))
    for row, k in np.ndindex(ROWS, COLUMNS):
        corners = _parallelogram(x - k * CELL, BASE + (ROWS - 1 - row) * HEIGHT + k * RISE)
        axes.add_patch(
            Polygon(corners, facecolor=f"{shades[row, k]:.2f}", edgecolor="white", linewidth=0.6)
        )
    outline = _parallelogram(x, BASE, COLUMNS, ROWS)
    axes.add_patch(Polygon(outline, facecolor="none", edgecolor="0.45", linewidth=0.8))
    low = BASE + (ROWS - 1 - PIXEL_ROW) * HEIGHT
    middle = low + (HEIGHT + RISE) / 2
    axes.plot([x - STEP, x], [middle] * 2, "-", color=INK, linewidth=1.4, solid_capstyle="butt")
    axes.add_patch(
        Polygon(_parallelogram(x, low), facecolor=color, edgecolor=INK, linewidth=1.4, zorder=3)
    )
    axes.text(
        x - CELL / 2, middle, f"{value:g}", size=13, weight="bold", ha="center",
        va="center_baseline", color="white" if color == CENTRE else INK, zorder=4,
    )  # fmt: skip


def _parallelogram(x: float, y: float, columns: int = 1, rows: int = 1) -> npt.NDArray[Any]:
    """Its corners, from the lower right one."""
    back, high = x - columns * CELL, y + columns * RISE
    return np.array([(x, y), (x, y + rows * HEIGHT), (back, high + rows * HEIGHT), (back, high)])


def _arithmetic(axes: Axes, values: npt.NDArray[Any], channel: int, depth_radius: int) -> None:
    """The number of each channel, and one result, each square below its channel."""
    result = local_response_normalization(values, depth_radius, bias=0, alpha=1, beta=1)[channel]
    places = LEFT + STEP * np.arange(len(values)) - CELL / 2
    axes.text(MARGIN, 50, "channel", size=TEXT)
    for i, x in enumerate(places):
        weight, color = ("bold", CENTRE) if i == channel else ("normal", INK)
        axes.text(x, 50, f"{i}", size=TEXT, ha="center", weight=weight, color=color)
    first, last = places[channel - depth_radius], places[channel + depth_radius]
    axes.plot(
        [first - 14, first - 14, last + 14, last + 14], [39, 34, 34, 39],
        "-", color=WINDOW, linewidth=2.5,
    )  # fmt: skip
    for i in range(channel - depth_radius, channel + depth_radius + 1):
        axes.text(places[i], 12, f"{values[i]:g}²", size=15, ha="center")
        if i < channel + depth_radius:
            axes.text(places[i] + STEP / 2, 12, "+", size=15, ha="center")
    axes.text(first - 30, 12, f"{values[channel]:g}", size=15, ha="right", color=CENTRE,
              weight="bold")  # fmt: skip
    axes.text(first - 12, 12, "/ (", size=15, ha="right")
    axes.text(last + 10, 12, f") = {result:.3f}", size=15)


def grid(
    feature_map: npt.NDArray[Any],
    row: int = 0,
    column: int = 0,
    channel: int = 3,
    depth_radius: int = 2,
) -> Figure:
    """Draw each pixel, four at most, as the row of its channels, and one window."""
    maps: npt.NDArray[Any] = feature_map.reshape(feature_map.shape[-3:])  # without the batch
    rows, columns, channels = maps.shape
    gap, above, tall = 14, 18, 27  # between pixels; for the name of each; of a channel
    width = (POINTS - 2 * MARGIN - gap * (columns - 1)) / (columns * channels)
    figure, axes = card(height=(above + tall + gap) * rows + 82)
    for i, j in np.ndindex(rows, columns):
        x = MARGIN + j * (width * channels + gap)
        y = 38 + (rows - 1 - i) * (above + tall + gap)
        name = f"{ORDINALS[i * columns + j]} pixel: row {i}, column {j}"
        axes.text(x, y + tall + 6, name, size=TEXT)
        chosen = (i, j) == (row, column)
        for k, value in enumerate(maps[i, j]):
            color = color_of(k, channel, depth_radius) if chosen else FAINT
            _box(axes, x + k * width, y, width, tall, color, f"{value:g}")
        if chosen:
            axes.add_patch(
                Rectangle((x, y), width * channels, tall, fill=False, edgecolor=INK, linewidth=1.4)
            )
    _box(axes, MARGIN, 8, 16, 16, CENTRE)
    axes.text(30, 12, f"channel {channel}", size=TEXT)
    _box(axes, 110, 8, 16, 16, WINDOW)
    axes.text(132, 12, "the other channels in its window", size=TEXT)
    title(figure, "A window runs along the channels\nand never leaves its pixel")
    return figure


def _box(
    axes: Axes, x: float, y: float, width: float, height: float, color: str, text: str = ""
) -> None:
    """A coloured rectangle with its text in the middle."""
    axes.add_patch(
        Rectangle((x, y), width, height, facecolor=color, edgecolor="white", linewidth=1)
    )
    axes.text(
        x + width / 2, y + height / 2, text, size=12, ha="center", va="center_baseline",
        color="white" if color == CENTRE else INK,
        weight="bold" if color in (CENTRE, WINDOW) else "normal",
    )  # fmt: skip
