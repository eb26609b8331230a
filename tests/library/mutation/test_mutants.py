"""The lists of mutants fit the library; `make mutants` shows that the tests find each."""

import ast
import re
from pathlib import Path

import pytest

from tests.library.mutation.mutants import LISTS, ROOT, Mutant, digest, mutants_of

NUMPY, NUMBA, CUPY = LISTS
ALL = [mutant for backend in LISTS for mutant in mutants_of(backend)]


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant):
    """Its text is there exactly once, and what it becomes is Python, or CUDA."""
    text = mutant.text()
    if mutant.file.endswith(".py"):
        ast.parse(text)


@pytest.mark.parametrize("old", ["", "no such text", "import"])
def test_a_text_that_is_not_there_once_is_refused(old):
    """A mutant that would change nothing, or more than it says, is an error."""
    with pytest.raises(ValueError, match=r"^its name: not exactly once in _layout\.py"):
        Mutant("_layout.py", "its name", old, "new").text()


@pytest.mark.parametrize("backend", LISTS)
def test_a_list_is_complete(backend):
    """It has twelve mutants or more, each with its own name, and files and tests that are there."""
    names = [mutant.name for mutant in mutants_of(backend)]
    assert len(set(names)) == len(names) >= 12
    paths = [path.name for path in (ROOT / "lrnlib/backends").iterdir()] + [f"mutants_{backend}.py"]
    assert all(any(map(re.compile(p).search, paths)) for p in LISTS[backend].FILES.split("|"))
    tests = [name for name in LISTS[backend].SELECTION if name.startswith("tests/")]
    assert all((ROOT / name).is_file() for name in tests)


@pytest.mark.parametrize(
    ("file", "affected"),
    [
        ("lrnlib/backends/numpy_backend.py", [NUMPY, NUMBA, CUPY]),  # others may fall back on it
        ("lrnlib/backends/numba_backend.py", [NUMBA]),
        ("lrnlib/backends/lrn.cu", [CUPY]),
        ("lrnlib/_api.py", [NUMPY, NUMBA, CUPY]),
        ("lrnlib/book/figures/__init__.py", []),
        ("tests/backends_under_test.py", [NUMPY, NUMBA, CUPY]),
        ("tests/library/oracles/tolerance.py", [NUMPY, NUMBA, CUPY]),
        ("tests/library/fake_gpu/cuda.h", [NUMPY, NUMBA, CUPY]),
        ("tests/library/numerics/test_out.py", [NUMPY]),
        ("tests/library/mutation/mutants_numpy.py", [NUMPY]),
        ("tests/repo/test_address.py", []),
    ],
)
def test_a_change_changes_the_digest_of_the_backends_that_it_may_affect(
    monkeypatch, file, affected
):
    """So the mutants of these, and of no others, run again."""
    before, read = {name: digest(name) for name in LISTS}, Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda p: read(p) + b"\n" * (p == ROOT / file))
    assert [name for name in LISTS if digest(name) != before[name]] == affected
