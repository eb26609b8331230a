"""What is not a time of a call: memory, accuracy, and the time of an import."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.cases import inputs
from benchmarks.checking import at, exact_forward, expected, largest_error
from benchmarks.timing import short
from benchmarks.worker import SubjectError, Worker

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20


def memory_row(case, name, subject):
    """The temporaries of a subject's first large call, in a process of its own."""
    row = case.parameters() | {"subject": name, "input_mib": short(case.bytes_result / MIB)}
    worker = Worker(subject)
    try:
        worker.ask("start")
        resident, allocated = worker.ask("memory", case)
    except SubjectError as refusal:
        return row | {"status": "left out", "reason": str(refusal)}
    finally:
        worker.close()
    row |= {"status": "measured", "resident_mib": round(resident / MIB, 2)}
    # Python sees what NumPy allocates, and nothing of what other libraries do.
    return row | ({"allocated_mib": round(allocated / MIB, 2)} if name.startswith("numpy") else {})


def exact(case):
    """The exact results, by a formula that agrees with `lrnlib.reference` on some pixels."""
    x, _ = inputs(case)
    y = exact_forward(x, case)
    pixels = [(0,) * (x.ndim - 1), tuple(size - 1 for size in x.shape[:-1])]
    some = np.stack([y[pixel] for pixel in pixels])
    np.testing.assert_allclose(some, expected(case, *at(case, pixels))[0], rtol=1e-13)
    return y


def accuracy_rows(case, workers):
    """The largest error of each subject over all of a result whose pixels differ in size."""
    y, rows = exact(case), []
    for name, worker in workers.items():
        row = case.parameters() | {"subject": name, "values": case.elements}
        try:
            worker.ask("prepare", case)
            error = largest_error(worker.ask("result"), y, y)
        except SubjectError as refusal:
            rows.append(row | {"status": "left out", "reason": str(refusal)})
            continue
        rows.append(row | {"status": "measured", "error_ulp": short(error)})
    return rows


def import_times(rounds=31):
    """Milliseconds of the two imports, each in a fresh interpreter that is already running."""
    times = {"numpy": [], "lrnlib": []}
    for turn in range(rounds + 1):
        for module in sorted(times, reverse=bool(turn % 2)):
            times[module].append(import_time(module))
    first, median = 1, {}  # the first round writes the bytecode
    for module, values in times.items():
        median[module] = np.median(values[first:])
    return {
        "rounds": rounds,
        **{f"{module}_ms": short(1000 * value) for module, value in median.items()},
        "ratio": short(median["lrnlib"] / median["numpy"]),
    }


def import_time(module):
    """Seconds of one import, NumPy's included in lrnlib's."""
    code = (
        "import time; start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(run.stdout)
