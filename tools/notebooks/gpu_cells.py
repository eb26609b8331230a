"""Cells that need a GPU have the tag `gpu`. Where there is none, their outputs stay as stored."""

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
    """Whether it needs a GPU and no GPU has run it; all other cells must have been run."""
    return needs_gpu(cell) and cell.execution_count is None and not cell.outputs


def digest(notebook: Notebook) -> str:
    """Of all code that a GPU has run: it shows whether the outputs belong to the code."""
    run = (cell.source for cell in notebook.cells if needs_gpu(cell) and not never_run(cell))
    return hashlib.sha256("\0".join(run).encode()).hexdigest()


def without_note(text: str) -> str:
    """The text without a NOT_RUN on its first line."""
    first, _, rest = text.partition("\n")
    return rest.lstrip("\n") if first == NOT_RUN else text


def executed_in_order(notebook: Notebook) -> Iterator[Problem]:
    expected = 1
    for number, cell in enumerate(code_cells(notebook)):
        if never_run(cell):
            continue
        if cell.execution_count != expected:
            yield number, f"execute anew: the count is {cell.execution_count}, not {expected}"
        expected += 1


def gpu_cells(notebook: Notebook) -> Iterator[Problem]:
    number = 0
    for cell, after in itertools.pairwise([*notebook.cells, nbformat.v4.new_markdown_cell()]):
        has_note = after.source.partition("\n")[0] == NOT_RUN
        if never_run(cell) and not has_note:
            yield number, f"begin the text after it with {NOT_RUN}"
        if has_note and not never_run(cell):
            yield number, f"remove {NOT_RUN} after it: it has been run"
        number += cell.cell_type == "code"
    yield from _provenance(notebook)


def _provenance(notebook: Notebook) -> Iterator[Problem]:
    record = notebook.metadata.get("lrnlib", {}).get("gpu")
    run = any(needs_gpu(cell) and not never_run(cell) for cell in notebook.cells)
    if run and set(record or {}) != RECORDED:
        yield None, f"record the GPU that ran cells: metadata lrnlib.gpu with {sorted(RECORDED)}"
    elif run and record["cells"] != digest(notebook):
        yield None, "run the GPU cells again, or clear them: they have changed since a GPU ran them"
    elif record and not run:
        yield None, "remove the metadata lrnlib.gpu: no cell has been run on a GPU"
