"""The rehearsal of Colab: which chapters pass, and which it refuses.

The Python in Colab's place is this one; the repository is a small one, whose lrnlib does nothing.
"""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

from tools.colab import rehearsal
from tools.notebooks.rules import SETUP

pytestmark = pytest.mark.skipif(os.name == "nt", reason="make colab needs a POSIX shell")

REPOSITORY = f"https://{'github.com'}/ada/lrn-book"  # so that this file names no other address
PROJECT = f"""\
[project]
name = "{{name}}"
version = "2"
dependencies = {{needs}}
[project.urls]
Repository = "{REPOSITORY}"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[tool.setuptools]
py-modules = ["{{name}}"]
"""
BACKEND = f"""\
import sys
sys.path.append({sysconfig.get_path("purelib")!r})  # setuptools, without asking the network
from setuptools.build_meta import *
"""
SET_UP = SETUP.format(repository="ada/lrn-book")
# chapter: its set-up, another cell, and what the rehearsal must say of it
CHAPTERS = {
    "right": (SET_UP, "import google.colab", ["ok"]),
    "many_faults": (
        SET_UP.replace("if", "if True or").replace(" --no-deps", "") + "\nprint(1)",
        "open('../lrnlib.py')",
        ["it installs neighbour @ file", "its set-up is not silent: 1\n", "Cell 2: ",
         "FileNotFoundError", "does something: ['lrnlib', 'neighbour']"],
    ),
    "another_lrnlib": (SET_UP.replace("git+{REPOSITORY}", "{lrnlib}"), "", ["lrnlib @ file://"]),
    "no_set_up": (
        "import sys\nprint(1)", "", ["installs no lrnlib", "outside Colab its set-up does", "1\\n"],
    ),
}  # fmt: skip


def project(folder, name, needs=()):
    """A package that pip can install."""
    folder.mkdir()
    text = PROJECT.format(name=name, needs=list(needs))
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / f"{name}.py").write_text("", encoding="utf-8")
    return folder


def git(folder, *command):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A repository with the chapters above and an lrnlib that needs a neighbour."""
    folder = tmp_path_factory.mktemp("repository")
    neighbour = project(folder / "neighbour", "neighbour")
    made = project(folder / "root", "lrnlib", [f"neighbour @ {neighbour.as_uri()}"])
    (made / "chapters").mkdir()
    for name, (set_up, more, _) in CHAPTERS.items():
        sources = (set_up.replace("{lrnlib}", str(made)), "import lrnlib", more)
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        raises = nbformat.v4.new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
        notebook = nbformat.v4.new_notebook(cells=[*cells, raises])
        nbformat.write(notebook, made / f"chapters/{name}.ipynb")
    git(made, "init", "--quiet")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "A book")
    return made


@pytest.fixture(scope="module")
def results(root):
    """What the rehearsal prints of each chapter above, run from a clone as a workflow has it."""
    git(root, "commit", "--quiet", "--allow-empty", "--message", "One more")
    git(root.parent, "clone", "--depth", "1", root.as_uri(), "shallow")
    git(root.parent / "shallow", "checkout", "--detach")
    chapters = [f"chapters/{name}.ipynb" for name in CHAPTERS]
    done = subprocess.run(
        [sys.executable, "-m", rehearsal.__name__, sys.executable, *chapters],
        cwd=root.parent / "shallow",
        env={**os.environ, "PYTHONPATH": str(Path(rehearsal.__file__).parents[2])},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stderr
    parts = re.split(r"^chapters/(\w+)\.ipynb: ", done.stdout, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_passes_only_if_it_would_run_in_colab(results, name):
    """It installs lrnlib alone and silently; each of the others is refused with the reason."""
    expected = CHAPTERS[name][-1]
    assert results[name].startswith("ok" if expected == ["ok"] else "FAILED")
    for problem in expected:
        assert problem in results[name]


def test_what_is_not_committed_is_not_rehearsed(root):
    """Colab would not have it either."""
    (root / "chapters/new.ipynb").write_text("{}", encoding="utf-8")
    assert "commit it first" in rehearsal.main(Path(sys.executable), [], root)
