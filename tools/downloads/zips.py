"""The notebooks and the conformance vectors as zip files."""

import tempfile
import zipfile
from pathlib import Path

from lrnlib.conformance import export
from tools.downloads.pages import pages, settings
from tools.repository import ROOT, address

FILES = (
    "LICENSE", "LICENSE-TEXT.md", "CITATION.cff",
    "requirements.txt", "requirements-peers.txt", "requirements-gpu.txt",
)  # fmt: skip
README = """\
# {title}: the notebooks

The chapters of the book at <{site}>, with their outputs, in the book's order:

{chapters}

To run them you need Python 3.11, 3.12 or 3.13:

    python -m venv lrn
    lrn/bin/python -m pip install jupyterlab -r requirements.txt
    lrn/bin/python -m pip install git+https://github.com/{repository}
    lrn/bin/jupyter lab

On Windows the commands are in `lrn\\Scripts` instead of `lrn/bin`.
`requirements.txt` holds the versions that the outputs were computed with, those of TensorFlow,
CuPy and NVIDIA's compiler included: some 900 MB. `frameworks.ipynb` and
`conformance.ipynb` need those of `requirements-peers.txt` instead, in an environment of their own,
and the marked cells of
`cupy_backend.ipynb` a GPU and those of `requirements-gpu.txt`.

The licences of the text and of the code are in LICENSE-TEXT.md and LICENSE.
"""


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of a zip by their names."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def notebooks() -> list[str]:
    """The chapters that are notebooks, in the book's order."""
    return [f"{name}.ipynb" for name in pages() if (ROOT / f"{name}.ipynb").exists()]


def write_notebooks(built: Path, target: Path) -> None:
    """Every chapter that is a notebook, and what it takes to run them."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*FILES, *notebooks()]:
            archive.write(ROOT / name, f"lrn-book-notebooks/{name}")
        archive.writestr("lrn-book-notebooks/README.md", _readme())


def write_vectors(built: Path, target: Path) -> None:
    """What `python -m lrnlib.conformance --export DIR` writes, with the licence."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        for path in [*export(Path(folder, "vectors")).iterdir(), ROOT / "LICENSE"]:
            archive.write(path, f"lrnlib-conformance-vectors/{path.name}", zipfile.ZIP_DEFLATED)


def _readme() -> str:
    config = settings()
    return README.format(
        title=config["title"],
        site=config["html"]["baseurl"],
        repository=address(),
        chapters="\n".join(f"{k}. {name}" for k, name in enumerate(notebooks(), start=1)),
    )
