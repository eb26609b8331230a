"""The repository's address: in one place, and the same wherever else it stands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import repository
from tools.repository import address, disagreements, rewrite

# Put together here, so that this file holds no address that disagrees.
CODE, HOST = "https://github.com", ".github.io"
FILES = {
    "pyproject.toml": f'[project.urls]\nRepository = "{CODE}/ada/lrn-book"\n',
    "README.md": f"https://ada{HOST}/lrn-book/ and git+{CODE}/ada/lrn-book\n",
    "references.bib": f"url = {{{CODE}/tensorflow/tensorflow/issues/46996}}\n",
    "page.svg": f"git@{CODE[8:]}:ada/lrn-book, /github/{'ada/lrn-book'}/blob\n",
    "chapter.ipynb": f'{{"source": "git+{CODE}/ada/lrn-book"}}\n',
    "tools.md": f"{CODE}/ada/lrn-book\n",
}


@pytest.fixture
def project(tmp_path):
    """A small repository whose address is ada/lrn-book."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_every_place_of_this_repository_agrees():
    """The address in pyproject.toml is the address everywhere."""
    assert disagreements() == []


def test_the_same_address_everywhere_is_no_disagreement(project):
    """The code that the bibliography cites is left alone."""
    assert disagreements(project) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chapter.ipynb", f"git+{CODE}/bob/lrn-book"),
        ("README.md", f"https://bob{HOST}/lrn-book/"),
        ("README.md", f"https://ada{HOST}/other/"),
        ("README.md", f"{CODE}/ada/old-name"),
        ("README.md", f"{CODE}/tensorflow/tensorflow"),
        ("page.svg", f"git@{CODE[8:]}:bob/lrn-book.git"),
        ("page.svg", f"colab/github/{'bob/lrn-book'}/blob/main"),
    ],
)
def test_a_place_that_disagrees_is_found(project, name, text):
    """A place with another owner or another page address is named with its line."""
    (project / name).write_text(f"first line\n{text}\n", encoding="utf-8")
    (found,) = disagreements(project)
    assert found.startswith(f"{name}:2: ")


def test_an_address_changed_in_one_place_alone_is_found(project):
    """After an edit of pyproject.toml by hand, every other place is one that disagrees."""
    text = FILES["pyproject.toml"].replace("ada/lrn-book", "bob/book")
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    places = {line.split(": ")[0] for line in disagreements(project)}
    assert places == {"README.md:1", "chapter.ipynb:1", "page.svg:1", "tools.md:1"}


def test_an_address_is_written_everywhere(project):
    """After a rewrite every place agrees on the new address, and what is cited is untouched."""
    changed = rewrite("bob/book", project)
    assert address(project) == "bob/book"
    assert {path.name for path in changed} == set(FILES) - {"references.bib"}
    assert (project / "README.md").read_text(encoding="utf-8") == (
        f"https://bob{HOST}/book/ and git+{CODE}/bob/book\n"
    )
    cited = (project / "references.bib").read_text(encoding="utf-8")
    assert cited == FILES["references.bib"]
    assert disagreements(project) == []


def test_a_deleted_file_does_not_stop_a_rewrite(project):
    """A file that git knows and that is gone is passed over."""
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    (project / "chapter.ipynb").unlink()
    rewrite("bob/book", project)
    assert disagreements(project) == []


def test_a_rewrite_can_be_undone(project):
    """Writing the old address again restores every file."""
    rewrite("bob/book", project)
    rewrite("ada/lrn-book", project)
    assert {name: (project / name).read_text(encoding="utf-8") for name in FILES} == FILES


@pytest.mark.parametrize("most", range(len(FILES) - 1))
def test_a_rewrite_that_was_stopped_can_be_repeated(project, monkeypatch, most):
    """After whichever file: the old address, from which the rest is found, is given up last."""
    write, written = Path.write_text, []

    def stopped(path, *text, **how):
        if len(written) == most:
            raise KeyboardInterrupt
        written.append(path)
        write(path, *text, **how)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", stopped)
        with pytest.raises(KeyboardInterrupt):
            rewrite("bob/book", project)
    rewrite("bob/book", project)
    assert address(project) == "bob/book"
    assert disagreements(project) == []


def test_where_git_lists_nothing_it_says_why(tmp_path):
    """In an unpacked archive: one line, with git's own words, and no traceback."""
    (tmp_path / "tools").mkdir()
    tool = shutil.copy(repository.__file__, tmp_path / "tools")
    (tmp_path / "pyproject.toml").write_text(FILES["pyproject.toml"], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, tool, "bob/book"],
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent), "LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "not a git repository" in line


@pytest.mark.parametrize(
    "repository", ["", "book", f"{CODE}/bob/book", "a/b/c", "a b/c", f"bob/bob{HOST}"]
)
def test_a_bad_address_changes_nothing(project, repository):
    """Anything but owner/name is one error that says so, before any file is written."""
    with pytest.raises(ValueError, match="REPO must be owner/name"):
        rewrite(repository, project)
    assert {name: (project / name).read_text(encoding="utf-8") for name in FILES} == FILES
