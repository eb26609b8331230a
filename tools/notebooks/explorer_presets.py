"""The responses to the photograph that the explorer offers.

`python -m tools.notebooks.explorer_presets` prints them.

They are computed by the code of the chapter on the formula, so the two cannot differ.
"""

import ast
import contextlib
import io

import nbformat
import numpy as np

from tools.notebooks.notebooks import bindings, code_cells, tree
from tools.repository import ROOT

NEEDED = {"photo", "gray", "gabor", "angles", "layer"}  # what the chapter calls them
PERCENTILES = (99, 90, 50, 5)  # of the strongest response of each pixel


def chapters_own() -> dict:
    """What the chapter's cells define, up to the last that is needed; the others are not run."""
    notebook = nbformat.read(ROOT / "chapters/formula.ipynb", as_version=4)
    names: dict = {}
    for cell in code_cells(notebook)[1:]:
        imports = any(isinstance(node, ast.Import) for node in tree(cell).body)
        if imports or NEEDED & set(bindings(cell)) - names.keys():
            exec(cell.source, names)
    return names


def responses() -> list[list[float]]:
    """One pixel for each percentile, to two places."""
    with contextlib.redirect_stdout(io.StringIO()):  # the cells print as well
        names = chapters_own()
    maps = names["layer"](names["gray"])
    strongest = maps.max(axis=-1)
    pixels = []
    for percentile in np.percentile(strongest, PERCENTILES):
        at = np.unravel_index(np.argmin(np.abs(strongest - percentile)), strongest.shape)
        pixels.append(maps[at].round(2).tolist())
    return pixels


if __name__ == "__main__":
    for pixel in responses():
        print(*(f"{value:g}" for value in pixel), sep=", ")
