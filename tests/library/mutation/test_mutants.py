"""The lists of mutants fit the library; `make mutants` shows that the tests find each."""

import ast

import pytest

from tests.backends_under_test import BACKENDS
from tests.library.mutation.mutants import FILES, ROOT, Mutant, applied, mutants_of

LISTS = [name for name in BACKENDS if (ROOT / f"tests/library/mutation/mutants_{name}.py").exists()]
ALL = [mutant for name in LISTS for mutant in mutants_of(name)]


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_mutant_applies(mutant):
    """Its text is there exactly once, and what it becomes is Python, or CUDA."""
    text = applied(mutant)
    if mutant.file.endswith(".py"):
        ast.parse(text)


@pytest.mark.parametrize("name", LISTS)
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
