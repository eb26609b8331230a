"""Run chapters top to bottom in a fresh kernel each and store their outputs.

`python tools/execute.py chapters/formula.ipynb …`; a chapter that fails is left as it was.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}


def execute(path: Path) -> None:
    """Store fresh outputs in the notebook and leave nothing else of this run in it."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=120,
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    kept = {"lrnlib": notebook.metadata.lrnlib} if "lrnlib" in notebook.metadata else {}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": LANGUAGE, **kept}
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        try:
            execute(Path(argument))
        except CellExecutionError as error:
            sys.exit(f"{argument}: {error}")
        print(argument)
