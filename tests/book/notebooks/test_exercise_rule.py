"""What an exercise consists of, and what is said of one that lacks a part."""

import json

import pytest

from tests.book.notebooks.sample_chapter import code, printed, whole_chapter
from tools.notebooks.rules import FOLDED, problems


def without(part, at):
    """A break of a chapter: part of a cell's text is not there."""
    return lambda n: n.cells[at].update(source=n.cells[at].source.replace(part, ""))


MANY = "\n".join(f"**{number}.**" for number in range(2, 7))
STUB, SOLUTION = "not the stub of an exercise", "a solution that its check does not call right"
# where, what the rule says, what breaks it: cells 7 and 9 are a stub and its solution
OF_EXERCISES = [
    ("chapter", "1 exercises, at least 2, at most 5", without("**2.**", 10)),
    ("chapter", "6 exercises, at least 2", lambda n: n.cells[10].update(source=MANY)),
    ("chapter", "exercise 2 has no folded hint", without("<summary>Hint</summary>", 10)),
    ("chapter", "exercise 1 has no folded solution", without("<summary>Solution</summary>", 8)),
    ("chapter", "3 cells for 2 exercises", lambda n: n.cells.pop(9)),
    ("chapter", "5 cells for 2 exercises", lambda n: n.cells.insert(9, code("y = 1", 5))),
    ("Cell 3", STUB, lambda n: n.cells[7].metadata.update(FOLDED)),
    ("Cell 3", STUB, without("check.reason", 7)),
    ("Cell 3", STUB, lambda n: n.cells[7].outputs[0].update(text="True\nRight. So it is.\n")),
    ("Cell 4", "whose metadata are not", lambda n: n.cells[9].metadata.pop("cellView")),
    ("Cell 4", "whose metadata are not", lambda n: n.cells[9].metadata.pop("jupyter")),
    ("Cell 6", "whose metadata are not", lambda n: n.cells[13].metadata.update(tags=[])),
    ("Cell 4", SOLUTION, without("check.reason", 9)),
    ("Cell 4", SOLUTION, lambda n: n.cells[9].update(outputs=[printed("Not Right. No.\n")])),
]


@pytest.mark.parametrize(("where", "what", "change"), OF_EXERCISES)
def test_a_broken_exercise_is_told_apart(tmp_path, where, what, change):
    """The rule says which of an exercise's parts is missing, or is not what it should be."""
    chapter = whole_chapter()
    change(chapter)
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps(chapter), encoding="utf-8")
    assert any(f": {where}: exercises: " in line and what in line for line in problems(path))
