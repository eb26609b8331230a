"""Classic errors, one at a time, each of which the tests must find.

`make mutants`, or `python -m tests.library.mutation.mutants numpy` for one backend's alone.
Each mutant is the library with one text replaced; a fast part of the suite runs against a copy
of it. A mutant that passes, or whose text is not there exactly once, fails the run.

killers.json records for each backend the test that killed each mutant, which runs first the next
time, and the digest of the sources that decide the outcome. With --changed, as in CI, a backend
is left out if its digest is the recorded one: these very files have killed all its mutants. Git
could not tell: CI may see a shallow clone, or several commits at once, with no commit to compare
with. Commit killers.json after `make mutants`; if it is missing or out of date, the mutants run.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tools.repository import ROOT

BACKENDS = ("numpy", "numba", "cupy")  # each has its list in mutants_<backend>.py
NEEDED = ("lrnlib", "tests", "tools", "pyproject.toml")
UNNEEDED = shutil.ignore_patterns("node_modules", "__pycache__")
KERNELS = "_build/kernels"  # compiled for the host; each name holds the digest of its source
SECONDS = 300  # a mutant that runs longer, as one that never ends does, is killed
RECORD = Path(__file__).with_name("killers.json")

# In this order: what finds most comes first.
FILES = (
    "numerics/test_reference.py",
    "numerics/test_overflow.py",
    "numerics/test_nan_propagation.py",
    "numerics/test_out.py",
)

# Any file below lrnlib/ or tests/ decides the outcome for every backend, but for these.
IRRELEVANT = ("lrnlib/book/*", "lrnlib/conformance/*", "tests/[!l]*/*", "*/killers.json")
OWNED = {
    "numpy": ("*/mutants_numpy.py",),
    "numba": ("*numba*",),
    "cupy": ("*cupy*", "*/lrn.cu", "*/_launch_config.py", "*/test_cuda_kernels.py"),
}


class Mutant(NamedTuple):
    """What is wrong in it, and which text of which file of lrnlib/ becomes which other."""

    name: str
    file: str
    old: str
    new: str


def mutants_of(backend):
    """The list of a backend, without the library as it is."""
    return [
        Mutant(*row) for row in import_module(f"tests.library.mutation.mutants_{backend}").MUTANTS
    ]


def selection_of(backend):
    """The tests that run against a mutant: those of its list, or the files above."""
    everything = "-k", backend, *(f"tests/library/{name}" for name in FILES)
    return getattr(
        import_module(f"tests.library.mutation.mutants_{backend}"), "SELECTION", everything
    )


def digest(backend, root=ROOT):
    """A digest of all sources and tests that decide whether the backend's mutants are killed."""
    left_out = IRRELEVANT + sum((OWNED[name] for name in OWNED if name != backend), ())
    found = hashlib.sha256()
    for path in sorted(p for top in ("lrnlib", "tests") for p in (root / top).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in (".py", ".cu", ".h") and not any(fnmatchcase(name, p) for p in left_out):
            found.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def applied(mutant, root=ROOT):
    """The text of the mutant's file with its error in it."""
    text = (root / "lrnlib" / mutant.file).read_text(encoding="utf-8")
    if text.count(mutant.old) != 1 or mutant.old == mutant.new:
        raise ValueError(f"{mutant.name}: not exactly once in {mutant.file}: {mutant.old!r}")
    return text.replace(mutant.old, mutant.new)


def copy_with(mutant, root):
    """Put the library with its tests into a folder, with a mutant's error or as it is."""
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=UNNEEDED)
        else:
            shutil.copy(ROOT / name, root / name)
    if mutant:
        (root / "lrnlib" / mutant.file).write_text(applied(mutant), encoding="utf-8")
    (ROOT / KERNELS).mkdir(parents=True, exist_ok=True)
    (root / KERNELS).parent.mkdir()
    (root / KERNELS).symlink_to(ROOT / KERNELS)


def pytest(root, backend, tests):
    """Pytest's exit status, and its lines, for some tests of one backend in a copy."""
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider",
        "--hypothesis-profile=mutants", *tests,
    ]  # fmt: skip
    variables = {
        "LRNLIB_NUM_THREADS": "2",
        "LRNLIB_TEST_BACKENDS": backend,
        "NUMBA_CACHE_DIR": str(root / "compiled"),
    }
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
        return 1, [f"not done after {SECONDS} seconds"]
    return done.returncode, done.stdout.splitlines() or [done.stderr]


def run(backend, mutant, killer=None):
    """Pytest's exit status and lines; the test that killed the mutant the last time runs first."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_with(mutant, root)
        selection = selection_of(backend)
        if killer and killer.partition("::")[0] in selection:  # else nobody knows that it can pass
            status, lines = pytest(root, backend, [killer])
            if status == 1 or status < 0:
                return status, lines
        return pytest(root, backend, selection)


class Verdict(NamedTuple):
    """Whether all is as it must be, the test that failed if one did, and a line that says so."""

    good: bool
    killer: str
    line: str


def verdict(backend, mutant, killer=None):
    """Run one mutant, or the library as it is, and judge. A crash, as by a signal, kills too."""
    begin = time.perf_counter()
    status, lines = run(backend, mutant, killer)
    outcome = {0: "survived", 1: "killed"}.get(status, "killed" if status < 0 else "broken")
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    took = f"{time.perf_counter() - begin:4.0f} s"
    name = mutant.name if mutant else "the library as it is"
    return Verdict(
        outcome == ("killed" if mutant else "survived"),
        failed[-1].partition(" ")[2].partition(" - ")[0] if failed else "",
        f"{outcome:8} {took}  {name}: {(failed or lines)[-1][:100]}",
    )


def run_all(backend, record, pool):
    """Run every mutant of a backend; return how many did not do what they must, and a record."""
    begin, killers = digest(backend), record.get(backend, {}).get("killers", {})
    todo = [None, *mutants_of(backend)]
    for mutant in filter(None, todo):
        applied(mutant)  # a list that does not apply is found before the work
    found, wrong = {}, 0

    def judge(mutant):
        return verdict(backend, mutant, mutant and killers.get(mutant.name))

    for mutant, (good, killer, line) in zip(todo, pool.map(judge, todo), strict=True):
        wrong += not good
        if mutant and killer:
            found[mutant.name] = killer
        print("   " if good else "BAD", line, flush=True)
    print(f"{backend}: {len(todo) - 1} mutants, {wrong} wrong", flush=True)
    return wrong, {"digest": "" if wrong else begin, "killers": found}


def main(backends, changed=False):
    """Run the mutants of these backends, and record the outcome; return how many were wrong."""
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    total = 0
    with ThreadPoolExecutor(cores) as pool:
        for backend in backends:
            if changed and record.get(backend, {}).get("digest") == digest(backend):
                print(f"{backend}: nothing has changed since all its mutants were killed")
                continue
            wrong, record[backend] = run_all(backend, record, pool)
            total += wrong
    if not changed:  # CI leaves the checkout as it is
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("backends", nargs="*", metavar="backend", help=", ".join(BACKENDS))
    parser.add_argument("--changed", action="store_true", help="only those that have changed")
    arguments = parser.parse_args()
    sys.exit(1 if main(arguments.backends or BACKENDS, arguments.changed) else 0)
