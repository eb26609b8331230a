"""The book's matplotlib figures. Not imported by `import lrnlib`; it needs matplotlib.

`python -m lrnlib.book.figures FILE.svg` draws the figure of the README and the landing page.
"""

import matplotlib.pyplot as plt

from lrnlib.book.figures._bars import before_after, window
from lrnlib.book.figures._curves import hyperparameters
from lrnlib.book.figures._family import family
from lrnlib.book.figures._heat_map import heat_map
from lrnlib.book.figures._results import published, seeds
from lrnlib.book.figures._stack import grid, stack
from lrnlib.book.figures._style import (
    CENTRE,
    OUTSIDE,
    STYLE,
    WIDTH,
    WINDOW,
    legend_above,
    title,
)
from lrnlib.book.figures._windows import windows

__all__ = [
    "CENTRE", "OUTSIDE", "STYLE", "WIDTH", "WINDOW", "before_after", "draw", "family",
    "grid", "heat_map", "hyperparameters", "legend_above", "published", "seeds", "stack", "title",
    "window", "windows",
]  # fmt: skip


def draw(path: str) -> None:
    """Write the window in the stack as an SVG without a date and without random ids."""
    with plt.style.context([STYLE, {"svg.hashsalt": "lrn"}]):
        figure = stack()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
