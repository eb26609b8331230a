"""How long `import lrnlib` takes beside `import numpy`."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.accuracy import round_significant


def import_times(rounds=31):
    """Milliseconds of the two imports, each in a fresh interpreter that is already running."""
    times = {"numpy": [], "lrnlib": []}
    for turn in range(rounds + 1):
        for module in sorted(times, reverse=bool(turn % 2)):
            times[module].append(_import_time(module))
    # The first round writes the bytecode.
    medians = {module: np.median(seconds[1:]) for module, seconds in times.items()}
    return {
        "rounds": rounds,
        **{f"{module}_ms": round_significant(1000 * median) for module, median in medians.items()},
        "ratio": round_significant(medians["lrnlib"] / medians["numpy"]),
    }


def _import_time(module):
    """Seconds of one import, NumPy's included in lrnlib's."""
    code = (
        "import time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout)
