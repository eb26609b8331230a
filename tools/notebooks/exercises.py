"""The rule for exercises: each can be done first, and none spoils or disturbs another."""

import re
from collections.abc import Iterator

from tools.notebooks.notebooks import (
    FOLDED,
    PROGRAM,
    Cell,
    Notebook,
    Problem,
    bound,
    code_cells,
    heading_at,
    needed,
    tags,
    texts,
)

COUNT = range(3, 6)  # how many a chapter may have
NUMBER = re.compile(r"^\*\*(\d+)\.\*\*", re.M)
RIGHT = re.compile(r"^Right\.", re.M)
SOLUTION = re.compile(r"<details>\n<summary>Solution</summary>\n.*\n</details>", re.S)
IMPORT = "from lrnlib.book import exercises"


def parts(notebook: Notebook) -> list[list[Cell]]:
    """The cells of each exercise, the first of which has the question."""
    section = notebook.cells[heading_at(notebook, "Exercises") : heading_at(notebook, "Go deeper")]
    found = list[list[Cell]]()
    for cell in section:
        if cell.cell_type == "markdown" and NUMBER.search(cell.source):
            found.append([])
        if found:
            found[-1].append(cell)
    return found


def exercises(notebook: Notebook) -> Iterator[Problem]:
    """Each is a question with a folded hint, a stub that calls its check, a folded solution."""
    found, cells = parts(notebook), code_cells(notebook)
    numbers = {id(cell): number for number, cell in enumerate(cells)}
    if len(found) not in COUNT:
        yield None, f"write {min(COUNT)} to {max(COUNT)} exercises, not {len(found)}"
    stubs = {id(part[1]) for part in found if len(part) > 1}
    taken = {name for cell in cells if id(cell) not in stubs for name in bound(cell.source)}
    for number, part in enumerate(found, start=1):
        yield from ((None, f"exercise {number}: {what}") for what in _text_problems(number, part))
        if [cell.cell_type for cell in part] == ["markdown", "code", "markdown"]:
            _, stub, solution = part
            yield from ((numbers[id(stub)], what) for what in _stub_problems(stub))
            names = {name for each in (stub.source, *PROGRAM.findall(solution.source))
                     for name in bound(each)} - {"exercises"}  # fmt: skip
            for name in sorted(names & taken):
                yield numbers[id(stub)], f"rename {name} here or in the solution: it is in use"
            taken |= names


def _text_problems(number: int, part: list[Cell]) -> Iterator[str]:
    if [cell.cell_type for cell in part] != ["markdown", "code", "markdown"]:
        yield "write three cells: the question, its stub, and the solution as text"
        return
    question, _, solution = (cell.source for cell in part)
    if NUMBER.findall(question) != [str(number)]:
        yield f"begin the question with **{number}.**, in a cell of its own"
    if "<summary>Hint</summary>" not in question:
        yield "add a folded hint"
    if not SOLUTION.fullmatch(solution) or len(PROGRAM.findall(solution)) != 1:
        yield "fold the solution, with one program: <details>, Solution, ```python, </details>"


def _stub_problems(stub: Cell) -> Iterator[str]:
    if tags(stub) or set(FOLDED) & set(stub.metadata):
        yield "unfold the stub"
    if IMPORT not in stub.source or not re.search(r"^exercises\.\w+\(", stub.source, re.M):
        yield f"let the stub begin with {IMPORT!r} and call its check"
    if RIGHT.search(texts(stub)):
        yield "leave the answer to the reader: the stub is right already"
    for name in sorted(needed(stub.source)):
        yield f"import or define {name} in the stub, so that it can be run first"
