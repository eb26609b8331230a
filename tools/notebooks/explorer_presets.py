"""Compute the explorer's pixels of a photograph with the code of the chapter on the formula.

`python -m tools.notebooks.explorer_presets` prints them for lrnlib/book/explorer/presets.py.
"""

import contextlib
import io

import nbformat
import numpy as np

from tools.notebooks.notebooks import bindings, code_cells, imported
from tools.repository import ROOT

NEEDED = {"photo", "gray", "gabor", "angles", "layer"}  # names in the chapter
PERCENTILES = (99, 90, 50, 5)  # of the strongest response of each pixel


def run_chapter() -> dict:
    """Run the cells that import or define what is needed; return their names."""
    notebook = nbformat.read(ROOT / "chapters/formula.ipynb", as_version=4)
    names: dict = {}
    for cell in code_cells(notebook)[1:]:
        if imported(cell) or NEEDED & set(bindings(cell)) - names.keys():
            exec(cell.source, names)
    return names


def responses() -> list[list[float]]:
    """The pixel at each percentile, to two decimal places."""
    with contextlib.redirect_stdout(io.StringIO()):  # the cells print as well
        names = run_chapter()
    maps = names["layer"](names["gray"])
    strongest = maps.max(axis=-1)
    distances = np.abs(strongest.ravel() - np.percentile(strongest, PERCENTILES)[:, np.newaxis])
    return maps.reshape(-1, maps.shape[-1])[distances.argmin(axis=1)].round(2).tolist()


if __name__ == "__main__":
    for pixel in responses():
        print(*(f"{value:g}" for value in pixel), sep=", ")
