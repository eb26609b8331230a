"""The rules that a chapter keeps, each with a name; a broken one is reported with its cell.

`python -m tools.notebooks.rules chapters/*.ipynb`. Cells are numbered as nbval numbers them:
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
from tools.notebooks.gpu_cells import executed_in_order, gpu_cells
from tools.notebooks.notebooks import (
    Notebook,
    Problem,
    bindings,
    code_cells,
    data_of,
    has_image,
    heading_at,
    lines,
    prose,
    tags,
    texts,
    tree,
)  # fmt: skip
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required, requirements
from tools.repository import address

LINES, LINES_OF_A_FUNCTION, MEDIAN_LINES, WIDTH, OUTPUT_LINES = 20, 30, 6, 80, 15
TAGS = {"gpu", "hide-cell", "hide-input", "nbval-ignore-output", "raises-exception"}
FORMATS = {"image/png", "text/html", "text/latex", "text/plain"}
OPENING = ("# ", "**You will learn**", "**You need**", "**Time**")
EXERCISES = range(2, 6)
RIGHT = re.compile(r"^Right\.", re.M)
# The book, JupyterLab and Colab each have a way of their own to fold a cell.
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
            yield number, f"not Python: {error}"


def no_error(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield number, f"stored {output.ename}: {output.evalue}"


def allowed_tags(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        for tag in set(tags(cell)) - TAGS:
            yield number, f"tag {tag!r}; allowed are {', '.join(sorted(TAGS))}"
        if re.search(r"^\s*#\s*(nbval_|pytest_validate)", cell.source, re.M | re.I):
            yield number, "a comment that is meant for nbval; use its tag, with a reason"
        if "nbval-ignore-output" in tags(cell) and not cell.metadata.get("reason"):
            yield number, "nbval-ignore-output without a reason in the cell's metadata"


def nothing_hidden(notebook: Notebook) -> Iterator[Problem]:
    exercises = heading_at(notebook, "Exercises")
    for number, cell in enumerate(code_cells(notebook)):
        if "hide-input" in tags(cell) and texts(cell).strip():
            yield number, "hide-input over a cell that prints; only drawing may be folded"
        if "hide-cell" in tags(cell) and notebook.cells.index(cell) < exercises:
            yield number, "hide-cell outside the exercises' solutions"


def clean_metadata(notebook: Notebook) -> Iterator[Problem]:
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield None, "the kernelspec is not python3"
    for key in set(notebook.metadata) - {"kernelspec", "language_info", "lrnlib"}:
        yield None, f"notebook metadata {key!r}"
    for number, cell in enumerate(code_cells(notebook)):
        folded = set(FOLDED) if "hide-cell" in tags(cell) else set()
        for key in set(cell.metadata) - {"mystnb", "reason", "tags"} - folded:
            yield number, f"cell metadata {key!r}"
        for key in set(cell.metadata.get("mystnb", {})) - {"figure", "image"}:
            yield number, f"cell metadata mystnb.{key}"
    for cell in notebook.cells:
        if cell.cell_type != "code" and cell.metadata:
            yield None, f"metadata of a text cell: {', '.join(cell.metadata)}"


def stable_outputs(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield number, "stderr is stored"
        for found in re.findall(r"\b0x\w{4,}|(?:/home|/root|/tmp|/Users|C:\\)\S+", texts(cell)):
            yield number, f"{found!r} in the output changes from run to run"
        for kind in {kind for data in data_of(cell) for kind in data} - FORMATS:
            yield number, f"an output of type {kind}, which nbval does not compare"


def opening(notebook: Notebook) -> Iterator[Problem]:
    first = notebook.cells[0].source if notebook.cells else ""
    at = [match.start() if (match := re.search(rf"^{re.escape(part)}", first, re.M)) else None
          for part in OPENING]  # fmt: skip
    if None in at or at != sorted(at) or at[0] != 0:
        yield None, f"the first cell has not, in this order, {', '.join(OPENING)}"


def set_up(notebook: Notebook) -> Iterator[Problem]:
    expected = SETUP.format(repository=address())
    needed = required(notebook)
    if lacking := [asked for name, asked in NOT_IN_COLAB.items() if name in needed]:
        expected += f"\n    !pip install --quiet --no-deps {' '.join(lacking)}"
    cells = code_cells(notebook)
    if not cells or cells[0].source != expected or cells[0].outputs:
        yield 0, f"the first code cell is not the set-up, silent and exactly:\n{expected}"


def closing(notebook: Notebook) -> Iterator[Problem]:
    found = re.findall(r"^## (.*)$", prose(notebook), re.M)[-len(CLOSING) :]
    if found != CLOSING:
        yield None, f"the last sections are {', '.join(found)}, not {', '.join(CLOSING)}"


def exercises(notebook: Notebook) -> Iterator[Problem]:
    """Each is a question with folded hints, a stub that is checked, and a folded solution."""
    start = heading_at(notebook, "Exercises")
    asked = prose(notebook).partition("\n## Exercises")[2].partition("\n## References")[0]
    parts = re.split(r"^\*\*\d+\.\*\*", asked, flags=re.M)[1:]
    if len(parts) not in EXERCISES:
        yield None, f"{len(parts)} exercises, at least {min(EXERCISES)}, at most {max(EXERCISES)}"
    for number, part in enumerate(parts, start=1):
        for summary in ("Hint", "Solution"):
            if f"<summary>{summary}</summary>" not in part:
                yield None, f"exercise {number} has no folded {summary.lower()}"
    found = list(enumerate(code_cells(notebook)))
    found = [(n, c) for n, c in found if notebook.cells.index(c) > start]
    if len(found) != 2 * len(parts):
        yield None, f"{len(found)} cells for {len(parts)} exercises; each has a stub and a solution"
    for (number, stub), (after, solution) in zip(found[::2], found[1::2], strict=False):
        if tags(stub) or "check." not in stub.source or RIGHT.search(texts(stub)):
            yield number, "not the stub of an exercise: open, checked, and not solved yet"
        if solution.metadata != FOLDED:
            yield after, f"a solution whose metadata are not {FOLDED}: it is not folded everywhere"
        if "check." not in solution.source or not RIGHT.search(texts(solution)):
            yield after, "a solution that its check does not call right"


def numbers_shown(notebook: Notebook) -> Iterator[Problem]:
    code = "\n".join(f"{cell.source}\n{texts(cell)}" for cell in code_cells(notebook))
    shown = set(re.findall(r"\d+\.\d+", code))
    text = prose(notebook).partition("\n## References")[0]
    for found in re.findall(r"(?<![\d.])(?<!section )\d+\.\d+(?![\d.]*\d)", text):
        places = len(found.partition(".")[2])
        rounded = (f"{float(number):.{places}f}" == found for number in shown)
        if not any(rounded) and not any(number.startswith(found) for number in shown):
            yield None, f"{found} stands in the text, and no cell shows it"


def length(notebook: Notebook) -> Iterator[Problem]:
    counts = [len(lines(cell)) for cell in code_cells(notebook)]
    for number, cell in enumerate(code_cells(notebook)):
        body = tree(cell).body
        alone = len(body) == 1 and isinstance(body[0], ast.FunctionDef)
        limit = LINES_OF_A_FUNCTION if alone else LINES
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
    kinds = ["", *(c.cell_type if c.source.strip() else "" for c in notebook.cells), ""]
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
        for name in set(bindings(cell)) & set(lrnlib.__all__) - set(derives):
            yield number, f"lrnlib.{name} is defined again"


def one_sentence_a_line(notebook: Notebook) -> Iterator[Problem]:
    for line in prose(notebook).splitlines():
        if re.search(r"[\w)`$*][.?!][*)]* (?:[A-Z`$]|\*\w)", re.sub(r"^\*\*\d+\.\*\* ", "", line)):
            yield None, f"two sentences in the line {line[:60]!r}"


RULES: dict[str, Callable[[Notebook], Iterator[Problem]]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        plain_python, executed_in_order, no_error, allowed_tags, nothing_hidden, clean_metadata,
        stable_outputs, opening, set_up, closing, exercises, numbers_shown, length, width,
        output_length, prose_around, figures, no_semicolon, no_redefinition, one_sentence_a_line,
        gpu_cells, requirements,
    )
}  # fmt: skip


def problems(path: Path) -> list[str]:
    """Every broken rule of one chapter, as 'file: Cell 3: rule: what is wrong'."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises whatever its JSON reader does
        return [f"{path.name}: readable: not a notebook: {error}"]
    # The other rules read the cells as Python, so they wait until every cell is.
    rules = {"plain-python": plain_python} if any(plain_python(notebook)) else RULES
    return [
        f"{path.name}: {'chapter' if number is None else f'Cell {number}'}: {name}: {what}"
        for name, rule in rules.items()
        for number, what in rule(notebook)
    ]


if __name__ == "__main__":
    found = [line for argument in sys.argv[1:] for line in problems(Path(argument))]
    sys.exit("\n".join(found) if found else 0)
