"""The response curve, and what each hyperparameter does to it."""

import dataclasses
import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrnlib._api import local_response_normalization
from lrnlib.book.figures._style import INK, TEXT, WIDTH, title
from lrnlib.parameters import Parameters

FIXED = Parameters(depth_radius=2, bias=1.0, alpha=0.2, beta=0.75)
SWEEPS: dict[str, tuple[float, ...]] = {
    "depth_radius": (0, 2, 5),
    "bias": (0.5, 1, 4),
    "alpha": (0.02, 0.2, 2),
    "beta": (0.25, 0.5, 0.75),
}
EFFECTS = {
    "depth_radius": "larger: bends earlier",
    "bias": "larger: starts less steep",
    "alpha": "larger: bends earlier",
    "beta": "decides the right end",
}
RIGHT, TOP = 6.0, 2.6  # of the one scale of all panels
LINE = 0.24  # height of a line of text on that scale


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


def hyperparameters() -> Figure:
    """Draw response curves for three values of each hyperparameter, all on one scale.

    The other three stay at depth_radius=2, bias=1, alpha=0.2 and beta=0.75.
    """
    figure, panels = plt.subplots(
        2, 2, sharex=True, sharey=True, figsize=(WIDTH, 5.2), layout="constrained"
    )
    x = np.linspace(0, RIGHT, 301)
    marks = {"depth_radius": _bends, "bias": _slopes, "alpha": _bends, "beta": _ends}
    for axes, (name, values) in zip(panels.flat, SWEEPS.items(), strict=True):
        settings = [with_value(name, value) for value in values]
        for p in settings:
            axes.plot(x, response(x, p))
        marks[name](axes, settings, [f"{value:g}" for value in values])
        axes.set_title(name, loc="left", size=TEXT, weight="bold", y=1.1)
        axes.text(0, 1.03, EFFECTS[name], size=TEXT, transform=axes.transAxes)
        axes.set(xlim=(0, RIGHT), ylim=(0, TOP), xticks=(0, 2, 4, 6), yticks=(0, 1, 2))
    figure.supxlabel("input, the same in the whole window", size=TEXT)
    figure.supylabel("response", size=TEXT)
    title(figure, "bias sets the slope, depth_radius and\nalpha the bend, beta what comes after it")
    return figure


def _bends(axes: Axes, settings: list[Parameters], names: list[str]) -> None:
    """Mark where each curve bends, and name the curves at their right ends."""
    for p in settings:
        axes.plot(bend(p), response(bend(p), p), "o", color=INK, markerfacecolor="white",
                  markersize=7)  # fmt: skip
    first = settings[0]
    axes.annotate("bend", (bend(first), float(response(bend(first), first))), (-6, 9),
                  textcoords="offset points", ha="right", size=TEXT)  # fmt: skip
    height = math.inf
    for p, name in zip(settings, names, strict=True):
        height = min(height - LINE, float(response(RIGHT, p)))
        axes.text(RIGHT + 0.15, height, name, va="center", size=TEXT)


def _slopes(axes: Axes, settings: list[Parameters], names: list[str]) -> None:
    """Draw the tangent of each curve at 0, with its name at the end."""
    for p, name in zip(settings, names, strict=True):
        end = 2.0 / slope(p)
        axes.plot([0, end], [0, 2.0], "-", color=INK, linewidth=1)
        axes.text(end, 2.06, name, ha="center", size=TEXT)
    axes.text(2.35, 1.72, "slope at 0", size=TEXT)


def _ends(axes: Axes, settings: list[Parameters], names: list[str]) -> None:
    """Mark the peak, and say how each curve goes on."""
    places = [(3.4, 2.15, "grows"), (RIGHT, 1.06, "levels off"), (RIGHT, 0.08, "falls")]
    for p, name, (x, y, end) in zip(settings, names, places, strict=True):
        axes.text(x, y, f"{name} {end}", ha="right", size=TEXT)
        if peak(p) < RIGHT:
            top = float(response(peak(p), p))
            axes.plot(peak(p), top, "o", color=INK, markersize=7)
            axes.annotate("peak", (peak(p), top), (0, -18), textcoords="offset points",
                          ha="center", size=TEXT)  # fmt: skip
