"""Published and measured effects of LRN."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lrnlib.book import records
from lrnlib.book.figures._style import CENTRE, INK, OUTSIDE, TEXT, WIDTH, WINDOW, title

Results = Mapping[str, Mapping[str, Sequence[float]]]


def changes() -> dict[str, float]:
    """Read by how many points the error changed with LRN, in each published comparison."""
    return {f"{row['year']}: {row['name']}": _change(row) for row in _published()}


def _published() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        (records.FOLDER / "published.json").read_text(encoding="utf-8")
    )
    return rows


def _change(row: dict[str, Any]) -> float:
    return float(row["change"] if "change" in row else round(row["with"] - row["without"], 9))


def published() -> Figure:
    """Draw the published effects of LRN on the error, and on the right the errors themselves."""
    rows, right = _published(), 3.5
    figure, axes = plt.subplots(figsize=(WIDTH, 1.7 + 0.3 * len(rows)), layout="constrained")
    axes.plot([0, 0], [-0.6, len(rows)], "-", color=INK, linewidth=1)
    for height, row in enumerate(rows):
        change = _change(row)
        color = CENTRE if change < 0 else WINDOW
        axes.plot([0, change], [height] * 2, "-", color=color, linewidth=3)
        axes.plot(change, height, "o", color=color, markeredgecolor=INK, markersize=9)
        text = f"{change:+g}".replace("-", "−") if change else "0"
        axes.annotate(text, (change, height), (-9 if change < 0 else 9, 0), size=TEXT, va="center",
                      textcoords="offset points", ha="right" if change < 0 else "left")  # fmt: skip
        errors = f"{row['without']:g} → {row['with']:g}" if "with" in row else "–"
        axes.text(right, height, errors, size=TEXT, va="center", ha="right")
    axes.text(right, -1, "error in %", size=TEXT, va="center", ha="right")
    axes.set(xlim=(-2.9, right), ylim=(len(rows) - 0.4, -1.3), xticks=(-2, -1, 0))
    axes.set_yticks(range(len(rows)), list(changes()))
    figure.supxlabel("change of the error, in percentage points", size=TEXT)
    axes.spines.left.set_visible(False)
    axes.spines.bottom.set_bounds(-2.5, 0.5)
    axes.tick_params(axis="y", length=0)
    axes.text(-2.75, len(rows) - 1, "← fewer errors\n    with LRN", size=TEXT, va="center")
    title(figure, "With LRN: fewer errors in 2012,\nno gain later")
    return figure


def seeds(
    results: Results, message: str = "Every dot is one training,\nevery line the mean of a variant"
) -> Figure:
    """Draw the accuracy, as a share, of each seed of each variant, and the means.

    Parameters
    ----------
    results
        For each panel's label the accuracies of each variant.
    message
        The title.
    """
    rows = sum(len(variants) + 2 for variants in results.values())
    figure, panels = plt.subplots(
        len(results), sharex=True, squeeze=False, figsize=(WIDTH, 1.3 + 0.24 * rows),
        layout="constrained", height_ratios=[len(variants) for variants in results.values()],
    )  # fmt: skip
    for axes, (label, variants) in zip(panels.flat, results.items(), strict=True):
        axes.set_title(label, loc="left", size=TEXT, weight="bold")
        for height, accuracies in enumerate(variants.values()):
            mean = float(np.mean(accuracies))
            axes.axhline(height, linestyle="-", color=OUTSIDE, linewidth=0.6, zorder=0)
            axes.plot(accuracies, [height] * len(accuracies), "o", color=CENTRE, alpha=0.45,
                      markersize=7, markeredgewidth=0)  # fmt: skip
            axes.plot([mean] * 2, [height - 0.4, height + 0.4], "-", color=INK, linewidth=2.5)
        axes.set_yticks(range(len(variants)), list(variants))
        axes.set_ylim(len(variants) - 0.4, -0.6)
        axes.spines.left.set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[-1, 0].set_xlabel("accuracy on the test images", size=TEXT)
    title(figure, message)
    return figure
