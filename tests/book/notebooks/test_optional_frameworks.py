"""Chapters that need other frameworks: skipped by name where one is missing, or failed."""

import re

import nbformat
import pytest

from tests.book.notebooks import run_nbval
from tools.notebooks.optional_frameworks import OPTIONAL
from tools.repository import ROOT

PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.M)


@pytest.fixture
def chapter(tmp_path):
    """A notebook that needs two packages, one of which does not exist."""
    made = nbformat.v4.new_notebook()
    requires = ["nbformat", "there_is_no_such_framework"]
    made.metadata.lrnlib = nbformat.from_dict({"requires": requires})
    made.cells = [nbformat.v4.new_code_cell("x = 1", execution_count=1) for _ in range(2)]
    nbformat.write(made, tmp_path / "chapter.ipynb")
    return tmp_path


def run(folder):
    """The report, and the outcomes of the two cells."""
    report = run_nbval.report(folder)
    return report, list(run_nbval.outcomes(report).values())


def test_a_chapter_is_skipped_by_name_with_what_it_lacks(chapter):
    """No cell of it is run, and the report says why."""
    report, outcomes = run(chapter)
    assert outcomes == ["SKIPPED", "SKIPPED"]
    assert "chapter.ipynb needs there_is_no_such_framework (make peers)" in report


def test_what_a_chapter_needs_can_be_required(chapter, monkeypatch):
    """Then the chapter fails if a framework is missing."""
    monkeypatch.setenv("LRNLIB_REQUIRE_PEERS", "1")
    report, outcomes = run(chapter)
    assert outcomes == ["FAILED", "FAILED"]
    assert "needs there_is_no_such_framework" in report


def test_a_chapter_with_all_its_frameworks_is_run(chapter):
    """Here, a chapter that needs nbformat alone."""
    notebook = nbformat.read(chapter / "chapter.ipynb", as_version=4)
    notebook.metadata.lrnlib.requires.pop()
    nbformat.write(notebook, chapter / "chapter.ipynb")
    assert run(chapter)[1] == ["PASSED", "PASSED"]


def test_the_two_environments_agree():
    """What both pin has one version; what only the peers pin is in OPTIONAL."""
    pins = [
        {name.replace("_", "-"): version for name, version in PIN.findall((ROOT / f).read_text())}
        for f in ("requirements.txt", "requirements-peers.txt")
    ]
    book, peers = pins
    assert {name: book[name] for name in peers if name in book} == {
        name: version for name, version in peers.items() if name in book
    }
    assert set(peers) - set(book) == OPTIONAL
