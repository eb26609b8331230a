"""The rules that chapters keep, and that each rule can be broken."""

import json
import re

import nbformat
import pytest

from tests.book.notebooks.sample_chapter import code, drawn, printed, whole_chapter
from tools.notebooks.gpu_cells import NOT_RUN, RECORDED, digest
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required
from tools.notebooks.rules import RULES, problems
from tools.repository import ROOT

CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))


@pytest.fixture
def chapter():
    """A chapter that keeps every rule; its third code cell is there to be changed."""
    return whole_chapter()


def broken_rules(notebook, folder):
    """The names of the rules that the notebook breaks, each as 'Cell 2: rule'."""
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return {tuple(line.split(": ")[1:3]) for line in problems(path)}


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_keep_the_rules(path):
    """Every chapter of the book keeps every rule."""
    assert problems(path) == []


def test_a_chapter_that_keeps_the_rules_has_no_problem(chapter, tmp_path):
    """What the next tests break is whole before they break it."""
    assert broken_rules(chapter, tmp_path) == set()


def wait_for_a_gpu(notebook, cell):
    """Make the third code cell one that no GPU has run, and say so after it."""
    cell.metadata.update(tags=["gpu"])
    cell.update(execution_count=None, outputs=[])
    notebook.cells[6].source = f"{NOT_RUN}\n{notebook.cells[6].source}"
    for count, each in enumerate(notebook.cells[7::2], start=3):
        each.execution_count = count


def run_on_a_gpu(notebook, cell):
    """Make it one that a GPU has run."""
    cell.metadata.update(tags=["gpu"])
    record = dict.fromkeys(RECORDED, "") | {"cells": digest(notebook)}
    notebook.metadata.lrnlib = nbformat.from_dict({"gpu": record})


@pytest.mark.parametrize("change", [wait_for_a_gpu, run_on_a_gpu])
def test_a_cell_that_needs_a_gpu_may_wait_for_one(chapter, tmp_path, change):
    """Without outputs and a count if the text says so, with both if the metadata says whence."""
    change(chapter, chapter.cells[5])
    assert broken_rules(chapter, tmp_path) == set()


def after(change, further):
    """A break of a chapter with a cell that needs a GPU."""
    return lambda n, c: (change(n, c), further(n, c))


ERROR = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
HTML = nbformat.v4.new_output("display_data", {"text/html": "<br>\n" * 16})
WIDGET = "application/vnd.jupyter.widget-view+json"
# rule, where it is broken, what breaks it in the notebook n and its third code cell c
BREAKS = [
    ("plain-python", "Cell 2", lambda n, c: c.update(source="x = = 1")),
    ("executed-in-order", "Cell 2", lambda n, c: c.update(execution_count=None, outputs=[])),
    ("executed-in-order", "Cell 2", lambda n, c: c.update(execution_count=7)),
    ("no-error", "Cell 2", lambda n, c: c.outputs.append(ERROR)),
    ("allowed-tags", "Cell 2", lambda n, c: c.metadata.update(tags=["remove-cell"])),
    ("allowed-tags", "Cell 2", lambda n, c: c.metadata.update(tags=["nbval-ignore-output"])),
    ("allowed-tags", "Cell 2", lambda n, c: c.update(source="# NBVAL_IGNORE_OUTPUT\nprint(x)")),
    ("nothing-hidden", "Cell 2", lambda n, c: c.metadata.update(tags=["hide-input"])),
    ("nothing-hidden", "Cell 2", lambda n, c: c.metadata.update(tags=["hide-cell"])),
    ("clean-metadata", "chapter", lambda n, c: n.metadata.update(widgets={})),
    ("clean-metadata", "chapter", lambda n, c: n.metadata.kernelspec.update(name="conda")),
    ("clean-metadata", "chapter", lambda n, c: n.cells[0].metadata.update(tags=["x"])),
    ("clean-metadata", "Cell 2", lambda n, c: c.metadata.update(collapsed=False)),
    ("clean-metadata", "Cell 2", lambda n, c: c.metadata.update(mystnb={"remove_code_source": 1})),
    ("stable-outputs", "Cell 2", lambda n, c: c.outputs.append(printed("log", "stderr"))),
    ("stable-outputs", "Cell 2", lambda n, c: c.outputs[0].update(text="<f at 0x7f31>")),
    ("stable-outputs", "Cell 2", lambda n, c: c.update(outputs=[drawn(WIDGET)])),
    ("stable-outputs", "Cell 2", lambda n, c: c.update(outputs=[drawn("image/svg+xml")])),
    ("opening", "chapter", lambda n, c: n.cells[0].update(source="# Title")),
    ("opening", "chapter", lambda n, c: n.cells[0].update(source="#" + n.cells[0].source)),
    ("set-up", "Cell 0", lambda n, c: n.cells[1].update(source="import sys")),
    ("closing", "chapter", lambda n, c: n.cells[-1].update(source="## Summary")),
    ("exercises", "chapter", lambda n, c: n.cells[10].update(source="More.")),
    ("numbers-shown", "chapter", lambda n, c: n.cells[4].update(source="It is 0.25.")),
    ("length", "Cell 2", lambda n, c: c.update(source="x = 1\n" * 21)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f():\n" + "    x = 1\n" * 30)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f(): pass\n" + "x = 1\n" * 20)),
    ("length", "chapter", lambda n, c: [k.update(source="x = 1\n" * 9) for k in n.cells[3::2]]),
    ("width", "Cell 2", lambda n, c: c.update(source="x = " + "1" * 77)),
    ("output-length", "Cell 2", lambda n, c: c.outputs[0].update(text="1\n" * 16)),
    ("output-length", "Cell 2", lambda n, c: c.update(outputs=[HTML])),
    ("prose-around", "Cell 2", lambda n, c: n.cells.pop(4)),
    ("prose-around", "Cell 2", lambda n, c: n.cells[4].update(source=" ")),
    ("prose-around", "Cell 2", lambda n, c: n.cells.insert(6, code("y = 1", 4))),
    ("figures", "Cell 2", lambda n, c: c.update(outputs=[drawn()])),
    ("no-semicolon", "Cell 2", lambda n, c: c.update(source="x;")),
    ("no-redefinition", "Cell 2", lambda n, c: c.update(source="def lrn(x): pass")),
    ("no-redefinition", "Cell 2", lambda n, c: c.update(source="lrn, y = 1, 2")),
    ("no-redefinition", "Cell 2", lambda n, c: c.update(source="from math import sin as lrn")),
    ("no-redefinition", "Cell 2", lambda n, c: c.update(source="lrnlib.lrn = 2")),
    ("one-sentence-a-line", "chapter", lambda n, c: n.cells[2].update(source="One. Two.")),
    ("one-sentence-a-line", "chapter", lambda n, c: n.cells[2].update(source="One *thing*. Two.")),
    ("gpu-cells", "Cell 2", after(wait_for_a_gpu, lambda n, c: n.cells[6].update(source="Text."))),
    ("gpu-cells", "Cell 2", after(wait_for_a_gpu, lambda n, c: n.cells.pop(6))),
    ("gpu-cells", "Cell 2", after(run_on_a_gpu, lambda n, c: n.cells[6].update(source=NOT_RUN))),
    ("gpu-cells", "Cell 2", lambda n, c: n.cells[6].update(source=NOT_RUN)),
    ("gpu-cells", "chapter", after(run_on_a_gpu, lambda n, c: n.metadata.pop("lrnlib"))),
    ("gpu-cells", "chapter", after(run_on_a_gpu, lambda n, c: n.metadata.lrnlib.gpu.pop("date"))),
    ("gpu-cells", "chapter", after(run_on_a_gpu, lambda n, c: c.update(source="print(1)"))),
    ("gpu-cells", "chapter", after(run_on_a_gpu, wait_for_a_gpu)),
    (
        "executed-in-order",
        "Cell 2",
        after(wait_for_a_gpu, lambda n, c: c.outputs.append(printed("1"))),
    ),
    (
        "executed-in-order",
        "Cell 3",
        after(wait_for_a_gpu, lambda n, c: n.cells[7].update(execution_count=4)),
    ),
    ("executed-in-order", "Cell 2", after(wait_for_a_gpu, lambda n, c: c.metadata.pop("tags"))),
    ("requirements", "Cell 2", lambda n, c: c.update(source="import torch.nn\nprint(x)")),
    ("requirements", "Cell 2", lambda n, c: c.update(source="from onnx import helper\nprint(x)")),
    ("requirements", "chapter", lambda n, c: n.metadata.update(lrnlib={"requires": ["caffe"]})),
    ("set-up", "Cell 0", lambda n, c: n.metadata.update(lrnlib={"requires": ["onnx"]})),
]


