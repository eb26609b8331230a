"""The rehearsal in Colab's place: what it passes, and what it must not pass.

The Python in Colab's place is this one, with a folder of its own to install into; the repository
is a small one, whose lrnlib does nothing.
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
PROJECT = """\
[project]
name = "{name}"
version = "{version}"
dependencies = {needs}
[project.urls]
Repository = "{repository}"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# The smallest that pip can build with, and without asking the network.
BACKEND = """\
import pathlib, tomllib, zipfile

project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
name, version = project["name"], project["version"]
METADATA = f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n" + "".join(
    f"Requires-Dist: {needed}\\n" for needed in project["dependencies"])
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def build_wheel(folder, settings=None, metadata=None):
    built, about = f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, built), "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{about}/METADATA", METADATA)
        wheel.writestr(f"{about}/WHEEL", WHEEL)
        wheel.writestr(f"{about}/RECORD", "")
    return built
"""


def project(folder, name, version, needs=()):
    """A package that pip can install."""
    folder.mkdir()
    text = PROJECT.format(name=name, version=version, needs=list(needs), repository=REPOSITORY)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    return folder


def git(folder, *command):
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


def installed(site, source):
    """Let site-packages hold neighbour 1, as pip would have installed it from its source."""
    about = site / "neighbour-1.dist-info"
    about.mkdir()
    files = {
        site / "neighbour.py": "",
        about / "METADATA": "Metadata-Version: 2.1\nName: neighbour\nVersion: 1\n",
        about / "direct_url.json": f'{{"url": "{source.as_uri()}", "dir_info": {{}}}}',
        about / "RECORD": "neighbour.py,,\n"
        + "".join(f"{about.name}/{name},,\n" for name in ("METADATA", "direct_url.json", "RECORD")),
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python that sees the packages of this one, and has neighbour 1; 2 lies beside it."""
    made = tmp_path_factory.mktemp("colab") / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    (site,) = made.glob("lib/*/site-packages")
    (site / "these.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    (made / "bin/pip").write_text(f'#!/bin/sh\nexec {made}/bin/python -m pip "$@"\n')
    (made / "bin/pip").chmod(0o755)
    installed(site, project(made.parent / "neighbour1", "neighbour", "1"))
    project(made.parent / "neighbour2", "neighbour", "2")
    return made / "bin/python"


SET_UP = SETUP.format(repository="ada/lrn-book")
# All that a chapter may ask of Colab and of the network.
ALLOWED = f"""\
import google.colab
from urllib.error import URLError
from urllib.request import urlopen

url = "{REPOSITORY}/raw/main/benchmarks/"
api = "{REPOSITORY.replace("github.com", "api.github.com/repos")}/contents/benchmarks"
assert urlopen(url + "a.json").read() == b"{{}}"
assert b"a.json" in urlopen(api).read()
for refused in (url + "b.json", "https://example.org"):
    try:
        urlopen(refused)
    except URLError:
        continue
    raise AssertionError(refused)"""
# chapter: its set-up, another cell, and what must be said of it
CHAPTERS = {
    "is_whole": (SET_UP, ALLOWED, ["ok"]),
    "moves_its_neighbour": (
        SET_UP.replace(" --no-deps", ""),
        "",
        ["it leaves neighbour @ file", "neighbour2, before: neighbour @ file"],
    ),
    "needs_a_file": (SET_UP, "open('../benchmarks/a.json')", ["FileNotFoundError"]),
    "prints": (
        f"{SET_UP}\nprint(1)",
        "",
        ["its set-up is not silent: 1", "outside Colab its set-up is not silent"],
    ),
    "takes_another_lrnlib": (
        SET_UP,
        "lrnlib.__file__ = '/elsewhere'",
        ["not the one that it has installed, but /elsewhere"],
    ),
    "without_a_set_up": ("import sys", "", ["installed no lrnlib", "ModuleNotFoundError"]),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory, python):
    """A repository with lrnlib, which asks for neighbour 2, a record, and the chapters above."""
    needs = [f"neighbour @ {(python.parents[2] / 'neighbour2').as_uri()}"]
    made = project(tmp_path_factory.mktemp("repository") / "root", "lrnlib", "0", needs)
    (made / "benchmarks").mkdir()
    (made / "benchmarks/a.json").write_text("{}", encoding="utf-8")
    (made / "chapters").mkdir()
    for name, (set_up, more, _) in CHAPTERS.items():
        cells = [nbformat.v4.new_code_cell(source) for source in (set_up, "import lrnlib", more)]
        raises = nbformat.v4.new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
        notebook = nbformat.v4.new_notebook(cells=[*cells, raises])
        nbformat.write(notebook, made / f"chapters/{name}.ipynb")
    git(made, "init", "--quiet")
    git(made, "add", ".")
    git(made, "commit", "--quiet", "--message", "A book")
    return made


@pytest.fixture(scope="module")
def said(root, python):
    """What the rehearsal says of each chapter above, run from a clone as a workflow has it."""
    git(root, "commit", "--quiet", "--allow-empty", "--message", "One more")
    git(root.parent, "clone", "--depth", "1", root.as_uri(), "shallow")
    git(root.parent / "shallow", "checkout", "--detach")
    tool = Path(rehearsal.__file__)
    chapters = [f"chapters/{name}.ipynb" for name in CHAPTERS]
    done = subprocess.run(
        [sys.executable, str(tool), str(python), *chapters],
        cwd=root.parent / "shallow",
        env={**os.environ, "PYTHONPATH": str(tool.parents[1])},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stderr
    parts = re.split(r"^chapters/(\w+)\.ipynb: ", done.stdout, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_passes_only_if_it_would_run_in_colab(said, name):
    """It installs lrnlib alone and silently; each of the others is refused with the reason."""
    expected = CHAPTERS[name][-1]
    assert said[name].startswith("ok" if expected == ["ok"] else "FAILED")
    for problem in expected:
        assert problem in said[name]


def test_nothing_is_left_behind(said, python):
    """What the chapters have installed is gone, and what they have moved is back."""
    (site,) = python.parents[1].glob("lib/*/site-packages")
    left = {path.name for path in site.iterdir()} - {"__pycache__"}
    assert left == {"neighbour-1.dist-info", "neighbour.py", "these.pth"}


def test_what_is_not_committed_is_not_rehearsed(said, root, python):
    """Colab would not have it either."""
    (root / "benchmarks/b.json").write_text("{}", encoding="utf-8")
    assert "commit it first" in rehearsal.main(python, [], root)


class Stopped(rehearsal.Runtime):
    """A runtime that holds what `have` says, and whose chapters install onnx and are stopped."""

    def packages(self):
        return dict(self.have)

    def restore(self, before, after):
        assert after == self.have
        self.have.clear()
        self.have.update(before)

    def run(self, notebook, in_colab):
        self.have["onnx"] = "onnx==1"
        raise KeyboardInterrupt


@pytest.fixture
def stopped(monkeypatch):
    """A runtime that has numpy alone."""
    monkeypatch.setattr(Stopped, "have", {"numpy": "numpy==2"}, raising=False)
    return Stopped(Path(sys.executable), Path(), REPOSITORY, "")


@pytest.mark.parametrize("run", [rehearsal.in_colab, rehearsal.elsewhere])
def test_a_rehearsal_that_is_stopped_restores(stopped, run):
    """Whatever ends it."""
    cells = [nbformat.v4.new_code_cell(SET_UP)]
    with pytest.raises(KeyboardInterrupt):
        list(run(nbformat.v4.new_notebook(cells=cells), stopped))
    assert stopped.have == {"numpy": "numpy==2"}


@pytest.mark.parametrize("left", ["lrnlib", "onnx", "onnxruntime"])
def test_what_a_killed_rehearsal_has_left_is_taken_away(stopped, tmp_path, monkeypatch, left):
    """It could not restore; with onnx there, that a chapter does not install it would not show."""
    git(tmp_path, "init", "--quiet")
    monkeypatch.setattr(rehearsal, "made", lambda *_: stopped)
    stopped.have[left] = f"{left}==1"
    assert rehearsal.main(stopped.python, [], tmp_path) is None
    assert stopped.have == {"numpy": "numpy==2"}
