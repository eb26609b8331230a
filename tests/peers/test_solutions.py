"""With all frameworks installed (`make peers`): the solutions of a chapter that needs them."""

import os

import nbformat
import pytest

from tests.book.notebooks import solutions
from tools.notebooks.notebooks import notebook_paths
from tools.notebooks.optional_frameworks import missing, required

NEEDING = {path: nbformat.read(path, as_version=4) for path in notebook_paths()}
NEEDING = {path: notebook for path, notebook in NEEDING.items() if required(notebook)}


@pytest.mark.parametrize("path", NEEDING, ids=lambda path: path.stem)
def test_each_solution_is_right(path):
    reason = missing(NEEDING[path])
    if reason and not os.environ.get("LRNLIB_REQUIRE_PEERS"):
        pytest.skip(reason)
    (found,) = solutions.verdicts([path]).values()
    assert found
    assert [each for each in found if not each.startswith("Right.")] == []
