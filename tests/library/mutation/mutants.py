"""Classic errors, one at a time, each of which the tests must find.

`make mutants`, or `python -m tests.library.mutation.mutants numpy` for one backend's alone.
Each mutant is the library with one text replaced; a fast part of the suite runs against a copy
of it. A mutant that passes, or whose text is not there exactly once, fails the run.

killers.json records for each backend the test that killed each mutant, which runs first the next
time, and the digest of the files that decide the outcome. With --changed, as in CI, a backend is
left out if its digest is the recorded one: these very files have killed all its mutants. (Git
could not tell: CI may see a shallow clone, or several commits at once.) Commit killers.json after
`make mutants`; where it is missing or out of date, the mutants run.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.library.mutation import mutants_cupy, mutants_numba, mutants_numpy
from tools.repository import ROOT

LISTS = {"numpy": mutants_numpy, "numba": mutants_numba, "cupy": mutants_cupy}
SECONDS = 300  # a mutant that runs longer, as one that never ends does, is killed
RECORD = Path(__file__).with_name("killers.json")
KERNELS = "_build/kernels"  # compiled for the host; each name holds the digest of its source

# What decides the outcome, beside the tests that a backend's list selects, and what only has to be
# there. A copy holds nothing else, so what is forgotten here fails the run.
DECISIVE = (
    "lrnlib/*.py", "lrnlib/backends/*.*", "tests/*.py", "tests/library/**/__init__.py",
    "tests/library/oracles/*.py", "tests/library/fake_gpu/*.*", "tests/library/mutation/*.py",
)  # fmt: skip
PRESENT = "lrnlib/backends/lrn.cu", "lrnlib/book/**/*.*", "tools/*.py", "pyproject.toml"


class Mutant(NamedTuple):
    """What is wrong in it, and which text of which file of lrnlib/ becomes which other."""

    file: str
    name: str
    old: str
    new: str

    def text(self):
        """The text of the file with the error in it."""
        text = (ROOT / "lrnlib" / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.name}: not exactly once in {self.file}: {self.old!r}")
        return text.replace(self.old, self.new)


UNCHANGED = Mutant("__init__.py", "the library as it is", "", "")


def mutants_of(backend):
    lists = LISTS[backend].MUTANTS
    return [Mutant(file, *row) for file, rows in lists.items() for row in rows]


def files(*patterns):
    return {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}


def decisive(backend):
    """The files that decide whether the tests kill the backend's mutants."""
    others = "|".join(LISTS[name].FILES for name in LISTS if name != backend)
    tests = [name for name in LISTS[backend].SELECTION if name.endswith(".py")]
    found = files(*DECISIVE, *tests) - files("tests/library/mutation/test_*.py")
    return sorted(path for path in found if not re.search(others, path.name))


def digest(backend):
    """A digest of these files, and of their names."""
    found = hashlib.sha256()
    for path in decisive(backend):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return found.hexdigest()


def copy(backend, mutant, root):
    """Put the library with its tests into a folder, and the mutant's error into it."""
    for path in [*decisive(backend), *files(*PRESENT)]:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    if mutant is not UNCHANGED:
        (root / "lrnlib" / mutant.file).write_text(mutant.text(), encoding="utf-8")
    (ROOT / KERNELS).mkdir(parents=True, exist_ok=True)
    (root / "_build").mkdir()
    (root / KERNELS).symlink_to(ROOT / KERNELS)


def pytest(root, backend, *tests):
    """The outcome of some tests in a copy, and what pytest prints. A crash kills a mutant too."""
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider",
        "--hypothesis-profile=mutants", *tests,
    ]  # fmt: skip
    environment = os.environ | {
        "LRNLIB_NUM_THREADS": "2",
        "LRNLIB_TEST_BACKENDS": backend,
        "NUMBA_CACHE_DIR": str(root / "compiled"),
    }
    options = {"cwd": root, "env": environment, "capture_output": True, "encoding": "utf-8"}
    try:
        done = subprocess.run(command, timeout=SECONDS, **options)
    except subprocess.TimeoutExpired:
        return "killed", [f"not done after {SECONDS} seconds"]
    lines = (done.stdout or done.stderr or "no output").splitlines()
    if done.returncode > 1:  # neither passed nor failed
        return "broken", lines
    return "killed" if done.returncode else "survived", lines


def run(backend, mutant, killer):
    """Run a mutant, or the library as it is; return whether all is well, its name and killer.

    The test that killed it the last time runs first, if it is among those which the library passes.
    """
    begin, selection, outcome = time.perf_counter(), LISTS[backend].SELECTION, ""
    with tempfile.TemporaryDirectory() as folder:
        copy(backend, mutant, Path(folder))
        if killer.startswith(selection):
            outcome, lines = pytest(Path(folder), backend, killer)
        if outcome != "killed":
            outcome, lines = pytest(Path(folder), backend, *selection)
    good = outcome == ("survived" if mutant is UNCHANGED else "killed")
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    last, took = (failed or lines)[-1], f"{time.perf_counter() - begin:4.0f} s"
    print(f"{'   ' if good else 'BAD'} {outcome:8} {took}  {mutant.name}: {last[:100]}", flush=True)
    return good, mutant.name, last.partition(" ")[2].partition(" - ")[0] if failed else ""


def run_all(backend, killers):
    """Run the library as it is and every mutant; return how many were wrong, and the killers."""
    mutants = [UNCHANGED, *mutants_of(backend)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(cores) as pool:
        results = list(pool.map(lambda m: run(backend, m, killers.get(m.name, "")), mutants))
    wrong = sum(not good for good, *_ in results)
    print(f"{backend}: {len(mutants) - 1} mutants, {wrong} wrong", flush=True)
    return wrong, {name: killer for _, name, killer in results if killer}


def main(backends, changed=False):
    """Run the mutants of these backends, and record the outcome; return how many were wrong."""
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    total = 0
    for backend in backends:
        before, now = record.get(backend, {"digest": "", "killers": {}}), digest(backend)
        if changed and before["digest"] == now:
            print(f"{backend}: nothing has changed since all its mutants were killed")
            continue
        wrong, killers = run_all(backend, before["killers"])
        record[backend] = {"digest": "" if wrong else now, "killers": killers}
        total += wrong
    if not changed:  # CI leaves the checkout as it is
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("backends", nargs="*", metavar="backend", help=", ".join(LISTS))
    parser.add_argument("--changed", action="store_true", help="only those that have changed")
    arguments = parser.parse_args()
    sys.exit(bool(main(arguments.backends or LISTS, arguments.changed)))
