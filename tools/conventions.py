"""The rules that a chapter keeps, each with a name; a broken one is reported with its cell.

`python tools/conventions.py chapters/*.ipynb`. Cells are numbered as nbval numbers them:
code cells only, from 0.
"""

import ast
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

import lrnlib
from repository import address

Notebook = Cell = nbformat.NotebookNode
Problem = tuple[int | None, str]  # the code cell's number, or None for the whole chapter

LINES, LINES_OF_A_FUNCTION, MEDIAN_LINES, WIDTH, OUTPUT_LINES = 20, 30, 6, 80, 15
TAGS = {"hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"}
OPENING = ("# ", "**You will learn**", "**You need**", "**Time**")
CLOSING = ["Summary", "Exercises", "References"]
SETUP = """\
import sys

REPOSITORY = "https://github.com/{repository}"
if "google.colab" in sys.modules:
    !pip install --quiet --no-deps git+{{REPOSITORY}}"""


def code_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lines(cell: Cell) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def texts(cell: Cell) -> str:
    """Everything that the cell's outputs say in words."""
    shown = [output.get("text", "") for output in cell.outputs]
    for output in cell.outputs:
        data = output.get("data", {})
        shown += [] if "image/png" in data else [data.get("text/plain", "")]
    return "\n".join(shown)


