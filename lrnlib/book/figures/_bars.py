"""Bars of one pixel's channels."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from lrnlib._api import local_response_normalization
from lrnlib.book.figures._style import CENTRE, OUTSIDE, SMALL, TEXT, WIDTH, WINDOW, title

NAMED_BARS = 8  # at most: the texts of more would overlap


def window(
    x: Sequence[float],
    channel: int,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    figure: Figure | None = None,
    message: str = "",
) -> Figure:
    """Draw one pixel's channels before and after LRN, and the window of one of them.

    The channel is blue, its neighbours in the window orange, the others grey. Up to 8
    bars have their values as text; of more, the channel alone. `figure` is drawn on instead
    of a new one of pyplot. `message` is the title.
    """
    values = np.asarray(x, dtype=np.float64)
    y = local_response_normalization(values, depth_radius, bias, alpha, beta)
    distance = np.abs(np.arange(values.size) - channel)
    colors = np.select([distance == 0, distance <= depth_radius], [CENTRE, WINDOW], OUTSIDE)
    figure = figure or plt.figure(figsize=(WIDTH, 3.5), layout="constrained")
    before, after = figure.subplots(2, sharex=True)
    named = range(values.size) if values.size <= NAMED_BARS else [channel]
    _bars(before, values, list(colors), "x, before", named)
    _bars(
        after,
        y,
        [CENTRE if i == channel else OUTSIDE for i in range(values.size)],
        "y, after LRN",
        named,
    )
    first, last = max(0, channel - depth_radius), min(values.size - 1, channel + depth_radius)
    before.axvspan(first - 0.5, last + 0.5, color=WINDOW, alpha=0.15, zorder=0)
    after.set_xlabel("channel", size=TEXT)
    if message:
        title(figure, message)
    return figure


def _bars(
    axes: Axes, values: npt.NDArray[np.float64], colors: list[str], label: str, named: Sequence[int]
) -> None:
    """Bars relative to the largest finite value; an infinite one is as long as that."""
    largest = np.abs(values[np.isfinite(values)]).max(initial=0) or 1.0
    heights = np.nan_to_num(values / largest, posinf=1, neginf=-1)
    drawn = axes.bar(np.arange(values.size), heights, color=colors)
    some = BarContainer(
        [drawn.patches[i] for i in named], datavalues=heights[list(named)], orientation="vertical"
    )
    labels = [f"{values[i]:.3g}" for i in named]
    axes.bar_label(some, labels=labels, padding=2, fontsize=SMALL)
    axes.margins(y=0.25)
    axes.set(xticks=named, yticks=[])
    axes.spines.left.set_visible(False)
    axes.set_title(label, loc="left", size=TEXT)


def before_after(before: npt.NDArray[Any], after: npt.NDArray[Any], message: str = "") -> Figure:
    """Draw one pixel's channels before and after LRN, side by side at each channel."""
    figure, axes = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    channels = np.arange(len(before))
    axes.bar(channels - 0.2, before, 0.4, label="before", color=OUTSIDE)
    axes.bar(channels + 0.2, after, 0.4, label="after LRN", color=CENTRE)
    axes.set(xlabel="channel", ylabel="response", xticks=channels)
    axes.legend(frameon=False)
    if message:
        title(figure, message)
    return figure
