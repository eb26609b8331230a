"""Chapters that need other frameworks: skipped by name where one is missing, or failed."""

import nbformat
import pytest

from tests.book.notebooks import run_nbval
from tests.book.notebooks.sample_chapter import code


@pytest.mark.parametrize(
    ("missing", "required", "expected"),
    [([], "", "PASSED"), (["no_framework"], "", "SKIPPED"), (["no_framework"], "1", "FAILED")],
)
def test_a_chapter_runs_where_its_frameworks_are(
    tmp_path, monkeypatch, missing, required, expected
):
    """Elsewhere all its cells are skipped, or fail if it is required; the report says why."""
    notebook = nbformat.v4.new_notebook(cells=[code("x = 1", 1), code("x = 1", 2)])
    notebook.metadata.lrnlib = nbformat.from_dict({"requires": ["nbformat", *missing]})
    nbformat.write(notebook, tmp_path / "chapter.ipynb")
    monkeypatch.setenv("LRNLIB_REQUIRE_PEERS", required)
    report = run_nbval.report(tmp_path)
    assert run_nbval.outcomes(report) == [expected, expected]
    assert ("chapter.ipynb needs no_framework (make peers)" in report) == bool(missing)
