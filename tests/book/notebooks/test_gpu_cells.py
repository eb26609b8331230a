"""Cells that need a GPU: run and compared where there is one, and else left as they are."""

import os
import subprocess
import sys

import nbformat
import pytest

from tests.book.notebooks.test_nbval_comparison import nbval
from tools.notebooks.gpu_cells import NOT_RUN, RECORDED, digest
from tools.notebooks.notebooks import code_cells
from tools.repository import ROOT

# What takes CuPy's place here: without a GPU, or with one. It computes nothing.
STAND_IN = """
from types import SimpleNamespace

__version__ = "0"
is_available = lambda: {available}
cuda = SimpleNamespace(runtime=SimpleNamespace(
    driverGetVersion=lambda: 13010,
    getDeviceProperties=lambda device: {{"name": b"A GPU"}},
))
"""
# source, tags, the stored count and output
CELLS = [
    ("x = 1", [], 1, None),
    ("import cupy\nprint(cupy.is_available())", ["gpu"], None, None),
    ("print('same')", ["gpu"], 2, "same\n"),
    ("print('computed')", ["gpu"], 3, "stored\n"),
    ("1 / 0", ["gpu"], None, None),
    ("print(x)", [], 4, "1\n"),
]


@pytest.fixture
def chapter(tmp_path):
    """A notebook with the cells above, each but the last followed by a text."""
    made = nbformat.v4.new_notebook()
    for source, tags, count, stored in CELLS:
        outputs = [nbformat.v4.new_output("stream", text=stored)] if stored else []
        note = f"{NOT_RUN}\n\n" if count is None else ""
        made.cells += [
            nbformat.v4.new_code_cell(
                source, execution_count=count, outputs=outputs, metadata={"tags": tags}
            ),
            nbformat.v4.new_markdown_cell(f"{note}What to see."),
        ]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(made, path)
    return path


@pytest.fixture
def cupy(tmp_path, monkeypatch):
    """Let programs started from here find a CuPy that finds a GPU, or none."""

    def put(available):
        (tmp_path / "cupy.py").write_text(STAND_IN.format(available=available))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


def said_of_cells(folder):
    """The outcome of each cell in nbval's report, skipped cells left out; and the report."""
    report = nbval(folder, "-v")
    lines = [line for line in report.splitlines() if "::Cell " in line and "%]" in line]
    return [line.split("::Cell ")[1].split()[1] for line in lines], report


def test_without_a_gpu_each_cell_that_needs_one_is_skipped_with_the_reason(chapter, cupy):
    """All other cells are run and compared."""
    cupy(available=False)
    outcomes, report = said_of_cells(chapter.parent)
    assert outcomes == ["PASSED", *["SKIPPED"] * 4, "PASSED"]
    for number in (1, 2, 3, 4):
        assert f"Cell {number} needs a GPU: CuPy finds none" in report


def test_with_a_gpu_every_cell_is_run_and_compared(chapter, cupy):
    """One that was never run has nothing to be compared with, but may not raise."""
    cupy(available=True)
    outcomes, _ = said_of_cells(chapter.parent)
    assert outcomes == ["PASSED", "PASSED", "PASSED", "FAILED", "FAILED", "PASSED"]


def test_a_gpu_can_be_required(chapter, cupy, monkeypatch):
    """Then no cell is skipped: each that needs a GPU fails where there is none."""
    cupy(available=False)
    monkeypatch.setenv("LRNLIB_REQUIRE_GPU", "1")
    outcomes, report = said_of_cells(chapter.parent)
    assert outcomes == ["PASSED", *["FAILED"] * 4, "PASSED"]
    assert report.count("needs a GPU: CuPy finds none") >= 4


def execute(path):
    """Run tools/execute.py; return the notebook that it leaves."""
    command = [sys.executable, str(ROOT / "tools/execute.py"), str(path)]
    subprocess.run(command, check=True, env=os.environ.copy(), capture_output=True)
    return nbformat.read(path, as_version=4)


def test_without_a_gpu_what_is_stored_is_kept(chapter, cupy):
    """What has been run is counted anew, and what has not is left without a count."""
    cupy(available=False)
    cells = code_cells(execute(chapter))
    assert [cell.execution_count for cell in cells] == [1, None, 2, 3, None, 4]
    texts = ["".join(output.text for output in cell.outputs) for cell in cells]
    assert texts == ["", "", "same\n", "stored\n", "", "1\n"]


def test_with_a_gpu_every_cell_is_executed_and_the_gpu_recorded(chapter, cupy):
    """The text no longer says that no GPU has run a cell."""
    notebook = nbformat.read(chapter, as_version=4)
    notebook.cells[8].source = "x += 1"  # in the place of the cell that raises
    nbformat.write(notebook, chapter)
    cupy(available=True)
    done = execute(chapter)
    cells = code_cells(done)
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6]
    texts = ["".join(output.text for output in cell.outputs) for cell in cells]
    assert texts == ["", "True\n", "same\n", "computed\n", "", "2\n"]
    assert not any(NOT_RUN in cell.source for cell in done.cells)
    record = done.metadata.lrnlib.gpu
    assert set(record) == RECORDED
    assert (record.device, record.cuda, record.cells) == ("A GPU", "13.1", digest(done))


def test_without_a_gpu_the_record_of_one_is_kept(chapter, cupy):
    """The outputs that it vouches for are still there."""
    notebook = nbformat.read(chapter, as_version=4)
    notebook.metadata.lrnlib = {"gpu": {"device": "A GPU"}}
    nbformat.write(notebook, chapter)
    cupy(available=False)
    assert execute(chapter).metadata.lrnlib.gpu.device == "A GPU"


def test_the_chapter_says_whether_its_speed_was_measured():
    """It has not been as long as there is no record of a GPU, and no longer."""
    chapter = (ROOT / "chapters/cupy_backend.ipynb").read_text(encoding="utf-8")
    recorded = any((ROOT / "lrnlib/book/records").glob("gpu-*.json"))
    assert ("has not been measured yet" in chapter) != recorded
