"""The response curve, and what each hyperparameter does to it."""

import dataclasses
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from lrnlib._api import local_response_normalization
from lrnlib.book.figures._style import CENTRE, TEXT, WIDTH, title
from lrnlib.parameters import Parameters

FIXED = Parameters(depth_radius=2, bias=1.0, alpha=0.2, beta=0.75)
TITLES = {
    "bias": "k: start and bend",
    "alpha": "α: bend",
    "depth_radius": "n: bend",
    "beta": "β: right end",
}
# Each value with its label's place and text; that of FIXED first.
SWEEPS: dict[str, dict[float, tuple[float, float, str]]] = {
    "bias": {1: (1.3, 0.66, "1"), 0.25: (1.15, 0.88, "0.25"), 4: (2.8, 0.25, "4")},
    "alpha": {0.2: (4, 0.58, "0.2"), 0.05: (4, 1.28, "0.05"), 0.8: (4, 0.24, "0.8")},
    "depth_radius": {2: (4, 0.58, "5"), 0: (4, 1.45, "1"), 5: (4, 0.11, "11")},
    "beta": {
        0.75: (4.9, 0.28, "0.75 falls"),
        0.25: (2.25, 1.5, "0.25 grows"),
        0.5: (4.9, 1.05, "0.5 levels off"),
    },
}
STROKES = (("black", "-"), (CENTRE, "--"), ("#d55e00", ":"))
RIGHT, TOP = 5.0, 1.65  # of the one scale of all panels


def response(x: npt.ArrayLike, p: Parameters) -> npt.NDArray[np.float64]:
    """Compute a channel's response where all channels of its window have the same input."""
    window = np.repeat(np.asarray(x, dtype=float)[..., None], sum(p.reach) + 1, axis=-1)
    y: npt.NDArray[np.float64] = local_response_normalization(window, *dataclasses.astuple(p))
    return y[..., p.reach[0]]


def with_value(name: str, value: float) -> Parameters:
    """Change one of the fixed parameters."""
    changed: dict[str, Any] = {name: value}
    return dataclasses.replace(FIXED, **changed)


def slope(p: Parameters) -> float:
    """Compute the slope of the response curve at 0."""
    return float(p.bias**-p.beta)


def bend(p: Parameters) -> float:
    """Find the input whose squares count as much as the bias."""
    return math.sqrt(p.bias / (p.alpha * (sum(p.reach) + 1)))


def peak(p: Parameters) -> float:
    """Find the input beyond which the response falls; infinite for a beta of at most 0.5."""
    return bend(p) / math.sqrt(2 * p.beta - 1) if p.beta > 0.5 else math.inf


def hyperparameters(message: str = "") -> Figure:
    """Draw response curves for three values of each hyperparameter, all on one scale.

    The other three stay at n=5, k=1, alpha=0.2 and beta=0.75. Thin lines are slopes at 0,
    circles bends, and the dot a peak. `message` is the title.
    """
    figure, grid = plt.subplots(
        2, 2, sharex=True, sharey=True, figsize=(WIDTH, 5.4), layout="constrained"
    )
    x = np.linspace(0, RIGHT, 200)
    for axes, (name, labels) in zip(grid.flat, SWEEPS.items(), strict=True):
        for (value, label), (color, line) in zip(labels.items(), STROKES, strict=True):
            p = with_value(name, value)
            if name == "bias":
                end = 0.8 * bend(p)
                axes.plot([0, end], [0, end * slope(p)], "-", color=color, linewidth=0.8)
            axes.plot(x, response(x, p), line, color=color)
            axes.plot(bend(p), response(bend(p), p), "o", color=color, markerfacecolor="white")
            axes.text(*label, color=color, ha="right" if name == "beta" else "left")
        axes.set_title(TITLES[name], loc="left", size=TEXT, weight="bold")
        axes.set(xlim=(0, RIGHT), ylim=(0, TOP), xticks=range(6), yticks=(0, 1))
    grid[0, 1].text(1.85, 1.2, "bend", ha="right")
    grid[1, 1].plot(peak(FIXED), response(peak(FIXED), FIXED), "o", color="black")
    grid[1, 1].text(peak(FIXED), 0.4, "peak", ha="center")
    figure.supxlabel("input, the same in the whole window", size=TEXT)
    figure.supylabel("response", size=TEXT)
    if message:
        title(figure, message)
    return figure
