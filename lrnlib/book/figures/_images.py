"""Feature maps as images."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from lrnlib.book.figures._style import TEXT, WIDTH, title


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
    for axes, label in zip(grid[0], titles, strict=True):
        axes.set_title(label, fontsize=10)
    return figure


def crops(
    before: npt.NDArray[Any],
    after: npt.NDArray[Any],
    titles: Sequence[str],
    message: str = "LRN holds the strong responses down,\nso the faint ones show",
) -> Figure:
    """Draw feature maps, shape (height, width, len(titles)), before and after LRN.

    Each of the two rows has one grey scale, from black for 0 to white for its 99.5th percentile.
    """
    height, width = before.shape[:2]
    shown = WIDTH / len(titles) * height / width
    figure, grid = plt.subplots(
        2, len(titles), squeeze=False, layout="constrained", figsize=(WIDTH, 2 * shown + 1.3)
    )
    for line, name, images in zip(grid, ["before", "after"], [before, after], strict=True):
        top = float(np.percentile(images, 99.5))
        for k, axes in enumerate(line):
            axes.imshow(images[..., k], vmin=0, vmax=top)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        line[0].set_title(f"{name}: black is 0, white {top:.2g} and more", size=TEXT, loc="left")
    for axes, label in zip(grid[-1], titles, strict=True):
        axes.set_xlabel(label, size=TEXT)
    title(figure, message)
    return figure
