"""What a rule asks of a notebook: its cells, what they say and what they bind."""

import ast
import re
from collections.abc import Iterator

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

Notebook = Cell = nbformat.NotebookNode
NOT_WORDS = ("<Figure size", '<div class="lrn-explorer"')
Problem = tuple[int | None, str]  # the code cell's number, or None for the whole chapter


def code_cells(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lines(cell: Cell) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def data_of(cell: Cell) -> list[dict[str, str]]:
    """What the cell shows beside its streams, each as format to text."""
    return [output.get("data", {}) for output in cell.outputs]


def texts(cell: Cell) -> str:
    """Everything that the cell's outputs say in words, but the name of a figure.

    An interactive figure says its text; its HTML is a drawing and a program.
    """
    said = [output.get("text", "") for output in cell.outputs]
    for data in data_of(cell):
        said += [text for kind, text in data.items() if kind.startswith("text/")]
    return "\n".join(text for text in said if not text.startswith(NOT_WORDS))


def has_image(cell: Cell) -> bool:
    return any(kind.startswith("image/") for data in data_of(cell) for kind in data)


def tree(cell: Cell) -> ast.Module:
    """The cell as Python, its magics included."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def bindings(cell: Cell) -> Iterator[str]:
    """Every name that the cell binds, at any depth, also as an attribute or by import."""
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
    """The cell in which the section begins; past the end where there is none."""
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(rf"^## {title}$", cell.source, re.M):
            return k
    return len(notebook.cells)
