"""How many of how many, by row and column."""

from collections.abc import Mapping

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrnlib.book.figures._style import (
    FAINT,
    INK,
    LEADING,
    MARGIN,
    POINTS,
    SMALL,
    TITLE,
    card,
    title,
)

Counts = Mapping[str, Mapping[str, tuple[float, float] | None]]

LABELS, CELL, LETTER = 102, 18.5, 0.58 * SMALL  # points
DARK = 0.95  # the share beyond which digits in another colour read better


def heat_map(counts: Counts, message: str, color: str, digits: str = INK) -> Figure:
    """Draw counts as cells, shaded by their share of the total, which heads the column.

    Where rows differ in a column's total, the largest heads it.

    Parameters
    ----------
    counts
        For each row and each column how many of how many, or None for a dash.
    message
        The title.
    color
        That of a share of 1.
    digits
        The colour of the digits in dark cells.
    """
    totals = {
        column: max(cell[1] for row in counts.values() if (cell := row[column]))
        for column in next(iter(counts.values()))
    }
    columns = [f"{column} ({total})" for column, total in totals.items()]
    below = MARGIN + CELL * len(counts)  # the names of the columns
    above = 6 + LETTER * max(map(len, columns)) + TITLE * LEADING * len(message.splitlines())
    figure, axes = card(below + above + 2 * MARGIN)
    width = (POINTS - LABELS - MARGIN) / len(columns)
    shades = LinearSegmentedColormap.from_list("shades", ["white", color])
    for i, (name, row) in enumerate(counts.items(), start=1):
        y = below - CELL * i
        axes.text(LABELS - 5, y + CELL / 2, name, size=SMALL, ha="right", va="center_baseline")
        for j, cell in enumerate(row.values()):
            x, (count, total) = LABELS + width * j, cell or (0, 1)
            face, dark = shades(count / total) if cell else FAINT, count / total > DARK
            axes.add_patch(Rectangle((x, y), width, CELL, fc=face, ec="0.6", linewidth=0.6))
            text = "–" if cell is None else f"{round(count) or ''}"
            axes.text(x + width / 2, y + CELL / 2, text, size=SMALL, ha="center",
                      va="center_baseline", color=digits if dark else INK)  # fmt: skip
    for j, column in enumerate(columns):
        x = LABELS + width * (j + 0.5)
        axes.text(x, below + 4, column, size=SMALL, rotation=90, ha="center", va="bottom")
    title(figure, message)
    return figure
