"""The repository's address: it stands in pyproject.toml, and here is what follows from it.

`python tools/repository.py owner/name` writes it there and wherever else it must appear.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".cff", ".ipynb", ".md", ".py", ".toml", ".yml"}
PEERS = {"tensorflow/tensorflow"}  # whose addresses may stand beside ours
ADDRESS = re.compile(r"github\.com/[\w.-]+/[\w.-]+|[\w-]+\.github\.io/[\w.-]+")


def address(root: Path = ROOT) -> str:
    """The repository as owner/name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def forms(repository: str) -> dict[str, str]:
    """The two ways in which the address is written: of the code and of the pages."""
    owner, name = repository.split("/")
    return {"code": f"github.com/{repository}", "pages": f"{owner}.github.io/{name}"}


def tracked(root: Path) -> list[Path]:
    """The files in which an address may stand."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    return [root / path for path in listed if Path(path).suffix in TEXT]


def disagreements(root: Path = ROOT) -> list[str]:
    """Places that name a repository, or pages, which are neither pyproject.toml's nor a peer's."""
    allowed = {*forms(address(root)).values(), *(f"github.com/{peer}" for peer in PEERS)}
    return [
        f"{path.relative_to(root).as_posix()}:{number}: {found} is neither ours nor a peer's"
        for path in tracked(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for found in ADDRESS.findall(line)
        if found.removesuffix(".git").rstrip(".") not in allowed
    ]


def rewrite(repository: str, root: Path = ROOT) -> list[Path]:
    """Write the address everywhere; return the files that changed."""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", repository):
        raise ValueError(f"REPO must be owner/name, as in REPO=ada/lrn-book, got {repository!r}")
    old, new = forms(address(root)), forms(repository)
    changed = []
    for path in tracked(root):
        text = path.read_text(encoding="utf-8")
        written = text
        for form in old:
            written = re.sub(rf"{re.escape(old[form])}(?![\w-])", new[form], written)
        if written != text:
            path.write_text(written, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


if __name__ == "__main__":
    try:
        for changed in rewrite(sys.argv[1] if len(sys.argv) == 2 else ""):
            print(changed.relative_to(ROOT).as_posix())
    except ValueError as error:
        sys.exit(str(error))
