"""Run nbval over notebooks as `make test` does, in a process of its own."""

import os
import re
import shutil
import subprocess
import sys

from tools.repository import ROOT


def report(folder, *options):
    """What pytest prints for the notebooks in the folder."""
    shutil.copy(ROOT / "conftest.py", folder)
    command = [
        sys.executable, "-m", "pytest", "--nbval", "-v",
        "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
        "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", *options, str(folder),
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8"
    ).stdout


def outcomes(text):
    """PASSED, FAILED or SKIPPED of each cell in a report."""
    return re.findall(r"::ipynb::Cell \d+ (PASSED|FAILED|SKIPPED)", text)