def has_image(cell: Cell) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def definitions(cell: Cell) -> Iterator[str]:
    """The names that the cell defines at its top level."""
    for node in ast.parse(re.sub(r"^(\s*)[!%].*", r"\1pass", cell.source, flags=re.M)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def executed_in_order(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if cell.execution_count != number + 1:
            yield number, f"execution count {cell.execution_count}, expected {number + 1}"


def no_error(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield number, f"stored {output.ename}: {output.evalue}"


def tags(cell: Cell) -> list[str]:
    return cell.metadata.get("tags", [])


def allowed_tags(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for tag in set(tags(cell)) - TAGS:
            yield number, f"tag {tag!r}; allowed are {', '.join(sorted(TAGS))}"
        if "nbval-ignore-output" in tags(cell) and not cell.metadata.get("reason"):
            yield number, "nbval-ignore-output without a reason in the cell's metadata"


def nothing_hidden(notebook: Notebook) -> Iterator[Problem]:
    exercises = heading_at(notebook, "Exercises")
    for number, cell in enumerate(code_cells(notebook)):
        if "hide-input" in tags(cell) and texts(cell).strip():
            yield number, "hide-input over a cell that prints; only drawing may be folded"
        if "hide-cell" in tags(cell) and notebook.cells.index(cell) < exercises:
            yield number, "hide-cell outside the exercises' solutions"


def heading_at(notebook: Notebook, title: str) -> int:
    """The cell in which the section begins; past the end where there is none."""
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(rf"^## {title}$", cell.source, re.M):
            return k
    return len(notebook.cells)


def clean_metadata(notebook: Notebook) -> Iterator[Problem]:
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield None, "the kernelspec is not python3"
    for key in set(notebook.metadata) - {"kernelspec", "language_info", "lrnlib"}:
        yield None, f"notebook metadata {key!r}"
    for number, cell in enumerate(code_cells(notebook)):
        for key in set(cell.metadata) - {"mystnb", "reason", "tags"}:
            yield number, f"cell metadata {key!r}"


def stable_outputs(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield number, "stderr is stored"
        for found in re.findall(r"\bat 0x\w+|(?:/home|/root|/tmp|/Users)/\S+", texts(cell)):
            yield number, f"{found!r} in the output changes from run to run"


def opening(notebook: Notebook) -> Iterator[Problem]:
    first = notebook.cells[0].source if notebook.cells else ""
    for part in OPENING:
        if part not in first:
            yield None, f"the first cell has no {part.strip()!r}"


def set_up(notebook: Notebook) -> Iterator[Problem]:
    expected = SETUP.format(repository=address())
    cells = code_cells(notebook)
    if not cells or cells[0].source != expected or cells[0].outputs:
        yield 0, f"the first code cell is not the set-up, silent and exactly:\n{expected}"


def closing(notebook: Notebook) -> Iterator[Problem]:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.findall(r"^## (.*)$", prose, re.M)[-len(CLOSING) :]
    if found != CLOSING:
        yield None, f"the last sections are {', '.join(found)}, not {', '.join(CLOSING)}"


def length(notebook: Notebook) -> Iterator[Problem]:
    counts = [len(lines(cell)) for cell in code_cells(notebook)]
    for number, cell in enumerate(code_cells(notebook)):
        function = cell.source.startswith("def ") and len(list(definitions(cell))) == 1
        limit = LINES_OF_A_FUNCTION if function else LINES
        if counts[number] > limit:
            yield number, f"{counts[number]} lines, at most {limit}"
    if counts and statistics.median(counts) > MEDIAN_LINES:
        yield None, f"median of {statistics.median(counts)} lines a cell, at most {MEDIAN_LINES}"


def width(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        widest = max(map(len, lines(cell)), default=0)
        if widest > WIDTH:
            yield number, f"a line of {widest} characters, at most {WIDTH}"


def output_length(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        count = len(texts(cell).strip("\n").splitlines())
        if count > OUTPUT_LINES:
            yield number, f"{count} lines of output, at most {OUTPUT_LINES}"


def prose_around(notebook: Notebook) -> Iterator[Problem]:
    kinds = ["", *(cell.cell_type for cell in notebook.cells), ""]
    at = [k for k, kind in enumerate(kinds) if kind == "code"]
    for number, (k, cell) in enumerate(zip(at, code_cells(notebook), strict=True)):
        if kinds[k - 1] != "markdown":
            yield number, "no sentence before the cell says why"
        if cell.outputs and kinds[k + 1] != "markdown":
            yield number, "no sentence after the cell says what to see"


def figures(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        shown = cell.metadata.get("mystnb", {})
        figure = shown.get("figure", {})
        if has_image(cell):
            if not shown.get("image", {}).get("alt"):
                yield number, "a figure without alt text"
            if not figure.get("caption") or not figure.get("name", "").startswith("fig-"):
                yield number, "a figure without a caption, or a label fig-…"


def no_semicolon(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if any(line.rstrip().endswith(";") for line in lines(cell)):
            yield number, "a trailing semicolon, which nbval does not honour"


def no_redefinition(notebook: Notebook) -> Iterator[Problem]:
    derives = notebook.metadata.get("lrnlib", {}).get("derives", [])
    for number, cell in enumerate(code_cells(notebook)):
        for name in set(definitions(cell)) & set(lrnlib.__all__) - set(derives):
            yield number, f"lrnlib.{name} is defined again"


def one_sentence_a_line(notebook: Notebook) -> Iterator[Problem]:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if re.search(r"[a-z0-9)`$][.?!] [A-Z]", line) and not line.startswith("|"):
                    yield None, f"two sentences in the line {line[:60]!r}"


RULES: dict[str, Callable[[Notebook], Iterator[Problem]]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        executed_in_order, no_error, allowed_tags, nothing_hidden, clean_metadata,
        stable_outputs, opening, set_up, closing, length, width, output_length, prose_around,
        figures, no_semicolon, no_redefinition, one_sentence_a_line,
    )
}  # fmt: skip


def problems(path: Path) -> list[str]:
    """Every broken rule of one chapter, as 'file: Cell 3: rule: what is wrong'."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever its JSON reader does
        return [f"{path.name}: readable: not a notebook: {error}"]
    return [
        f"{path.name}: {'chapter' if number is None else f'Cell {number}'}: {name}: {what}"
        for name, rule in RULES.items()
        for number, what in rule(notebook)
    ]


if __name__ == "__main__":
    found = [line for argument in sys.argv[1:] for line in problems(Path(argument))]
    sys.exit("\n".join(found) if found else 0)
