"""The chapters' outputs were computed with the pinned versions, and a page shows them."""

import re

import nbformat
import pytest

from tools.notebooks import optional_frameworks, versions
from tools.notebooks.notebooks import notebook_paths
from tools.repository import ROOT


def pinned(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M))


@pytest.mark.parametrize("path", notebook_paths(), ids=lambda path: path.stem)
def test_a_chapter_shows_outputs_of_the_versions_that_are_pinned(path):
    """After `make lock`, the chapters of a library that moved must be executed again."""
    needs_peers = optional_frameworks.required(nbformat.read(path, as_version=4))
    expected = pinned("requirements-peers.txt" if needs_peers else "requirements.txt")
    found = dict(versions.recorded(path)["versions"])
    assert found.pop("lrnlib") == re.search(
        r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M
    ).group(1)
    assert found.pop("python")
    found = {name: version.partition("+")[0] for name, version in found.items()}
    assert found == {name: expected.get(name) for name in found}


def test_the_record_names_what_a_chapter_imports():
    """Also a library that lrnlib imports as a backend; no module of Python itself."""
    sources = ("import os.path, matplotlib.pyplot as plt", 'backend = "numba"')
    cells = map(nbformat.v4.new_code_cell, sources)
    record = versions.record(nbformat.v4.new_notebook(cells=[*cells]), 76.6)
    assert set(record["versions"]) == {"python", "lrnlib", "numpy", "matplotlib", "numba"}
    assert record["seconds"] == 77


def test_a_chapter_without_a_record_is_named(tmp_path):
    """The build stops instead of publishing a page without it."""
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "a.ipynb")
    with pytest.raises(ValueError, match=r"a\.ipynb .* make execute"):
        versions.recorded(tmp_path / "a.ipynb")


def test_tables_group_equal_versions():
    """A version that all chapters share has one line; others name their chapters."""
    one = {"date": "2026-01-02", "seconds": 5, "system": "Linux", "versions": {"numpy": "2.0"}}
    other = {**one, "seconds": 65, "versions": {"numpy": "2.0", "torch": "2.13"}}
    text = versions.tables({"intro": one, "chapters/b": other})
    assert "| [](/intro.ipynb) | 2026-01-02, Linux | 5 s |" in text
    assert "| 1 min 5 s |" in text
    assert "| numpy | 2.0 | all |" in text
    assert "| torch | 2.13 | [](/chapters/b.ipynb) |" in text
