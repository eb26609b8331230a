"""Classic errors, one at a time, each of which the tests must find.

`make mutants`, or `python -m tests.library.mutation.mutants numpy` for one backend's alone.
Each mutant is the library with one text replaced; a fast part of the suite runs against a copy
of it. A mutant that passes, or whose text is not there exactly once, fails the run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tools.repository import ROOT

BACKENDS = ("numpy", "numba", "cupy")  # each has its list in mutants_<backend>.py
NEEDED = ("lrnlib", "tests", "tools", "pyproject.toml")
UNNEEDED = shutil.ignore_patterns("node_modules")  # 200 MB where `make spelling` has been
SECONDS = 300  # a mutant that runs longer, as one that never ends does, is found

# In this order: what finds most comes first.
FILES = (
    "gradient/test_reference.py",
    "forward/test_reference.py",
    "gradient/test_overflow.py",
    "forward/test_overflow.py",
    "forward/test_nan_propagation.py",
    "gradient/test_nan_propagation.py",
    "forward/test_out.py",
)


class Mutant(NamedTuple):
    """What is wrong in it, and which text of which file of lrnlib/ becomes which other."""

    name: str
    file: str
    old: str
    new: str


def mutants_of(backend):
    """The list of a backend, which begins with the library as it is."""
    return [
        Mutant(*row) for row in import_module(f"tests.library.mutation.mutants_{backend}").MUTANTS
    ]


def selection_of(backend):
    """What of the suite runs against a mutant: its list says it, or the files above."""
    everything = "-k", backend, *(f"tests/library/{name}" for name in FILES)
    return getattr(
        import_module(f"tests.library.mutation.mutants_{backend}"), "SELECTION", everything
    )


def applied(mutant, root=ROOT):
    """The text of the mutant's file with its error in it."""
    text = (root / "lrnlib" / mutant.file).read_text(encoding="utf-8")
    if text.count(mutant.old) != 1 or mutant.old == mutant.new:
        raise ValueError(f"{mutant.name}: not exactly once in {mutant.file}: {mutant.old!r}")
    return text.replace(mutant.old, mutant.new)


def run(backend, mutant):
    """Pytest's exit status and last words for one mutant, or for the library as it is."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in NEEDED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name, ignore=UNNEEDED)
            else:
                shutil.copy(ROOT / name, root / name)
        if mutant:
            (root / "lrnlib" / mutant.file).write_text(applied(mutant), encoding="utf-8")
        command = [
            sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider",
            "--hypothesis-profile=mutants", *selection_of(backend),
        ]  # fmt: skip
        variables = {"LRNLIB_NUM_THREADS": "2", "NUMBA_CACHE_DIR": str(root / "compiled")}
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env={**os.environ, **variables},
                capture_output=True,
                encoding="utf-8",
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return 1, f"not done after {SECONDS} seconds"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, (failed or done.stdout.splitlines() or [done.stderr])[-1][:100]


def verdict(backend, mutant):
    """Whether all is as it must be, and a line that says so. A crash, as a signal, is noticed."""
    begin = time.perf_counter()
    status, words = run(backend, mutant)
    said = {0: "survived", 1: "killed"}.get(status, "killed" if status < 0 else "broken")
    name = mutant.name if mutant else "the library as it is"
    took = f"{time.perf_counter() - begin:4.0f} s"
    return said == ("killed" if mutant else "survived"), f"{said:8} {took}  {name}: {words}"


def main(backends):
    """Run every mutant of these backends; return how many did not do what they must."""
    todo = [(backend, mutant) for backend in backends for mutant in [None, *mutants_of(backend)]]
    for _, mutant in todo:
        if mutant:
            applied(mutant)  # a list that does not apply is found before the work
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    wrong = 0
    with ThreadPoolExecutor(cores) as pool:
        for good, line in pool.map(lambda pair: verdict(*pair), todo):
            wrong += not good
            print("   " if good else "BAD", line, flush=True)
    print(f"{len(todo) - len(backends)} mutants, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    chosen = [
        name for name in BACKENDS if (ROOT / f"tests/library/mutation/mutants_{name}.py").exists()
    ]
    sys.exit(1 if main(sys.argv[1:] or chosen) else 0)
