"""The rules for chapters. Each problem names the rule, the cell and what to change.

`python -m tools.notebooks.rules chapters/*.ipynb` prints the problems. Cells are numbered as
nbval numbers them: code cells only, from 0.
"""

import ast
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

import lrnlib
from tools.notebooks.gpu_cells import executed_in_order, gpu_cells
from tools.notebooks.notebooks import (
    Notebook,
    Problem,
    bindings,
    code_cells,
    data_of,
    heading_at,
    lines,
    prose,
    tags,
    texts,
    tree,
)
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required, requirements
from tools.repository import address

LINES, FUNCTION_LINES, MEDIAN_LINES, WIDTH, OUTPUT_LINES = 20, 30, 6, 80, 15
TAGS = {"gpu", "hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"}
FORMATS = {"image/png", "text/html", "text/latex", "text/plain"}
OPENING = ("# ", "**You will learn**", "**You need**", "**Time**")
EXERCISES = range(2, 6)  # how many a chapter may have
RIGHT = re.compile(r"^Right\.", re.M)
# Colab, JupyterLab and the book each have their own way to fold a cell.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-cell"]}
CLOSING = ["Summary", "Exercises", "References"]
SETUP = """\
import sys

REPOSITORY = "https://github.com/{repository}"
if "google.colab" in sys.modules:
    !pip install --quiet --no-deps git+{{REPOSITORY}}"""


