"""The repository's address is the same wherever it stands, and `make repository` keeps it so."""

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
DISAGREEING = f"""\
{CODE}bob/lrn-book
{CODE}ada/old-name
{CODE}ada/lrn-book.org
https://bob{PAGES}lrn-book/
https://ada{PAGES}other/
git@{CODE[:-1]}:bob/lrn-book.git
colab/github/{"bob/lrn-book"}/blob
"""


def disagreements(root):
    """Lines that name another repository, or its pages, than pyproject.toml does."""
    owner, name = map(re.escape, address(root).split("/"))
    name += r"(\.git)?(?![\w-]|\.\w)"
    code = r"(github\.com[/:]|githubusercontent\.com/|/github/)"
    command = ["git", "grep", "--untracked", "-InP"]
    command += ["-e", rf"{code}(?!{owner}/{name})[\w.-]+/[\w.-]"]
    command += ["-e", rf"(?<![\w-])(?!{owner}\.github\.io/{name})[\w-]+\.github\.io/[\w.-]"]
    command += [".", ":!references.bib", ":!*package-lock.json"]  # they name the code of others
    return subprocess.run(command, cwd=root, stdout=-1, encoding="utf-8").stdout.splitlines()


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
    """The address in pyproject.toml is the address everywhere."""
    assert disagreements(ROOT) == []


def test_a_place_that_disagrees_is_found(project):
    """Another owner or name, of the code or of the pages, is found with its line."""
    assert disagreements(project) == []
    (project / "page.md").write_text(DISAGREEING, encoding="utf-8")
    expected = enumerate(DISAGREEING.splitlines(), start=1)
    assert disagreements(project) == [f"page.md:{number}:{line}" for number, line in expected]


@pytest.mark.parametrize("new", ["bob/book", "ada/lrn-book.org", "x-ada/lrn-book"])
def test_an_address_is_written_everywhere(project, new, monkeypatch):
    """And in pyproject.toml last, so that a rewrite that was interrupted can be repeated."""
    written, write = [], Path.write_text
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "write_text", lambda *a, **k: written.append(a[0].name) or write(*a, **k)
        )
        rewrite(new, project)
    assert written == ["README.md", "tools.svg", "pyproject.toml"]
    assert address(project) == new
    assert disagreements(project) == []
    before = contents(project)
    (project / "pyproject.toml").write_text(FILES["pyproject.toml"], encoding="utf-8")
    rewrite(new, project)
    assert contents(project) == before
    rewrite("ada/lrn-book", project)
    assert contents(project) == FILES


@pytest.mark.parametrize("new", ["", "book", f"{CODE}bob/book", "a b/c", f"bob/bob{PAGES[:-1]}"])
def test_a_bad_address_changes_nothing(project, new):
    """Anything but owner/name is an error before any file is written."""
    with pytest.raises(SystemExit, match="REPO must be owner/name"):
        rewrite(new, project)
    assert contents(project) == FILES
