"""The lists of mutants fit the library; `make mutants` shows that the tests find each."""

import ast
import fnmatch
import shutil

import pytest

from tests.library.mutation.mutants import (
    BACKENDS,
    FILES,
    OWNED,
    ROOT,
    Mutant,
    applied,
    digest,
    mutants_of,
)

ALL = [mutant for name in BACKENDS for mutant in mutants_of(name)]


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant):
    """Its text is there exactly once, and what it becomes is Python, or CUDA."""
    text = applied(mutant)
    if mutant.file.endswith(".py"):
        ast.parse(text)


@pytest.mark.parametrize("name", BACKENDS)
def test_there_are_enough(name):
    """Each backend has twelve mutants or more, each with a name of its own."""
    names = [mutant.name for mutant in mutants_of(name)]
    assert len(set(names)) == len(names) >= 12


@pytest.mark.parametrize("old", ["", "no such text", "import"])
def test_a_text_that_is_not_there_once_is_refused(old):
    """A mutant that would change nothing, or more than it says, is an error."""
    with pytest.raises(ValueError, match=r"^its name: not exactly once in _layout\.py"):
        applied(Mutant("its name", "_layout.py", old, "new"))


def test_the_files_exist():
    """Each file that the mutants run against is there."""
    assert [name for name in FILES if not (ROOT / "tests/library" / name).is_file()] == []


@pytest.mark.parametrize(
    ("file", "affected"),
    [
        ("lrnlib/backends/numpy_backend.py", BACKENDS),  # others may fall back on it
        ("lrnlib/backends/numba_backend.py", ["numba"]),
        ("lrnlib/backends/lrn.cu", ["cupy"]),
        ("lrnlib/_api.py", BACKENDS),
        ("lrnlib/book/figures.py", []),
        ("tests/backends_under_test.py", BACKENDS),
        ("tests/library/oracles/tolerance.py", BACKENDS),
        ("tests/library/mutation/mutants_numpy.py", ["numpy"]),
        ("tests/repo/test_address.py", []),
    ],
)
def test_a_change_changes_the_digest_of_the_backends_that_it_may_affect(tmp_path, file, affected):
    """So the mutants of these, and of no others, run again."""
    for name in ("lrnlib", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert [digest(name, tmp_path) for name in BACKENDS] == [digest(name) for name in BACKENDS]
    with (tmp_path / file).open("a") as stream:
        stream.write("\n")
    assert [name for name in BACKENDS if digest(name, tmp_path) != digest(name)] == list(affected)


@pytest.mark.parametrize("pattern", [pattern for owned in OWNED.values() for pattern in owned])
def test_what_only_one_backend_needs_is_there(pattern):
    """A renamed file cannot leave its pattern behind."""
    names = [p.relative_to(ROOT).as_posix() for p in (ROOT / "lrnlib").rglob("*.*")]
    names += [p.relative_to(ROOT).as_posix() for p in (ROOT / "tests").rglob("*.py")]
    assert fnmatch.filter(names, pattern)
