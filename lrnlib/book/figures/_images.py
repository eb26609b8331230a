"""Feature maps as images."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure


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
