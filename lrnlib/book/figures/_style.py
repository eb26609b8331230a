"""What all pictures have in common: colours, sizes, and where the message stands."""

from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

# From Okabe and Ito's palette, which survives every common colour blindness.
CENTRE, WINDOW, OUTSIDE = "#0072b2", "#e69f00", "#b4b4b4"
INK, FAINT = "#1a1a1a", "#ececec"

# The card is white in the dark as well: the book's theme puts white behind every picture, and
# GitHub, JupyterLab and Colab put nothing there, where black text would vanish.
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

# A phone shows a picture about 330 pixels wide, where a point is then 0.95 pixels.
WIDTH = 4.8  # inches
POINTS = 72 * WIDTH
TEXT, SMALL, TITLE, MARGIN = 11, 10.5, 12.5, 8  # points
LEADING = 1.25  # of a title


def card(height: float) -> tuple[Figure, Axes]:
    """Make a picture without axes, drawn in points from its lower left corner."""
    figure = plt.figure(figsize=(WIDTH, height / 72), layout="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, POINTS), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def title(figure: Figure, message: str) -> None:
    """Write the picture's message above it, as a sentence."""
    height = figure.get_figheight() * 72
    figure.suptitle(
        message, x=MARGIN / POINTS, y=1 - MARGIN / height, ha="left", va="top",
        fontsize=TITLE, weight="bold", color=INK, linespacing=LEADING,
    )  # fmt: skip
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        taken = (message.count("\n") + 1) * TITLE * LEADING + 2 * MARGIN
        side = (MARGIN - 72 * plt.rcParams["figure.constrained_layout.w_pad"]) / POINTS
        engine.set(rect=(side, 0, 1 - 2 * side, 1 - taken / height))


def legend_above(axes: Axes, title: str) -> None:
    """Put the legend above the axes, in one row, where it hides no curve."""
    axes.legend(
        title=title, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False,
        fontsize=9, handlelength=1.6, columnspacing=0.9, handletextpad=0.4,
    )  # fmt: skip
