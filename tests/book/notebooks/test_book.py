"""The book's notebooks keep the rules, and all are checked."""

import re

import nbformat
import pytest

from tests.backends_under_test import GPU
from tools.notebooks.notebooks import notebook_paths, text_cells
from tools.notebooks.optional_frameworks import required
from tools.notebooks.rules import problems
from tools.repository import ROOT

NOTEBOOKS = notebook_paths()
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
    ("name", "programs"), [("cupy_backend", 2), ("gradient", 1), ("worked_example", 1)]
)
def test_programs_in_the_text_run(name, programs):
    """The one for CuPy runs on NumPy where there is no GPU; only the library's name differs."""
    cells = text_cells(nbformat.read(ROOT / f"chapters/{name}.ipynb", as_version=4))
    text = "\n".join(cell.source for cell in cells)
    found = PROGRAM.findall(text)
    assert len(found) == programs
    assert text.count("```python\nimport cupy") == 1
    for program in found:
        assert "assert_allclose" in program
        exec(program if GPU else program.replace("import cupy as", "import numpy as"), {})
