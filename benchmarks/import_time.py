"""How long `import lrnlib` takes beside `import numpy`."""

import subprocess
import sys

import numpy as np

from benchmarks.accuracy import round_significant
from tools.gpu import ROOT

CODE = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def import_times(rounds=31):
    """Milliseconds of the two imports, each in a fresh interpreter that is already running."""
    times = {"numpy": [], "lrnlib": []}  # NumPy's included in lrnlib's
    for turn in range(rounds + 1):
        for module in sorted(times, reverse=bool(turn % 2)):
            command = [sys.executable, "-c", CODE.format(module)]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            times[module].append(1000 * float(run.stdout))
    # The first round writes the bytecode.
    medians = {module: np.median(each[1:]) for module, each in times.items()}
    columns = {f"{module}_ms": median for module, median in medians.items()}
    columns["ratio"] = medians["lrnlib"] / medians["numpy"]
    return {"rounds": rounds} | {name: round_significant(v) for name, v in columns.items()}
