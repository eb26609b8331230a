"""Run chapters top to bottom in a fresh kernel each and store their outputs.

`python -m tools.notebooks.execute chapters/formula.ipynb …`. A chapter that fails stays as it was.
Without a GPU, the cells that need one stay as they are.
"""

import itertools
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools import gpu
from tools.notebooks import versions
from tools.notebooks.gpu_cells import digest, needs_gpu, without_note
from tools.notebooks.notebooks import Notebook, code_cells

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}


def execute(path: Path) -> None:
    """Store new outputs and their versions in the notebook, and no other trace of the run."""
    notebook = nbformat.read(path, as_version=4)
    has_gpu = gpu.missing() is None
    started = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=300,
        skip_cells_with_tag="" if has_gpu else "gpu",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    executed = versions.record(notebook, time.perf_counter() - started)
    recorded = {**notebook.metadata.get("lrnlib", {}), "executed": executed}
    page = {key: value for key, value in notebook.metadata.items() if key == "myst"}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": LANGUAGE, "lrnlib": recorded, **page}
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    if has_gpu:
        record_gpu(notebook)
    number_executions(notebook)
    nbformat.write(notebook, path)


def record_gpu(notebook: Notebook) -> None:
    """Record the GPU in the metadata, and remove the notes that none has run a cell."""
    if any(map(needs_gpu, notebook.cells)):
        record = {**gpu.provenance(), "cells": digest(notebook)}
        notebook.metadata.setdefault("lrnlib", {})["gpu"] = record
    for cell, after in itertools.pairwise(notebook.cells):
        if needs_gpu(cell):
            after.source = without_note(after.source)


def number_executions(notebook: Notebook) -> None:
    """Number the cells that were run, now or before on a GPU, from 1 in the page's order."""
    run = (cell for cell in code_cells(notebook) if cell.execution_count is not None)
    for count, cell in enumerate(run, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        try:
            execute(Path(argument))
        except CellExecutionError as error:
            sys.exit(f"{argument}: {error}")
        print(argument)