@pytest.mark.parametrize(
    ("rule", "where", "change"), BREAKS, ids=[f"{k}-{b[0]}" for k, b in enumerate(BREAKS)]
)
def test_a_broken_rule_is_named_with_its_cell(chapter, tmp_path, rule, where, change):
    """A chapter outside a rule is reported with the rule's name and the cell's number."""
    change(chapter, chapter.cells[5])
    assert (where, rule) in broken_rules(chapter, tmp_path)


def test_every_rule_is_shown_to_fail():
    """No rule stands without a chapter that breaks it."""
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    """A chapter that cannot be read is one problem, not a traceback."""
    path = tmp_path / "chapter.ipynb"
    path.write_text('{"cells": [')
    (problem,) = problems(path)
    assert problem.startswith("chapter.ipynb: readable: not a notebook")


def test_every_notebook_of_the_book_is_a_chapter():
    """What _toc.yml publishes as a notebook is what the rules and nbval look at."""
    pages = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    notebooks = {ROOT / f"{page}.ipynb" for page in pages} - {
        ROOT / f"{page}.ipynb" for page in pages if (ROOT / f"{page}.md").exists()
    }
    assert notebooks == set(CHAPTERS)


def test_a_chapter_may_need_more_if_it_says_so(chapter, tmp_path):
    """Its metadata name what it imports, and in Colab it installs what is not there."""
    chapter.metadata.lrnlib = nbformat.from_dict({"requires": ["torch", "onnx"]})
    chapter.cells[1].source += f"\n    !pip install --quiet --no-deps {NOT_IN_COLAB['onnx']}"
    chapter.cells[5].source = "import onnx\nimport torch\nprint(x)"
    assert broken_rules(chapter, tmp_path) == set()


def test_the_makefile_knows_which_chapters_need_more():
    """`make peers` verifies them, and `make execute` runs them in the peers' environment."""
    needing = {path for path in CHAPTERS if required(nbformat.read(path, as_version=4))}
    (text,) = re.findall("grep -l '(.*)' chapters", (ROOT / "Makefile").read_text())
    assert {path for path in CHAPTERS if text in path.read_text("utf-8")} == needing


@pytest.mark.parametrize("source", ["files = !ls", "print?", "%time x = 1"])
def test_magics_are_python(chapter, tmp_path, source):
    """A cell in IPython's own syntax is read as what it runs."""
    chapter.cells[5].source = source
    assert broken_rules(chapter, tmp_path) == set()


def test_a_whole_function_may_be_longer(chapter, tmp_path):
    """A cell with one function alone may have 30 lines."""
    chapter.cells[5].source = "def f():\n" + "    x = 1\n" * 29
    assert broken_rules(chapter, tmp_path) == set()
