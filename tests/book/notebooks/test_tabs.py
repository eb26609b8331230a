"""Tabs that show the same program for NumPy and for CuPy: both run, and stay the same program."""

import re

import nbformat
import pytest

from tests.backends_under_test import GPU
from tools.repository import ROOT

TAB_SET = re.compile(r"^::::\{tab-set\}\n(.*?)^::::$", re.M | re.S)
TAB = re.compile(r"^:::\{tab-item\} (\w+)\n:sync: (\w+)\n\n```python\n(.*?)^```\n:::$", re.M | re.S)
NAMES = {"numpy": "cupy", "np": "cp"}  # all that may differ, as whole words


def tab_sets(text):
    """Every set of tabs, as the list of its tabs' title, key and program."""
    return [TAB.findall(found) for found in TAB_SET.findall(text)]


def for_cupy(program):
    """The program for NumPy with CuPy's names."""
    return re.sub(r"\w+", lambda word: NAMES.get(word[0], word[0]), program)


def problems(text):
    """What is wrong with a text's tabs."""
    sets = tab_sets(text)
    if text.count("{tab-item}") != sum(map(len, sets)):
        yield "a tab that is not written as all others are"
    for tabs in sets:
        if [tab[:2] for tab in tabs] != [("NumPy", "numpy"), ("CuPy", "cupy")]:
            yield f"the tabs are {[tab[:2] for tab in tabs]}"
        elif tabs[1][2] != for_cupy(tabs[0][2]):
            yield f"another program for CuPy:\n{tabs[1][2]}"
        elif "assert" not in tabs[0][2]:
            yield "a program that checks nothing"


def pages():
    """The text of every chapter that has tabs, by its name."""
    for path in sorted(ROOT.glob("chapters/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        if "tab-set" in text:
            yield pytest.param(text, id=path.stem)


PAGES = list(pages())
PROGRAMS = [
    pytest.param(
        program,
        marks=pytest.mark.skipif(key == "cupy" and not GPU, reason="needs a GPU"),
        id=f"{page.id}-{key}",
    )
    for page in PAGES
    for tabs in tab_sets(page.values[0])
    for _, key, program in tabs
]


def test_the_chapters_that_show_both_have_tabs():
    """None is passed over because its tabs are written in another way."""
    assert {page.id for page in PAGES} >= {"cupy_backend", "gradient", "worked_example"}


@pytest.mark.parametrize("text", PAGES)
def test_the_two_programs_are_one_but_for_names(text):
    """What is shown for CuPy is what is shown for NumPy, and both tabs turn together."""
    assert list(problems(text)) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_programs_run(program):
    """Each as a reader copies it, with its own check."""
    exec(compile(program, "tab", "exec"), {})


GOOD = """\
::::{tab-set}
:::{tab-item} NumPy
:sync: numpy

```python
import numpy as np

assert np.ones(3).npart == 3
```
:::

:::{tab-item} CuPy
:sync: cupy

```python
import cupy as cp

assert cp.ones(3).npart == 3
```
:::
::::
"""


def test_tabs_that_agree_have_no_problem():
    """What the next test breaks is whole before it does."""
    assert list(problems(GOOD)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cp.ones(3)", "cp.ones(4)"),
        ("cp.ones", "np.ones"),
        (":sync: cupy", ":sync: numpy"),
        (":sync: cupy\n", ""),
        ("} CuPy", "} GPU"),
        ("assert ", "print "),
    ],
)
def test_tabs_that_disagree_are_found(before, after):
    """A program that drifted, a key or a title that is another, a program without a check."""
    assert list(problems(GOOD.replace(before, after)))
