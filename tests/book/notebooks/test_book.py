"""The book's notebooks keep the rules, and all are checked."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from tests.backends_under_test import GPU
from tests.book.notebooks import solutions
from tools.notebooks.notebooks import code_cells, needed, notebook_paths, text_cells
from tools.notebooks.optional_frameworks import required
from tools.notebooks.rules import problems
from tools.repository import ROOT

NOTEBOOKS = notebook_paths()
PLAIN = {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
PROGRAM = re.compile(r"^```python\n(import (?:numpy|cupy) as .*?)^```", re.M | re.S)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_keep_the_rules(path):
    assert problems(path) == []


def test_every_notebook_of_the_book_is_checked():
    """What _toc.yml publishes as a notebook is what the rules and nbval check."""
    pages = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    notebooks = {ROOT / f"{page}.ipynb" for page in pages} - {
        ROOT / f"{page}.ipynb" for page in pages if (ROOT / f"{page}.md").exists()
    }
    assert notebooks == set(NOTEBOOKS)


def test_the_makefile_knows_which_chapters_need_more():
    """`make peers` verifies them, and `make execute` runs them in the peers' environment."""
    needing = {path for path in NOTEBOOKS if required(nbformat.read(path, as_version=4))}
    (text,) = re.findall("grep -l '(.*)' ", (ROOT / "Makefile").read_text())
    assert {path for path in NOTEBOOKS if re.search(text, path.read_text("utf-8"))} == needing


@pytest.mark.parametrize(
    ("name", "programs"), [("cupy_backend", 1), ("gradient", 1), ("worked_example", 1)]
)
def test_programs_in_the_text_run(name, programs):
    """The one for CuPy runs on NumPy where there is no GPU; only the library's name differs."""
    notebook = nbformat.read(ROOT / f"chapters/{name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in text_cells(notebook))
    cells = [cell.source for cell in code_cells(notebook)]
    found = PROGRAM.findall(text)
    assert len(found) == programs
    # The chapter on CuPy has its program for a GPU in a cell.
    assert text.count("```python\nimport cupy") == (name != "cupy_backend")
    for program in found:
        assert "assert_allclose" in program
        runs_here = program if GPU else program.replace("import cupy as", "import numpy as")
        script = "\n".join([*solutions.needed_cells(cells, needed(program)), runs_here])
        subprocess.run([sys.executable, "-c", script], env={**os.environ, **PLAIN}, check=True)
