"""How long `import lrnlib` takes beside `import numpy`, and the first call with Numba."""

import os
import subprocess
import sys
import tempfile

import numpy as np

from benchmarks.accuracy import round_significant
from tools.gpu import ROOT

TIMED = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
FIRST_CALL = """import numpy as np, lrnlib, numba
x = np.ones((2, 55, 55, 96), np.float32)
""" + TIMED.format("lrnlib.lrn(x, 2, 2.0, 0.4, 0.75, backend='numba')")


def seconds_of(code, **environment):
    """What the code prints, run in a fresh interpreter."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)


def import_times(rounds=31):
    """Milliseconds of the two imports, each in a fresh interpreter that is already running."""
    times = {"numpy": [], "lrnlib": []}  # NumPy's included in lrnlib's
    for turn in range(rounds + 1):
        for module in sorted(times, reverse=bool(turn % 2)):
            times[module].append(1000 * seconds_of(TIMED.format(f"import {module}")))
    # The first round writes the bytecode.
    medians = {module: np.median(each[1:]) for module, each in times.items()}
    columns = {f"{module}_ms": median for module, median in medians.items()}
    columns["ratio"] = medians["lrnlib"] / medians["numpy"]
    return {"rounds": rounds} | {name: round_significant(v) for name, v in columns.items()}


def first_call_times(rounds=3):
    """Seconds of the first call with Numba, which is imported before, and compiles anew."""
    times = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as empty:
            times.append(seconds_of(FIRST_CALL, NUMBA_CACHE_DIR=empty))
    return {"rounds": rounds, "seconds": round_significant(np.median(times))}
