"""Cells that need a GPU: run and compared where there is one, left as they are elsewhere."""

import subprocess
import sys

import nbformat
import pytest

from tests.book.notebooks import run_nbval
from tools.notebooks.gpu_cells import NOT_RUN, RECORDED, digest
from tools.notebooks.notebooks import code_cells
from tools.repository import ROOT

# A module `cupy` that finds a GPU, or none. It computes nothing.
FAKE_CUPY = """
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
    """Let subprocesses import a CuPy that finds a GPU, or none."""

    def install(available):
        (tmp_path / "cupy.py").write_text(FAKE_CUPY.format(available=available))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return install


def outcomes(report):
    return list(run_nbval.outcomes(report).values())


def test_without_a_gpu_each_cell_that_needs_one_is_skipped_with_the_reason(chapter, cupy):
    """All other cells are run and compared."""
    cupy(available=False)
    report = run_nbval.report(chapter.parent)
    assert outcomes(report) == ["PASSED", *["SKIPPED"] * 4, "PASSED"]
    for number in (1, 2, 3, 4):
        assert f"Cell {number} needs a GPU: CuPy finds none" in report


def test_with_a_gpu_every_cell_is_run_and_compared(chapter, cupy):
    """A cell that was never run has no stored output, but may not raise."""
    cupy(available=True)
    found = outcomes(run_nbval.report(chapter.parent))
    assert found == ["PASSED", "PASSED", "PASSED", "FAILED", "FAILED", "PASSED"]


def test_a_gpu_can_be_required(chapter, cupy, monkeypatch):
    """Then each cell that needs a GPU fails where there is none."""
    cupy(available=False)
    monkeypatch.setenv("LRNLIB_REQUIRE_GPU", "1")
    report = run_nbval.report(chapter.parent)
    assert outcomes(report) == ["PASSED", *["FAILED"] * 4, "PASSED"]
    assert report.count("needs a GPU: CuPy finds none") >= 4


def execute(path):
    """Execute the notebook as `make execute` does, and read it again."""
    command = [sys.executable, "-m", "tools.notebooks.execute", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return nbformat.read(path, as_version=4)


def test_without_a_gpu_stored_outputs_are_kept(chapter, cupy):
    """Cells with outputs are numbered again; a cell that was never run gets no number."""
    cupy(available=False)
    cells = code_cells(execute(chapter))
    assert [cell.execution_count for cell in cells] == [1, None, 2, 3, None, 4]
    texts = ["".join(output.text for output in cell.outputs) for cell in cells]
    assert texts == ["", "", "same\n", "stored\n", "", "1\n"]


def test_with_a_gpu_every_cell_is_executed_and_the_gpu_recorded(chapter, cupy):
    """The text no longer says that no GPU has run a cell."""
    notebook = nbformat.read(chapter, as_version=4)
    notebook.cells[8].source = "x += 1"  # instead of 1 / 0
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
    """The outputs from that GPU are still there."""
    notebook = nbformat.read(chapter, as_version=4)
    notebook.metadata.lrnlib = {"gpu": {"device": "A GPU"}}
    nbformat.write(notebook, chapter)
    cupy(available=False)
    assert execute(chapter).metadata.lrnlib.gpu.device == "A GPU"


def test_the_chapter_says_whether_its_speed_was_measured():
    """It has not, if and only if there is no record from a GPU."""
    chapter = (ROOT / "chapters/cupy_backend.ipynb").read_text(encoding="utf-8")
    recorded = any((ROOT / "lrnlib/book/records").glob("gpu-*.json"))
    assert ("has not been measured yet" in chapter) != recorded
