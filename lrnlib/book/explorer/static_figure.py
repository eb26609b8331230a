"""An explorer where no scripts run: a sentence and, with matplotlib, a picture."""

from __future__ import annotations  # importing does not make the types

import io
from typing import TYPE_CHECKING

from lrnlib._api import local_response_normalization

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from lrnlib.parameters import Parameters

    Pixel = npt.NDArray[np.float64]

COLORS = 64  # of the palette: the bars' colours, and the greys of smooth text


def describe(x: Pixel, p: Parameters, channel: int) -> str:
    """Describe the first state; the alt text of its picture."""
    y = local_response_normalization(x, p.depth_radius, p.bias, p.alpha, p.beta)
    first = max(0, channel - p.depth_radius)
    last = min(x.size - 1, channel + p.depth_radius)
    return (
        f"Bars of {x.size} channels of a pixel, before and after LRN. Channel {channel} goes from "
        f"{x[channel]:.3g} to {y[channel]:.3g}; its window holds channels {first} to {last}."
    )


def draw(x: Pixel, p: Parameters, channel: int) -> bytes | None:
    """Draw the first state as a small PNG; None where matplotlib is missing."""
    try:
        from matplotlib import style
        from matplotlib.figure import Figure
        from PIL import Image

        from lrnlib.book import figures
    except ImportError:
        return None
    drawn, small = io.BytesIO(), io.BytesIO()
    with style.context(figures.STYLE, after_reset=True):  # not the notebook's style
        figure = Figure()  # of its own, so that the notebook does not show it
        figures.window(x.tolist(), channel, p.depth_radius, p.bias, p.alpha, p.beta, figure)
        figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(COLORS).save(small, "png", optimize=True)
    return small.getvalue()
