"""The book's matplotlib figures. Not imported by `import lrnlib`; it needs matplotlib.

`python -m lrnlib.book.figures FILE.svg` draws the figure of the README and the landing page.
"""

import sys
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnlib._api import local_response_normalization

# From Okabe and Ito's palette, which survives every common colour blindness.
CENTRE, WINDOW, OUTSIDE = "#0072b2", "#e69f00", "#b4b4b4"
NAMED_BARS = 16  # at most: the texts of more would overlap

# plt.style.use(figures.STYLE)
STYLE: dict[str, Any] = {
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 144,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": (
        cycler(color=[CENTRE, "#d55e00", "#009e73", "#cc79a7"])
        + cycler(linestyle=["-", "--", ":", "-."])
    ),
    "lines.linewidth": 2,
    "image.cmap": "gray",
}


def window(
    x: Sequence[float],
    channel: int,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    figure: Figure | None = None,
) -> Figure:
    """Draw one pixel's channels before and after LRN, and the window of one of them.

    The channel is blue, its neighbours in the window orange, the others grey. Up to 16
    bars have their values as text; of more, the channel alone. `figure` is drawn on instead
    of a new one of pyplot.
    """
    values = np.asarray(x, dtype=np.float64)
    y = local_response_normalization(values, depth_radius, bias, alpha, beta)
    distance = np.abs(np.arange(values.size) - channel)
    colors = np.select([distance == 0, distance <= depth_radius], [CENTRE, WINDOW], OUTSIDE)
    figure = figure or plt.figure()
    before, after = figure.subplots(2, sharex=True)
    named = range(values.size) if values.size <= NAMED_BARS else [channel]
    _bars(before, values, list(colors), "x", named)
    _bars(after, y, [CENTRE if i == channel else OUTSIDE for i in range(values.size)], "y", named)
    first, last = max(0, channel - depth_radius), min(values.size - 1, channel + depth_radius)
    before.axvspan(first - 0.5, last + 0.5, color=WINDOW, alpha=0.15, zorder=0)
    after.set_xlabel("channel")
    return figure


def _bars(
    axes: Axes, values: npt.NDArray[np.float64], colors: list[str], label: str, named: Sequence[int]
) -> None:
    """Bars relative to the largest finite value; an infinite one is as long as that."""
    largest = np.abs(values[np.isfinite(values)]).max(initial=0) or 1.0
    heights = np.nan_to_num(values / largest, posinf=1, neginf=-1)
    drawn = axes.bar(np.arange(values.size), heights, color=colors)
    labels = [f"{value:.3g}" if i in named else "" for i, value in enumerate(values)]
    axes.bar_label(drawn, labels=labels, padding=2, fontsize=9)
    axes.margins(y=0.2)
    axes.set(xticks=named, yticks=[])
    axes.spines.left.set_visible(False)
    axes.set_ylabel(label, rotation=0)


def before_after(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> Figure:
    """Draw one pixel's channels before and after LRN, side by side at each channel."""
    figure, axes = plt.subplots()
    channels = np.arange(len(before))
    axes.bar(channels - 0.2, before, 0.4, label="before", color=OUTSIDE)
    axes.bar(channels + 0.2, after, 0.4, label="after", color=CENTRE)
    axes.set(xlabel="channel", ylabel="response", xticks=channels)
    axes.legend(frameon=False)
    return figure


def windows(rows: dict[str, tuple[int, Sequence[int]]], channels: int) -> Figure:
    """Draw one row per window, from its channel in the middle and all the channels it holds."""
    figure, axes = plt.subplots(figsize=(6.4, 0.9 + 0.45 * len(rows)))
    for height, (centre, held) in enumerate(rows.values()):
        for j in range(channels):
            color = CENTRE if j == centre else WINDOW if j in held else "white"
            axes.add_patch(
                Rectangle((j - 0.5, height - 0.4), 1, 0.8, facecolor=color, edgecolor="grey")
            )
    axes.set(
        xlim=(-0.6, channels - 0.4), ylim=(len(rows) - 0.5, -0.5), xlabel="channel",
        xticks=range(channels), yticks=range(len(rows)), yticklabels=list(rows),
    )  # fmt: skip
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def maps(rows: dict[str, npt.NDArray[Any]], titles: Sequence[str]) -> Figure:
    """Draw feature maps, shape (height, width, len(titles)) each, one row of images per name.

    Every row has one grey scale, from 0 to its 99.5th percentile.
    """
    figure, grid = plt.subplots(len(rows), len(titles), squeeze=False, dpi=96)
    for line, (name, images) in zip(grid, rows.items(), strict=True):
        top = float(np.percentile(images, 99.5))
        for k, axes in enumerate(line):
            axes.imshow(images[..., k], vmin=0, vmax=top)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        line[0].set_ylabel(name)
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title, fontsize=10)
    return figure


def legend_above(axes: Axes, title: str) -> None:
    """Put the legend above the axes, in one row, where it hides no curve."""
    axes.legend(
        title=title, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False,
        fontsize=9, handlelength=1.6, columnspacing=0.9, handletextpad=0.4,
    )  # fmt: skip


def draw(path: str) -> None:
    """Write the article's example as an SVG without a date and without random ids."""
    fixed = {"svg.hashsalt": "lrn", "svg.fonttype": "none"}
    with plt.style.context([STYLE, fixed]):
        figure = window(range(1, 9), channel=3, depth_radius=2, bias=0, alpha=1, beta=1)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    draw(sys.argv[1])
