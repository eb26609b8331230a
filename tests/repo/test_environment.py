"""An environment is made anew if it would not work, or would not be what was asked for."""

import subprocess
import sys

import pytest

from tools import environment

ALL = ["venv", "pip", "uv", "pip"]  # the last for lrnlib


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make an environment, but run no command; the result is which would have run."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / "requirements.txt").write_text("uv==1.0\nnumpy==2.0\n")
    commands = []

    def run(command, **options):
        commands.append(command[2])
        if command[2] == "venv":
            (tmp_path / ".venv").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    def made(**options):
        commands.clear()
        environment.make(tmp_path / ".venv", tmp_path / "requirements.txt", **options)
        return list(commands)

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment.subprocess, "run", run)
    monkeypatch.setattr(environment, "version_of", lambda python: "3.12.1 (main)")
    return made


def test_it_is_made_once(make, tmp_path):
    """If only pyproject.toml has changed, lrnlib is installed again, and nothing else."""
    assert make() == ALL
    assert make() == []
    (tmp_path / "pyproject.toml").write_text("[project]\nversion = '2'")
    assert make() == ["pip"]
    assert make() == []


def test_other_requirements_and_another_folder(make, tmp_path):
    """Either makes it anew; the scripts of an environment hold the path of its folder."""
    make()
    (tmp_path / "requirements.txt").write_text("uv==1.0\nnumpy==2.1\n")
    assert make() == ALL
    stamp = tmp_path / ".venv" / "installed"
    stamp.write_text(stamp.read_text().replace(str(tmp_path), "/elsewhere"))
    assert make() == ALL


def test_another_python(make, monkeypatch):
    """It is made anew for a Python that was asked for; otherwise the one that made it will do."""
    monkeypatch.setattr(sys, "version", "3.12.1 (main)")
    make()
    monkeypatch.setattr(sys, "version", "3.13.0 (main)")
    assert make(keep_python=True) == []
    monkeypatch.setattr(environment, "version_of", lambda python: "")  # that one is gone
    assert make(keep_python=True) == ALL
    assert make() == []
    monkeypatch.setattr(sys, "version", "3.9.1 (main)")
    with pytest.raises(SystemExit, match=r"3\.11 to 3\.13 is needed, this is 3\.9\.1;"):
        make()


def test_only_pip_finds_pytorch_for_cpus(make, tmp_path):
    """uv installs the rest. Colab's environment is without lrnlib, which its notebooks install."""
    (tmp_path / "requirements.txt").write_text("uv==1.0\nnumpy==2.0\ntorch==2.0\n")
    assert make(lrnlib=False) == ["venv", "pip", "uv", "pip"]
