"""The rules for notebooks. Each problem names the rule, the cell and what to change.

`python -m tools.notebooks.rules chapters/*.ipynb` prints the problems. Cells are numbered as
nbval numbers them: code cells only, from 0. `exercises.py` and `portable.py` hold two more rules.
"""

import ast
import itertools
import re
import statistics
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

import lrnlib
from tools.notebooks.exercises import exercises
from tools.notebooks.gpu_cells import executed_in_order, gpu_cells
from tools.notebooks.notebooks import (
    FOLDED,
    PROGRAM,
    Notebook,
    Problem,
    bindings,
    code_cells,
    data_of,
    is_folded,
    lines,
    prose,
    section,
    tags,
    text_cells,
    texts,
    tree,
)
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required, requirements
from tools.notebooks.portable import portable
from tools.repository import address

LINES, FUNCTION_LINES, MEDIAN_LINES, WIDTH, OUTPUT_LINES = 20, 30, 6, 80, 15
TAGS = {"gpu", "hide-input", "nbval-ignore-output", "raises-exception"}
FORMATS = {"image/png", "text/html", "text/latex", "text/plain"}
OPENING = re.compile(r"# .+\n\n(?:(?!#|\*\*Time).+\n)+\n\*\*Time\*\* .+ \*\*You need\*\* .+")
CLOSING = {"Remember": 4, "Exercises": None, "Go deeper": 3}  # sections, and their bullets at most
CAPTION = "**Figure.** "
ALT_WORDS = 5
# The landing page is no chapter.
OF_CHAPTERS = {"opening", "closing", "exercises", "output-length"}
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


def folds(notebook: Notebook) -> Iterator[Problem]:
    """What teaches is on screen; the set-up and imports are not."""
    for number, cell in enumerate(code_cells(notebook)):
        imports = [isinstance(each, ast.Import | ast.ImportFrom) for each in tree(cell).body]
        only_imports = 2 * sum(imports) > len(imports) and not cell.outputs
        marks = {"cellView", "jupyter"} & set(cell.metadata) or "hide-input" in tags(cell)
        if marks and not is_folded(cell):
            yield number, f"fold it in Colab, JupyterLab and the book: metadata {FOLDED}"
        elif marks and texts(cell).strip():
            yield number, "unfold it, or print nothing: code that prints may not be folded"
        elif not marks and (number == 0 or only_imports):
            yield number, f"fold the set-up and the imports: metadata {FOLDED}"


def clean_metadata(notebook: Notebook) -> Iterator[Problem]:
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield None, "set the kernelspec to python3"
    for key in set(notebook.metadata) - {"kernelspec", "language_info", "lrnlib", "myst"}:
        yield None, f"remove the notebook metadata {key!r}"
    for number, cell in enumerate(code_cells(notebook)):
        for key in set(cell.metadata) - {"mystnb", "reason", *FOLDED}:
            yield number, f"remove the cell metadata {key!r}"
        for key in set(cell.metadata.get("mystnb", {})) - {"image"}:
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
    if not notebook.cells or not OPENING.fullmatch(notebook.cells[0].source):
        yield None, "open with '# title', a paragraph, and a line '**Time** … **You need** …'"


def set_up(notebook: Notebook) -> Iterator[Problem]:
    expected = SETUP.format(repository=address())
    needed = required(notebook)
    lacking = " ".join(package for name, package in NOT_IN_COLAB.items() if name in needed)
    install = "    !pip install --quiet --no-deps "
    for packages in textwrap.wrap(lacking, WIDTH - len(install)):
        expected += f"\n{install}{packages}"
    cells = code_cells(notebook)
    if not cells or cells[0].source != expected or cells[0].outputs:
        yield 0, f"let the first code cell be the set-up, without output and exactly:\n{expected}"


def closing(notebook: Notebook) -> Iterator[Problem]:
    found = re.findall(r"^## (.*)$", prose(notebook), re.M)[-len(CLOSING) :]
    if found != [*CLOSING]:
        yield None, f"end with the sections {', '.join(CLOSING)}, not {', '.join(found)}"
    for title, most in CLOSING.items():
        bullets = len(re.findall("^- ", section(notebook, title), re.M))
        if most is not None and not 1 <= bullets <= most:
            yield None, f"write 1 to {most} lines '- …' below {title}, not {bullets}"


def numbers_shown(notebook: Notebook) -> Iterator[Problem]:
    shown_by = [f"{cell.source}\n{texts(cell)}" for cell in code_cells(notebook)]
    shown_by += [found for cell in text_cells(notebook) for found in PROGRAM.findall(cell.source)]
    shown = set(re.findall(r"\d+\.\d+", "\n".join(shown_by)))
    text = re.sub(r"\]\([^)]*\)", "]", prose(notebook).partition("\n## Go deeper")[0])
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
        ):
            if count > limit:
                yield number, f"shorten {what} from {count} to {limit}"
    median = statistics.median([len(lines(cell)) for cell in code_cells(notebook)] or [0])
    if median > MEDIAN_LINES:
        yield None, f"shorten the cells: the median is {median} lines, at most {MEDIAN_LINES}"


def output_length(notebook: Notebook) -> Iterator[Problem]:
    for number, cell in enumerate(code_cells(notebook)):
        count = len(texts(cell).strip("\n").splitlines())
        if count > OUTPUT_LINES:
            yield number, f"shorten the output from {count} lines to {OUTPUT_LINES}"


def figures(notebook: Notebook) -> Iterator[Problem]:
    number = -1
    for cell, after in itertools.pairwise([*notebook.cells, nbformat.v4.new_markdown_cell()]):
        has_image = cell.cell_type == "code" and any("image/png" in data for data in data_of(cell))
        has_caption = after.cell_type == "markdown" and after.source.startswith(CAPTION)
        number += cell.cell_type == "code"
        if has_image and not has_caption:
            yield number, f"begin the text after the figure with its caption, {CAPTION}…"
        if has_image:
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            if len(alt.split()) < ALT_WORDS:
                yield number, "add alt text to the figure: a sentence in mystnb.image.alt"


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
        text = re.sub(r"^(\*\*(\d+|Figure)\.\*\*|\d+\.) ", "", line)
        if re.search(r"[\w)`$*][.?!][*)]* (?:[A-Z`$]|\*\w)", text):
            yield None, f"put each sentence on a line of its own: {line[:60]!r}"


RULES: dict[str, Callable[[Notebook], Iterator[Problem]]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        plain_python, executed_in_order, no_error, allowed_tags, folds, clean_metadata,
        stable_outputs, opening, set_up, closing, exercises, portable, numbers_shown, length,
        output_length, figures, no_semicolon, no_redefinition, one_sentence_a_line, gpu_cells,
        requirements,
    )
}  # fmt: skip


def problems(path: Path) -> list[str]:
    """The problems of one notebook, as 'file: Cell 3: rule: what to change'."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises the errors of its JSON reader, and its own
        return [f"{path.name}: readable: not a notebook: {error}"]
    # The other rules parse the cells.
    rules = {"plain-python": plain_python} if any(plain_python(notebook)) else RULES
    left_out = OF_CHAPTERS if path.stem == "intro" else set()
    return [
        f"{path.name}: {'chapter' if number is None else f'Cell {number}'}: {name}: {what}"
        for name, rule in rules.items()
        if name not in left_out
        for number, what in rule(notebook)
    ]


if __name__ == "__main__":
    found = [line for argument in sys.argv[1:] for line in problems(Path(argument))]
    sys.exit("\n".join(found) if found else 0)
