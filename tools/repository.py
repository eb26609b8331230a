"""The repository's address, which pyproject.toml holds.

`python -m tools.repository owner/name` replaces it there and wherever else it appears.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def address(root: Path = ROOT) -> str:
    """The repository as owner/name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def rewrite(repository: str, root: Path = ROOT) -> None:
    """Replace the addresses of the code and of the pages in every text file."""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+(?<!\.git)(?<!\.github\.io)", repository):
        sys.exit(f"REPO must be owner/name, and its pages those of a project, got {repository!r}")
    code = address(root), repository
    pages = [name.replace("/", ".github.io/") for name in code]
    grep = ["git", "grep", "--untracked", "-IlF", "-e", code[0], "-e", pages[0]]
    paths = [
        root / name for name in subprocess.check_output(grep, cwd=root, text=True).splitlines()
    ]
    # While pyproject.toml has the old address, a rewrite that was interrupted can be repeated.
    for path in sorted(paths, key=lambda path: path.name == "pyproject.toml"):
        text = path.read_text(encoding="utf-8")
        for before, after in (code, pages):
            text = re.sub(rf"(?<![\w-]){re.escape(before)}(?![\w-]|\.(?!git\b)\w)", after, text)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    rewrite("".join(sys.argv[1:]))
