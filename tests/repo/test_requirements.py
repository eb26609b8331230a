"""The requirements of the environments beside the book's own."""

import re
import tomllib

from tools.notebooks.optional_frameworks import NOT_IN_COLAB, OPTIONAL
from tools.repository import ROOT


def pins(kind):
    """Name to version; every line of the file is an exact pin or a comment."""
    text = (ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8")
    lines = [re.split("[#;]", line)[0].strip() for line in text.splitlines()]
    return dict(line.replace("_", "-").split("==") for line in lines if line)


def test_the_oldest_are_what_the_library_allows():
    """`make oldest` installs exactly the minimum versions of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    floors = project["dependencies"] + project["optional-dependencies"]["numba"]
    oldest = pins("-oldest")
    for name, floor in (re.fullmatch(r"([\w-]+)>=([\d.]+)", line).groups() for line in floors):
        assert oldest[name] in (floor, f"{floor}.0")


def test_colab_has_no_lrnlib():
    """Nor what a chapter installs beside lrnlib, which each chapter installs."""
    beside = {each.partition("==")[0] for each in " ".join(NOT_IN_COLAB.values()).split()}
    assert not {"lrnlib", *beside} & pins("-colab").keys()


def test_distributed_is_that_of_colabs_dask():
    """Each distributed needs the dask of the same version."""
    assert f"distributed=={pins('-colab')['dask']}" in NOT_IN_COLAB["distributed"].split()


def test_the_book_and_the_peers_agree():
    """What both pin has one version; what only the peers pin is in OPTIONAL."""
    book, peers = pins(""), pins("-peers")
    assert {name for name in peers.keys() & book if peers[name] != book[name]} == set()
    assert peers.keys() - book == OPTIONAL
