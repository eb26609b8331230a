"""The frameworks that a chapter needs beyond requirements.txt, and which are missing here."""

import importlib.util
from collections.abc import Iterator

from tools.notebooks.notebooks import Notebook, Problem, code_cells, imported

# The modules of requirements-peers.txt that requirements.txt does not have.
OPTIONAL = {"dask", "distributed", "jax", "onnx", "onnxruntime", "torch", "zarr"}
# Those that Colab lacks, as pip installs them: a later onnx needs a later protobuf than Colab's.
NOT_IN_COLAB = {"onnx": "onnx==1.22.0", "onnxruntime": "onnxruntime"}


def required(notebook: Notebook) -> list[str]:
    """What the chapter's metadata name."""
    return notebook.metadata.get("lrnlib", {}).get("requires", [])


def missing(notebook: Notebook) -> str:
    """Why the chapter cannot run here; empty if it can."""
    absent = [name for name in required(notebook) if importlib.util.find_spec(name) is None]
    return f"needs {', '.join(absent)} (make peers)" if absent else ""


def requirements(notebook: Notebook) -> Iterator[Problem]:
    needed = required(notebook)
    for name in set(needed) - OPTIONAL:
        yield None, f"remove {name!r} from lrnlib.requires: not in {', '.join(sorted(OPTIONAL))}"
    for number, cell in enumerate(code_cells(notebook)):
        for name in imported(cell) & OPTIONAL - set(needed):
            yield number, f"add {name}, which it imports, to the metadata lrnlib.requires"
