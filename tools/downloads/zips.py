"""The notebooks and the conformance vectors as zip files, the same bytes every time."""

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lrnlib.conformance import export
from tools.downloads.pages import pages, settings
from tools.repository import ROOT, address

BEGINNING = (1980, 1, 1, 0, 0, 0)  # the format's first date stands for none
LICENCES = ("LICENSE", "LICENSE-TEXT.md", "CITATION.cff")
REQUIREMENTS = ("requirements.txt", "requirements-peers.txt", "requirements-gpu.txt")
RUN = """\
# {title}: the notebooks

The chapters of the book at <{site}>, with their outputs, in the book's order:

{chapters}

To run them you need Python 3.11, 3.12 or 3.13:

    python -m venv lrn
    lrn/bin/python -m pip install jupyterlab -r requirements.txt
    lrn/bin/python -m pip install git+https://github.com/{repository}
    lrn/bin/jupyter lab chapters

On Windows the commands are in `lrn\\Scripts` instead of `lrn/bin`.
`requirements.txt` holds the versions that the outputs were computed with, those of TensorFlow,
CuPy and NVIDIA's compiler included: some 900 MB. `frameworks.ipynb` needs those of
`requirements-peers.txt` instead, in an environment of its own, and the marked cells of
`cupy_backend.ipynb` a GPU and those of `requirements-gpu.txt`.
`lrnlib/book/records` holds the measurements that two of the chapters show.

The licences of the text and of the code are in LICENSE-TEXT.md and LICENSE.
"""


def write_notebooks(target: Path, root: Path = ROOT) -> None:
    """Every chapter that is a notebook, and what it takes to run them."""
    names = [*LICENCES, *REQUIREMENTS]
    found = [root / name for name in names] + sorted(root.glob("chapters/*.ipynb"))
    found += sorted(root.glob("lrnlib/book/records/*.json"))
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in found}
    write(target, files | {"README.md": _readme(root).encode()}, folder="lrn-book-notebooks/")


def write_vectors(target: Path, root: Path = ROOT) -> None:
    """What `python -m lrnlib.conformance --export DIR` writes, with the licence."""
    with tempfile.TemporaryDirectory() as folder:
        made = export(Path(folder, "vectors"))
        files = {path.name: path.read_bytes() for path in made.iterdir()}
    files["LICENSE"] = (root / "LICENSE").read_bytes()
    write(target, files, folder="lrnlib-conformance-vectors/")


def write(target: Path, files: Mapping[str, bytes], folder: str = "", stored: str = "") -> None:
    """A zip of the files, sorted and without dates; `stored` comes first and uncompressed."""
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files, key=lambda name: (name != stored, name)):
            entry = zipfile.ZipInfo(folder + name, BEGINNING)
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])


def _readme(root: Path) -> str:
    config = settings()
    notebooks = [name for name in pages(root) if (root / f"{name}.ipynb").exists()]
    return RUN.format(
        title=config["title"],
        site=config["html"]["baseurl"],
        repository=address(root),
        chapters="\n".join(f"{k}. {name}.ipynb" for k, name in enumerate(notebooks, start=1)),
    )
