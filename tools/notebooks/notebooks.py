"""The book's notebooks, and their cells: lines, outputs, tags and names, and the prose between."""

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from tools.repository import ROOT

Notebook = Cell = nbformat.NotebookNode
FIGURES = ("<Figure size", '<div class="lrn-explorer"')  # how their text begins
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
# Colab, JupyterLab and the book each have their own way to fold a cell.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
FENCED = re.compile(r"^(`{3,}).*?^\1$", re.M | re.S)
Problem = tuple[int | None, str]  # the code cell's number, or None for the whole chapter


def notebook_paths(root: Path = ROOT) -> list[Path]:
    """The landing page, if it is a notebook, and the chapters."""
    return [*root.glob("intro.ipynb"), *sorted(root.glob("chapters/*.ipynb"))]


def code_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lines(cell: Cell) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def data_of(cell: Cell) -> list[dict[str, str]]:
    """What the cell displays, each as a dict of formats."""
    return [output.get("data", {}) for output in cell.outputs]


def texts(cell: Cell) -> str:
    """The text of all outputs, without the repr of a figure and the HTML of an explorer."""
    found = [output.get("text", "") for output in cell.outputs]
    for data in data_of(cell):
        found += [text for kind, text in data.items() if kind.startswith("text/")]
    return "\n".join(text for text in found if not text.startswith(FIGURES))


def python(source: str) -> str:
    """The source of a cell with its magics translated."""
    return TransformerManager().transform_cell(source)


def tree(cell: Cell) -> ast.Module:
    return ast.parse(python(cell.source))


def bound(source: str) -> set[str]:
    """The names that a program leaves behind when it has run."""
    symbols = symtable.symtable(python(source), "cell", "exec").get_symbols()
    return {each.get_name() for each in symbols if each.is_assigned() or each.is_imported()}


def needed(source: str) -> set[str]:
    """The names that must exist before a program runs."""
    found, tables = set[str](), [symtable.symtable(python(source), "cell", "exec")]
    while tables:
        table = tables.pop()
        outermost = table.get_type() == "module"
        for each in table.get_symbols():
            if each.is_referenced() and (outermost or each.is_global()):
                found.add(each.get_name())
        tables += table.get_children()
    return found - bound(source) - vars(builtins).keys()


def imported(cell: Cell) -> set[str]:
    """The top-level modules that the cell imports."""
    names: list[str] = []
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module or ""]
    return {name.partition(".")[0] for name in names}


def bindings(cell: Cell) -> Iterator[str]:
    """Every name that the cell assigns, defines or imports, at any depth; attributes too."""
    for node in ast.walk(tree(cell)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def text_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def prose(notebook: Notebook) -> str:
    """The text between the cells, without tables and programs."""
    found = (FENCED.sub("", cell.source) for cell in text_cells(notebook))
    return "\n".join(line for text in found for line in text.splitlines() if line[:1] != "|")


def section(notebook: Notebook, title: str) -> str:
    """The prose below a heading of the second level."""
    text = prose(notebook).partition(f"\n## {title}\n")[2]
    return re.split(r"^## ", text, flags=re.M)[0]


def tags(cell: Cell) -> list[str]:
    return cell.metadata.get("tags", [])


def is_folded(cell: Cell) -> bool:
    """Whether its code is folded everywhere; it may have more tags."""
    return {**cell.metadata, "tags": FOLDED["tags"]}.items() >= FOLDED.items() and (
        "hide-input" in tags(cell)
    )


def heading_at(notebook: Notebook, title: str) -> int:
    """The index of the cell in which the section begins; the number of cells if there is none."""
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(rf"^## {title}$", cell.source, re.M):
            return k
    return len(notebook.cells)
