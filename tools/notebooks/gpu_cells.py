"""Cells that need a GPU: tagged `gpu`, run where there is one, and elsewhere left as they are."""

import hashlib
import itertools
from collections.abc import Iterator

import nbformat

from tools.notebooks.notebooks import Cell, Notebook, Problem, code_cells, tags

NOT_RUN = "*This cell needs a GPU; none has run it yet.*"
RECORDED = {"cells", "commit", "cuda", "cupy", "date", "device", "driver", "lrn.cu"}


def needs_gpu(cell: Cell) -> bool:
    return cell.cell_type == "code" and "gpu" in tags(cell)


def never_run(cell: Cell) -> bool:
    """Whether it waits for its first GPU; without one, any other cell must have been run."""
    return needs_gpu(cell) and cell.execution_count is None and not cell.outputs


def digest(notebook: Notebook) -> str:
    """Of all code that a GPU has run, so that an output cannot outlive the code it is from."""
    run = (cell.source for cell in notebook.cells if needs_gpu(cell) and not never_run(cell))
    return hashlib.sha256("\0".join(run).encode()).hexdigest()


def without_note(text: str) -> str:
    """A text without the note that the cell before it has never been run."""
    first, _, rest = text.partition("\n")
    return rest.lstrip("\n") if first == NOT_RUN else text


def executed_in_order(notebook: Notebook) -> Iterator[Problem]:
    expected = 1
    for number, cell in enumerate(code_cells(notebook)):
        if never_run(cell):
            continue
        if cell.execution_count != expected:
            yield number, f"execution count {cell.execution_count}, expected {expected}"
        expected += 1


def gpu_cells(notebook: Notebook) -> Iterator[Problem]:
    number = 0
    for cell, after in itertools.pairwise([*notebook.cells, nbformat.v4.new_markdown_cell()]):
        noted = after.source.partition("\n")[0] == NOT_RUN
        if never_run(cell) and not noted:
            yield number, f"never run, and the text after it does not begin with {NOT_RUN}"
        if noted and not never_run(cell):
            yield number, f"before {NOT_RUN}, which is not so"
        number += cell.cell_type == "code"
    yield from _provenance(notebook)


def _provenance(notebook: Notebook) -> Iterator[Problem]:
    found = notebook.metadata.get("lrnlib", {}).get("gpu")
    run = any(needs_gpu(cell) and not never_run(cell) for cell in notebook.cells)
    if run and set(found or {}) != RECORDED:
        yield None, f"a GPU has run cells; the metadata lrnlib.gpu must have {sorted(RECORDED)}"
    elif run and found["cells"] != digest(notebook):
        yield None, "cells have changed since a GPU ran them; run them on one, or clear them"
    elif found and not run:
        yield None, "the metadata lrnlib.gpu record a run of no cell"
