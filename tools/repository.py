"""The repository's address: it stands in pyproject.toml, and here is what follows from it.

`python -m tools.repository owner/name` writes it there and wherever else it must appear.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OTHERS = {"references.bib", "package-lock.json"}  # they name the code of others, and never ours
CODE = re.compile(r"(?:github\.com[/:]|githubusercontent\.com/|/github/)([\w.-]+/[\w.-]+)")
PAGES = re.compile(r"([\w-]+)\.github\.io/([\w.-]+)")


def address(root: Path = ROOT) -> str:
    """The repository as owner/name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"].removeprefix("https://github.com/")


def both_forms(repository: str) -> tuple[str, str]:
    """The address as code and as pages."""
    owner, name = repository.split("/")
    return repository, f"{owner}.github.io/{name}"


def texts(root: Path) -> dict[Path, str]:
    """Every text file of the project, in which an address may stand."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        why = " ".join(done.stderr.split())
        raise RuntimeError(f"git does not list the files of {root}: {why}")
    found = {}
    for path in (root / name for name in done.stdout.split("\0") if name):
        try:
            found[path] = path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):  # deleted, not yet committed; or a picture
            continue
    return found


def addresses(line: str) -> Iterator[str]:
    """The repositories that a line names, as owner/name, by their code or by their pages."""
    yield from (found.removesuffix(".git").rstrip(".") for found in CODE.findall(line))
    yield from (f"{owner}/{name.rstrip('.')}" for owner, name in PAGES.findall(line))


def disagreements(root: Path = ROOT) -> list[str]:
    """Places outside the bibliography that name another repository, or pages, than ours."""
    ours = address(root)
    return [
        f"{path.relative_to(root).as_posix()}:{number}: {found} is not {ours}"
        for path, text in texts(root).items()
        for number, line in enumerate(text.splitlines(), start=1)
        for found in addresses(line)
        if found != ours and path.name not in OTHERS
    ]


def rewrite(repository: str, root: Path = ROOT) -> list[Path]:
    """Write the address everywhere; return the files that changed."""
    if not re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+(?<!\.github\.io)", repository):
        raise ValueError(
            f"REPO must be owner/name, as in REPO=ada/lrn-book, and its pages those of a project, "
            f"got {repository!r}"
        )
    forms = list(zip(both_forms(address(root)), both_forms(repository), strict=True))
    changed = {}
    for path, text in texts(root).items():
        written = text
        for before, after in forms:
            written = re.sub(rf"(?<![\w-]){re.escape(before)}(?![\w-])", after, written)
        if written != text:
            changed[path] = written
    last = root / "pyproject.toml"  # while it has the old address, a rewrite can be repeated
    for path in sorted(changed, key=lambda path: (path == last, path)):
        path.write_text(changed[path], encoding="utf-8", newline="\n")
    return list(changed)


if __name__ == "__main__":
    try:
        for changed in rewrite(sys.argv[1] if len(sys.argv) == 2 else ""):
            print(changed.relative_to(ROOT).as_posix())
    except (RuntimeError, ValueError) as error:
        sys.exit(str(error))
