"""The repository's address is the same everywhere, and `make repository` keeps it so."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.repository import ROOT, address, rewrite

# Put together here, so that this file names no other repository.
CODE, PAGES = "github.com/", ".github.io/"
FILES = {
    "README.md": f"https://ada{PAGES}lrn-book/ and git+https://{CODE}ada/lrn-book.git.\n",
    "pyproject.toml": f'[project.urls]\nRepository = "https://{CODE}ada/lrn-book"\n',
    "references.bib": f"url = {{https://{CODE}tensorflow/tensorflow/issues/46996}}\n",
    "tools.svg": f"git@{CODE[:-1]}:ada/lrn-book, /github/{'ada/lrn-book'}.\n",
}


def disagreements(root):
    """Lines that name another repository, or its pages, than pyproject.toml and the references."""
    owner, name = map(re.escape, address(root).split("/"))
    host = r"github\.com[/:]|githubusercontent\.com/|/github/"
    name += r"(\.git)?(?![\w-]|\.\w)"
    other = re.compile(
        rf"({host})(?!{owner}/{name})[\w.-]+/[\w.-]"
        rf"|(?<![\w-])(?!{owner}\.github\.io/{name})[\w-]+\.github\.io/[\w.-]"
    )
    command = ["git", "grep", "--untracked", "-InE", rf"{host}|\.github\.io/", "."]
    command += [":!references.bib", ":!*package-lock.json"]  # they name only the code of others
    lines = subprocess.check_output(command, cwd=root, encoding="utf-8").splitlines()
    references = (root / "references.bib").read_text(encoding="utf-8")
    cited = set(re.findall(r"https://github\.com/[\w.-]+/[\w.-]+", references))
    for repository in sorted(cited, key=len, reverse=True):
        lines = [line.replace(repository, "") for line in lines]
    return [line for line in lines if other.search(line)]


@pytest.fixture
def project(tmp_path):
    """A small repository whose address is ada/lrn-book."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def contents(project):
    return {name: (project / name).read_text(encoding="utf-8") for name in FILES}


def test_every_place_of_this_repository_agrees():
    assert disagreements(ROOT) == []


def test_a_place_that_disagrees_is_found(project):
    """Another owner or name, of the code or of the pages, is found with its line."""
    assert disagreements(project) == []
    lines = [f"{CODE}bob/lrn-book", f"{CODE}ada/old-name", f"{CODE}ada/lrn-book.org"]
    lines += [f"git@{CODE[:-1]}:bob/lrn-book.git", f"colab/github/{'bob/lrn-book'}/blob"]
    lines += [f"https://bob{PAGES}lrn-book/", f"https://ada{PAGES}other/"]
    (project / "page.md").write_text("\n".join(lines), encoding="utf-8")
    assert disagreements(project) == [f"page.md:{k}:{line}" for k, line in enumerate(lines, 1)]


@pytest.mark.parametrize("new", ["bob/book", "ada/lrn-book.org", "x-ada/lrn-book"])
def test_an_address_is_written_everywhere(project, new, monkeypatch):
    """In pyproject.toml last, so that a rewrite that was interrupted can be repeated."""
    written, write = [], Path.write_text
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "write_text", lambda *a, **k: written.append(a[0].name) or write(*a, **k)
        )
        rewrite(new, project)
    assert written == ["README.md", "tools.svg", "pyproject.toml"]
    assert address(project) == new
    assert disagreements(project) == []
    complete = contents(project)
    (project / "pyproject.toml").write_text(FILES["pyproject.toml"], encoding="utf-8")
    rewrite(new, project)
    assert contents(project) == complete
    rewrite("ada/lrn-book", project)
    assert contents(project) == FILES


@pytest.mark.parametrize("new", ["", "book", f"{CODE}bob/book", "a b/c", f"bob/bob{PAGES[:-1]}"])
def test_a_bad_address_changes_nothing(project, new):
    """Anything but owner/name is an error before any file is written."""
    with pytest.raises(SystemExit, match="REPO must be owner/name"):
        rewrite(new, project)
    assert contents(project) == FILES
