"""Cells that need a GPU: run and compared where there is one, left as they are elsewhere."""

import re
import subprocess
import sys

import nbformat
import pytest

from tests.book.notebooks import run_nbval
from tests.book.notebooks.sample_chapter import code, markdown, printed
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
    """A notebook with the cells above and the record of a GPU; a text follows each cell."""
    made = nbformat.v4.new_notebook(metadata={"lrnlib": {"gpu": {"device": "Another GPU"}}})
    for source, tags, count, stored in CELLS:
        note = f"{NOT_RUN}\n\n" if count is None else ""
        outputs = [printed(stored)] if stored else []
        made.cells += [code(source, count, outputs, tags=tags), markdown(f"{note}What to see.")]
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


@pytest.mark.parametrize(
    ("available", "required", "expected"),
    [
        (False, "", ["PASSED", *["SKIPPED"] * 4, "PASSED"]),
        (False, "1", ["PASSED", *["FAILED"] * 4, "PASSED"]),
        (True, "", ["PASSED", "PASSED", "PASSED", "FAILED", "FAILED", "PASSED"]),
    ],
)
def test_cells_are_compared(chapter, cupy, monkeypatch, available, required, expected):
    """Without a GPU, each cell that needs one is skipped, or fails if one is required.

    A cell that was never run has no stored output, but may not raise.
    """
    cupy(available)
    monkeypatch.setenv("LRNLIB_REQUIRE_GPU", required)
    report = run_nbval.report(chapter.parent)
    assert run_nbval.outcomes(report) == expected
    reasons = set(re.findall(r"Cell (\d) needs a GPU: CuPy finds none", report))
    assert reasons == (set() if available else set("1234"))


def execute(path):
    """Execute the notebook as `make execute` does; return it, and its cells' counts and outputs."""
    command = [sys.executable, "-m", "tools.notebooks.execute", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    done = nbformat.read(path, as_version=4)
    return done, [
        (cell.execution_count, "".join(output.text for output in cell.outputs))
        for cell in code_cells(done)
    ]


def test_without_a_gpu_stored_outputs_are_kept(chapter, cupy):
    """And the record of their GPU. A cell that was never run gets no number."""
    cupy(available=False)
    done, cells = execute(chapter)
    assert cells == [(1, ""), (None, ""), (2, "same\n"), (3, "stored\n"), (None, ""), (4, "1\n")]
    assert done.metadata.lrnlib.gpu.device == "Another GPU"


def test_with_a_gpu_every_cell_is_executed_and_the_gpu_recorded(chapter, cupy):
    """The text no longer says that no GPU has run a cell."""
    chapter.write_text(chapter.read_text().replace("1 / 0", "x += 1"))
    cupy(available=True)
    done, cells = execute(chapter)
    outputs = ["", "True\n", "same\n", "computed\n", "", "2\n"]
    assert cells == list(enumerate(outputs, start=1))
    assert not any(NOT_RUN in cell.source for cell in done.cells)
    record = done.metadata.lrnlib.gpu
    assert set(record) == RECORDED
    assert (record.device, record.cuda, record.cells) == ("A GPU", "13.1", digest(done))


def test_the_chapter_says_whether_its_speed_was_measured():
    """It has not, if and only if there is no record from a GPU."""
    chapter = (ROOT / "chapters/cupy_backend.ipynb").read_text(encoding="utf-8")
    recorded = any((ROOT / "lrnlib/book/records").glob("gpu-*.json"))
    assert ("has not been measured yet" in chapter) != recorded