def plain_python(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        try:
            tree(cell)
        except SyntaxError as error:
            yield number, f"write valid Python: {error}"


def no_error(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield number, f"correct the cell: it stores {output.ename}: {output.evalue}"


def allowed_tags(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for tag in set(tags(cell)) - TAGS:
            yield number, f"remove the tag {tag!r}; allowed are {', '.join(sorted(TAGS))}"
        if re.search(r"^\s*#\s*(nbval_|pytest_validate)", cell.source, re.M | re.I):
            yield number, "replace the comment for nbval by its tag, with a reason"
        if "nbval-ignore-output" in tags(cell) and not cell.metadata.get("reason"):
            yield number, "give the reason for nbval-ignore-output in the cell's metadata"


def nothing_hidden(notebook: Notebook) -> Iterator[Problem]:
    exercises = heading_at(notebook, "Exercises")
    for number, cell in enumerate(code_cells(notebook)):
        if "hide-input" in tags(cell) and texts(cell).strip():
            yield number, "remove the tag hide-input: code that prints may not be folded"
        if "hide-cell" in tags(cell) and notebook.cells.index(cell) < exercises:
            yield number, "remove the tag hide-cell: it is for the solutions of exercises"


def clean_metadata(notebook: Notebook) -> Iterator[Problem]:
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield None, "set the kernelspec to python3"
    for key in set(notebook.metadata) - {"kernelspec", "language_info", "lrnlib"}:
        yield None, f"remove the notebook metadata {key!r}"
    for number, cell in enumerate(code_cells(notebook)):
        folded = set(FOLDED) if "hide-cell" in tags(cell) else set()
        for key in set(cell.metadata) - {"mystnb", "reason", "tags"} - folded:
            yield number, f"remove the cell metadata {key!r}"
        for key in set(cell.metadata.get("mystnb", {})) - {"figure", "image"}:
            yield number, f"remove the cell metadata mystnb.{key}"
    for cell in notebook.cells:
        if cell.cell_type != "code" and cell.metadata:
            yield None, f"remove the metadata of a text cell: {', '.join(cell.metadata)}"


def stable_outputs(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield number, "remove stderr from the outputs"
        for found in re.findall(r"\b0x\w{4,}|(?:/home|/root|/tmp|/Users|C:\\)\S+", texts(cell)):
            yield number, f"do not print {found!r}: it changes from run to run"
        for kind in {kind for data in data_of(cell) for kind in data} - FORMATS:
            yield number, f"show no {kind}: nbval does not compare it"


def opening(notebook: Notebook) -> Iterator[Problem]:
    first = notebook.cells[0].source if notebook.cells else ""
    pattern = ".*?^".join(map(re.escape, OPENING))
    if not re.match(pattern, first, re.M | re.S):
        yield None, f"write into the first cell, in this order: {', '.join(OPENING)}"


def set_up(notebook: Notebook) -> Iterator[Problem]:
    expected = SETUP.format(repository=address())
    needed = required(notebook)
    if lacking := [package for name, package in NOT_IN_COLAB.items() if name in needed]:
        expected += f"\n    !pip install --quiet --no-deps {' '.join(lacking)}"
    cells = code_cells(notebook)
    if not cells or cells[0].source != expected or cells[0].outputs:
        yield 0, f"let the first code cell be the set-up, without output and exactly:\n{expected}"


def closing(notebook: Notebook) -> Iterator[Problem]:
    found = re.findall(r"^## (.*)$", prose(notebook), re.M)[-len(CLOSING) :]
    if found != CLOSING:
        yield None, f"end with the sections {', '.join(CLOSING)}, not {', '.join(found)}"


def exercises(notebook: Notebook) -> Iterator[Problem]:
    """Each has a question, a folded hint, a stub that calls its exercise, and a folded solution."""
    start = heading_at(notebook, "Exercises")
    text = prose(notebook).partition("\n## Exercises")[2].partition("\n## References")[0]
    parts = re.split(r"^\*\*\d+\.\*\*", text, flags=re.M)[1:]
    if len(parts) not in EXERCISES:
        yield None, f"write {min(EXERCISES)} to {max(EXERCISES)} exercises, not {len(parts)}"
    for number, part in enumerate(parts, start=1):
        for summary in ("Hint", "Solution"):
            if f"<summary>{summary}</summary>" not in part:
                yield None, f"add a folded {summary.lower()} to exercise {number}"
    cells = list(enumerate(code_cells(notebook)))
    cells = [(n, c) for n, c in cells if notebook.cells.index(c) > start]
    if len(cells) != 2 * len(parts):
        yield None, f"give {len(parts)} exercises a stub and a solution each, not {len(cells)}"
    for (number, stub), (after, solution) in zip(cells[::2], cells[1::2], strict=False):
        if tags(stub) or "exercises." not in stub.source or RIGHT.search(texts(stub)):
            yield number, "make this a stub: not folded, calling its exercise, and not yet right"
        if solution.metadata != FOLDED:
            yield after, f"set the metadata of the solution to {FOLDED}, which fold it everywhere"
        if "exercises." not in solution.source or not RIGHT.search(texts(solution)):
            yield after, "let the solution call its exercise, and be right"


def numbers_shown(notebook: Notebook) -> Iterator[Problem]:
    code = "\n".join(f"{cell.source}\n{texts(cell)}" for cell in code_cells(notebook))
    shown = set(re.findall(r"\d+\.\d+", code))
    text = prose(notebook).partition("\n## References")[0]
    for found in re.findall(r"(?<![\d.])(?<!section )\d+\.\d+(?![\d.]*\d)", text):
        places = len(found.partition(".")[2])
        rounded = (f"{float(number):.{places}f}" == found for number in shown)
        if not any(rounded) and not any(number.startswith(found) for number in shown):
            yield None, f"show {found} in a cell, or remove it from the text"


def length(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        body = tree(cell).body
        alone = len(body) == 1 and isinstance(body[0], ast.FunctionDef)
        for what, count, limit in (
            ("the cell's lines", len(lines(cell)), FUNCTION_LINES if alone else LINES),
            ("a line's characters", max(map(len, lines(cell)), default=0), WIDTH),
            ("the output's lines", len(texts(cell).strip("\n").splitlines()), OUTPUT_LINES),
        ):
            if count > limit:
                yield number, f"shorten {what} from {count} to {limit}"
    median = statistics.median([len(lines(cell)) for cell in code_cells(notebook)] or [0])
    if median > MEDIAN_LINES:
        yield None, f"shorten the cells: the median is {median} lines, at most {MEDIAN_LINES}"


def prose_around(notebook: Notebook) -> Iterator[Problem]:
    kinds = ["", *(c.cell_type if c.source.strip() else "" for c in notebook.cells), ""]
    at = [k for k, kind in enumerate(kinds) if kind == "code"]
    for number, (k, cell) in enumerate(zip(at, code_cells(notebook), strict=True)):
        if kinds[k - 1] != "markdown":
            yield number, "add text before the cell"
        if cell.outputs and kinds[k + 1] != "markdown":
            yield number, "add text after the cell's output"


def figures(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if not any(kind.startswith("image/") for data in data_of(cell) for kind in data):
            continue
        shown = cell.metadata.get("mystnb", {})
        figure = shown.get("figure", {})
        if not shown.get("image", {}).get("alt"):
            yield number, "add alt text to the figure: mystnb.image.alt"
        if not figure.get("caption") or not figure.get("name", "").startswith("fig-"):
            yield number, "add mystnb.figure.caption, and mystnb.figure.name that begins with fig-"


def no_semicolon(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if any(line.rstrip().endswith(";") for line in lines(cell)):
            yield number, "remove the trailing semicolon: nbval ignores it"


def no_redefinition(notebook: Notebook) -> Iterator[Problem]:
    derives = notebook.metadata.get("lrnlib", {}).get("derives", [])
    for number, cell in enumerate(code_cells(notebook)):
        for name in set(bindings(cell)) & set(lrnlib.__all__) - set(derives):
            yield number, f"rename {name}, or import lrnlib.{name}"


def one_sentence_a_line(notebook: Notebook) -> Iterator[Problem]:
    for line in prose(notebook).splitlines():
        if re.search(r"[\w)`$*][.?!][*)]* (?:[A-Z`$]|\*\w)", re.sub(r"^\*\*\d+\.\*\* ", "", line)):
            yield None, f"put each sentence on a line of its own: {line[:60]!r}"


RULES: dict[str, Callable[[Notebook], Iterator[Problem]]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        plain_python, executed_in_order, no_error, allowed_tags, nothing_hidden, clean_metadata,
        stable_outputs, opening, set_up, closing, exercises, numbers_shown, length, prose_around,
        figures, no_semicolon, no_redefinition, one_sentence_a_line, gpu_cells, requirements,
    )
}  # fmt: skip


def problems(path: Path) -> list[str]:
    """The problems of one chapter, as 'file: Cell 3: rule: what to change'."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises the errors of its JSON reader, and its own
        return [f"{path.name}: readable: not a notebook: {error}"]
    # The other rules parse the cells.
    rules = {"plain-python": plain_python} if any(plain_python(notebook)) else RULES
    return [
        f"{path.name}: {'chapter' if number is None else f'Cell {number}'}: {name}: {what}"
        for name, rule in rules.items()
        for number, what in rule(notebook)
    ]


if __name__ == "__main__":
    found = [line for argument in sys.argv[1:] for line in problems(Path(argument))]
    sys.exit("\n".join(found) if found else 0)
