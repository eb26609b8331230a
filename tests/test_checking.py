"""nbval as the book configures it: what it passes, and what it must not pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent

# source, stored output, computed output is stored output?
CELLS = {
    "number_same": ("print(0.0444444)", "0.0444444\n", True),
    "number_in_the_seventh_digit": ("print(0.1234567)", "0.1234561\n", True),
    "number_in_the_third_digit": ("print(0.0444444)", "0.0434444\n", False),
    "number_in_an_array": ("print([1.5, 0.0666])", "[1.5, 0.0676]\n", False),
    "number_shorter": ("print('[0.1        0.2]')", "[0.09999999 0.2]\n", True),
    "number_sign": ("print(-0.25)", "0.25\n", False),
    "number_count": ("print('1.0 2.0')", "1.0\n", False),
    "integer": ("print(100001)", "100002\n", False),
    "zero": ("print(1e-17)", "0.0\n", True),
    "not_a_number": ("print('nan')", "0.0\n", False),
    "text": ("print('window of 5 channels')", "window of 5 channel\n", False),
    "text_spaced": ("print('a  b')", "a b\n", False),
    "no_output": ("x = 1", "1\n", False),
    "more_output": ("print(1.5)", None, False),
    "stderr": ("import sys; print('log', file=sys.stderr)", None, True),
    "exception": ("1 / 0", None, False),
}


def notebook(source, stored):
    outputs = [nbformat.v4.new_output("stream", text=stored)] if stored else []
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)
    return nbformat.v4.new_notebook(cells=[cell])


def nbval(folder, *options):
    """Run nbval over a folder as `make test` does; return its report."""
    shutil.copy(ROOT / "conftest.py", folder)
    command = [
        sys.executable, "-m", "pytest", "--nbval", "-rA", "-p", "no:cacheprovider",
        "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", *options, str(folder),
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What nbval says of all the notebooks above."""
    folder = tmp_path_factory.mktemp("chapters")
    for name, (source, stored, _) in CELLS.items():
        nbformat.write(notebook(source, stored), folder / f"{name}.ipynb")
    return nbval(folder, "--numprocesses=2", "--dist=loadfile")


@pytest.mark.parametrize("name", CELLS)
def test_stored_outputs_are_compared(report, name):
    """A stored output passes only if its text is the same and its numbers are close."""
    (outcome,) = re.findall(rf"^(PASSED|FAILED) \S*\b{name}\.ipynb::Cell 0", report, re.M)
    assert outcome == ("PASSED" if CELLS[name][2] else "FAILED")


def test_a_slow_cell_is_stopped(tmp_path):
    """A cell that does not end fails at the timeout, and says so."""
    nbformat.write(notebook("import time\ntime.sleep(60)", None), tmp_path / "slow.ipynb")
    assert "Timeout of 1 seconds exceeded" in nbval(tmp_path, "--nbval-cell-timeout=1")
