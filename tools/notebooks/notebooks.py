"""The cells of a notebook: their lines, outputs, tags and names, and the prose between them."""

import ast
import re
from collections.abc import Iterator

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

Notebook = Cell = nbformat.NotebookNode
FIGURES = ("<Figure size", '<div class="lrn-explorer"')  # how their text begins
Problem = tuple[int | None, str]  # the code cell's number, or None for the whole chapter


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


def tree(cell: Cell) -> ast.Module:
    """The cell as Python, with its magics translated."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


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


def prose(notebook: Notebook) -> str:
    """The text between the cells, without tables."""
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return "\n".join(line for text in cells for line in text.splitlines() if line[:1] != "|")


def tags(cell: Cell) -> list[str]:
    return cell.metadata.get("tags", [])


def heading_at(notebook: Notebook, title: str) -> int:
    """The index of the cell in which the section begins; the number of cells if there is none."""
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(rf"^## {title}$", cell.source, re.M):
            return k
    return len(notebook.cells)
