"""Which channels a window holds."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnlib.book.figures._style import CENTRE, WIDTH, WINDOW, title


def windows(rows: dict[str, tuple[int, Sequence[int]]], channels: int, message: str = "") -> Figure:
    """Draw one row per window, from its channel in the middle and all the channels it holds."""
    width, height = (WIDTH, 1.2) if message else (6.4, 0.9)
    figure, axes = plt.subplots(figsize=(width, height + 0.45 * len(rows)), layout="constrained")
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
    if message:
        title(figure, message)
    return figure
