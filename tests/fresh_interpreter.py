"""Run code in a new interpreter, to see what it imports."""

import os
import subprocess
import sys

from tools.repository import ROOT

HEAVY = (
    "tensorflow", "keras", "jax", "torch", "matplotlib", "cupy", "numba", "dask", "scipy", "pandas",
)  # fmt: skip


def heavy_after(code, *folders):
    """Return the heavy libraries that a new interpreter imports when it runs `code`."""
    show = f"import sys; print(*(set({HEAVY!r}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{show}"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (*folders, ROOT))),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())
