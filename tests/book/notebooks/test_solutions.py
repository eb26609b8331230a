"""The solution of every exercise is right: its program runs after its stub, in its chapter."""

import nbformat
import pytest

from tests.book.notebooks import solutions
from tests.book.notebooks.sample_chapter import code, sample_chapter
from tools.notebooks.notebooks import notebook_paths
from tools.notebooks.optional_frameworks import missing

CHAPTERS = [path for path in notebook_paths() if not missing(nbformat.read(path, as_version=4))]


@pytest.fixture(scope="module")
def verdicts():
    """What the checks say, by the path of the chapter."""
    return solutions.verdicts(CHAPTERS)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_each_solution_is_right(verdicts, path):
    found = verdicts[str(path)]
    assert [each for each in found if not each.startswith("Right.")] == []
    assert found or path.stem == "intro"


def test_a_program_runs_with_what_it_needs_of_its_chapter(tmp_path):
    """The cells that bind a name, and what these need; no other cell is run."""
    chapter = sample_chapter()
    chapter.cells[3:6] = [
        code("y = 1", 2), code("def f():\n    return y", 3), code("1 / 0", 4),
        code("y = 2", 5), code("z = f()", 6),
    ]  # fmt: skip
    for cell in chapter.cells:
        cell.source = cell.source.replace("exercises.reason(answer_1)", "(answer_1, z)")
    del chapter.cells[-7:]
    path = tmp_path / "a.ipynb"
    nbformat.write(chapter, path)
    assert solutions.verdicts([path]) == {str(path): ["(42, 2)"]}
