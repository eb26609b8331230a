"""An environment is made anew if it would not work, or would not be what was asked for."""

import sys
from unittest.mock import Mock

import pytest

from tools import environment

ALL = ["venv", "pip", "uv", "pip"]  # the last for lrnlib


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make an environment, but run nothing; the result is what would have run."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "requirements.txt").write_text("uv==1.0\nnumpy==2.0\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "runs", lambda python: True)

    def commands(**options):
        monkeypatch.setattr(environment, "run", run := Mock())
        environment.make(tmp_path / ".venv", tmp_path / "requirements.txt", **options)
        return [call.args[1] for call in run.call_args_list]

    return commands


@pytest.mark.parametrize(
    ("file", "old", "new", "commands"),
    [
        ("pyproject.toml", "]", "]\nversion = '2'", ["pip"]),  # lrnlib alone
        ("requirements.txt", "2.0", "2.1", ALL),
        ("requirements.txt", "numpy", "torch", ["venv", "pip", "uv", "pip", "pip"]),
        (".venv/installed", ".venv", ".moved", ALL),  # its scripts hold the path of its folder
        (".venv/installed", sys.version.split()[0], "3.0", ALL),
    ],
)
def test_it_is_made_once_until_something_changes(make, tmp_path, file, old, new, commands):
    """Its own folder, its Python, its requirements, or lrnlib's."""
    assert make() == ALL
    assert make() == []
    text = (tmp_path / file).read_text()
    (tmp_path / file).write_text(text.replace(old, new))
    assert (tmp_path / file).read_text() != text
    assert make() == commands
    assert make() == []


def test_another_python(make, monkeypatch):
    """Unless a Python is asked for, the one that made it will do, if it still runs."""
    make()
    monkeypatch.setattr(sys, "version", "3.13.9 (main)")
    assert make(keep_python=True) == []
    monkeypatch.setattr(environment, "runs", lambda python: False)
    assert make(keep_python=True) == ALL
    monkeypatch.setattr(sys, "version", "3.9.1 (main)")
    with pytest.raises(SystemExit, match=r"3\.11 to 3\.13 is needed, this is 3\.9\.1;"):
        make()


def test_colab_installs_lrnlib_by_itself(make):
    """So its environment has the requirements alone."""
    assert make(lrnlib=False) == ["venv", "pip", "uv"]


def test_a_python_that_is_gone_is_found(tmp_path):
    """It may be the target of a link, or have lost its library."""
    assert environment.runs(sys.executable)
    assert not environment.runs(str(tmp_path / "python"))
