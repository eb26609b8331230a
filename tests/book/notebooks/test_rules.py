"""The book's chapters keep the rules, and each rule finds what breaks it."""

import json
import re

import nbformat
import pytest

import lrnlib
from tests.backends_under_test import GPU
from tests.book.notebooks.sample_chapter import code, drawn, printed, sample_chapter
from tools.notebooks.gpu_cells import NOT_RUN, RECORDED, digest
from tools.notebooks.notebooks import prose
from tools.notebooks.optional_frameworks import NOT_IN_COLAB, required
from tools.notebooks.rules import FOLDED, RULES, problems
from tools.repository import ROOT

CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))


PROGRAM = re.compile(r"^```python\n(import (?:numpy|cupy) as .*?)^```", re.M | re.S)


@pytest.fixture
def chapter():
    """A chapter that keeps every rule; its third code cell is there to be changed."""
    return sample_chapter()


def problems_of(notebook, folder):
    """The problems of a notebook, each as cell, rule and message."""
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return [line.split(": ", 3)[1:] for line in problems(path)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_keep_the_rules(path):
    assert problems(path) == []


def wait_for_a_gpu(notebook, cell):
    """Let no GPU have run the third code cell, and let the text after it say so."""
    cell.metadata.update(tags=["gpu"])
    cell.update(execution_count=None, outputs=[])
    notebook.cells[6].source = f"{NOT_RUN}\n{notebook.cells[6].source}"
    for count, each in enumerate(notebook.cells[7::2], start=3):
        each.execution_count = count


def run_on_a_gpu(notebook, cell):
    cell.metadata.update(tags=["gpu"])
    record = dict.fromkeys(RECORDED, "") | {"cells": digest(notebook)}
    notebook.metadata.lrnlib = nbformat.from_dict({"gpu": record})


def need_frameworks(notebook, cell):
    """Import frameworks that the metadata name, and install what Colab lacks."""
    notebook.metadata.lrnlib = nbformat.from_dict({"requires": ["torch", "onnx"]})
    notebook.cells[1].source += f"\n    !pip install --quiet --no-deps {NOT_IN_COLAB['onnx']}"
    cell.source = "import onnx\nimport torch\nprint(x)"


def explore(notebook, cell):
    """Output of which the rules count the text and not the HTML."""
    explorer = lrnlib.explorer()
    shown = {"text/plain": repr(explorer), "text/html": explorer._repr_html_()}
    cell.outputs = [nbformat.v4.new_output("execute_result", shown, execution_count=3)]


KEPT = {
    "sample": lambda n, c: None,
    "explorer": explore,
    "gpu-never-run": wait_for_a_gpu,
    "gpu-run": run_on_a_gpu,
    "frameworks": need_frameworks,
    "magic-!": lambda n, c: c.update(source="files = !ls"),
    "magic-?": lambda n, c: c.update(source="print?"),
    "magic-%": lambda n, c: c.update(source="%time x = 1"),
    "one-function-of-30-lines": lambda n, c: c.update(source="def f():\n" + "    x = 1\n" * 29),
}


@pytest.mark.parametrize("change", KEPT.values(), ids=KEPT)
def test_what_the_rules_allow_has_no_problem(chapter, tmp_path, change):
    change(chapter, chapter.cells[5])
    assert problems_of(chapter, tmp_path) == []


def after(change, further):
    return lambda n, c: (change(n, c), further(n, c))


def without(part, at):
    return lambda n, c: n.cells[at].update(source=n.cells[at].source.replace(part, ""))


ERROR = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
HTML = nbformat.v4.new_output("display_data", {"text/html": "<br>\n" * 16})
ORDER = "executed-in-order"
WIDGET = "application/vnd.jupyter.widget-view+json"
# rule, cell, what breaks the rule in the notebook n and its third code cell c
BREAKS = [
    ("plain-python", "Cell 2", lambda n, c: c.update(source="x = = 1")),
    (ORDER, "Cell 2", lambda n, c: c.update(execution_count=None, outputs=[])),
    (ORDER, "Cell 2", lambda n, c: c.update(execution_count=7)),
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
    ("numbers-shown", "chapter", after(explore, lambda n, c: n.cells[4].update(source="0.12"))),
    ("length", "Cell 2", lambda n, c: c.update(source="x = 1\n" * 21)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f():\n" + "    x = 1\n" * 30)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f(): pass\n" + "x = 1\n" * 20)),
    ("length", "chapter", lambda n, c: [k.update(source="x = 1\n" * 9) for k in n.cells[3::2]]),
    ("length", "Cell 2", lambda n, c: c.update(source="x = " + "1" * 77)),
    ("length", "Cell 2", lambda n, c: c.outputs[0].update(text="1\n" * 16)),
    ("length", "Cell 2", lambda n, c: c.update(outputs=[HTML])),
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
    (ORDER, "Cell 2", after(wait_for_a_gpu, lambda n, c: c.outputs.append(printed("1")))),
    (ORDER, "Cell 3", after(wait_for_a_gpu, lambda n, c: n.cells[7].update(execution_count=4))),
    (ORDER, "Cell 2", after(wait_for_a_gpu, lambda n, c: c.metadata.pop("tags"))),
    ("requirements", "Cell 2", lambda n, c: c.update(source="import torch.nn\nprint(x)")),
    ("requirements", "Cell 2", lambda n, c: c.update(source="from onnx import helper\nprint(x)")),
    ("requirements", "chapter", lambda n, c: n.metadata.update(lrnlib={"requires": ["caffe"]})),
    ("set-up", "Cell 0", lambda n, c: n.metadata.update(lrnlib={"requires": ["onnx"]})),
]


MANY = "\n".join(f"**{number}.**" for number in range(2, 7))
STUB, METADATA, SOLUTION = "make this a stub", "set the metadata", "let the solution call"
# cell, message, what breaks the rule for exercises: cells 7 and 9 are a stub and its solution
EXERCISES = [
    ("chapter", "write 2 to 5 exercises, not 1", without("**2.**", 10)),
    ("chapter", "write 2 to 5 exercises, not 6", lambda n, c: n.cells[10].update(source=MANY)),
    ("chapter", "a folded hint to exercise 2", without("<summary>Hint</summary>", 10)),
    ("chapter", "a folded solution to exercise 1", without("<summary>Solution</summary>", 8)),
    ("chapter", "2 exercises a stub and a solution each, not 3", lambda n, c: n.cells.pop(9)),
    ("chapter", "solution each, not 5", lambda n, c: n.cells.insert(9, code("y = 1", 5))),
    ("Cell 3", STUB, lambda n, c: n.cells[7].metadata.update(FOLDED)),
    ("Cell 3", STUB, without("exercises.reason", 7)),
    ("Cell 3", STUB, lambda n, c: n.cells[7].outputs[0].update(text="True\nRight. It is.\n")),
    ("Cell 4", METADATA, lambda n, c: n.cells[9].metadata.pop("cellView")),
    ("Cell 4", METADATA, lambda n, c: n.cells[9].metadata.pop("jupyter")),
    ("Cell 6", METADATA, lambda n, c: n.cells[13].metadata.update(tags=[])),
    ("Cell 4", SOLUTION, without("exercises.reason", 9)),
    ("Cell 4", SOLUTION, lambda n, c: n.cells[9].update(outputs=[printed("Not Right. No.\n")])),
]
ALL = [(rule, cell, "", change) for rule, cell, change in BREAKS]
ALL += [("exercises", *each) for each in EXERCISES]


@pytest.mark.parametrize(
    ("rule", "cell", "message", "change"), ALL, ids=[f"{k}-{b[0]}" for k, b in enumerate(ALL)]
)
def test_a_broken_rule_is_named_with_its_cell(chapter, tmp_path, rule, cell, message, change):
    change(chapter, chapter.cells[5])
    found = problems_of(chapter, tmp_path)
    assert any(each[:2] == [cell, rule] and message in each[2] for each in found)


def test_every_rule_is_shown_to_fail():
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    """It is one problem, not a traceback."""
    path = tmp_path / "chapter.ipynb"
    path.write_text('{"cells": [')
    (problem,) = problems(path)
    assert problem.startswith("chapter.ipynb: readable: not a notebook")


def test_every_notebook_of_the_book_is_a_chapter():
    """What _toc.yml publishes as a notebook is what the rules and nbval check."""
    pages = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    notebooks = {ROOT / f"{page}.ipynb" for page in pages} - {
        ROOT / f"{page}.ipynb" for page in pages if (ROOT / f"{page}.md").exists()
    }
    assert notebooks == set(CHAPTERS)


def test_the_makefile_knows_which_chapters_need_more():
    """`make peers` verifies them, and `make execute` runs them in the peers' environment."""
    needing = {path for path in CHAPTERS if required(nbformat.read(path, as_version=4))}
    (text,) = re.findall("grep -l '(.*)' chapters", (ROOT / "Makefile").read_text())
    assert {path for path in CHAPTERS if re.search(text, path.read_text("utf-8"))} == needing


@pytest.mark.parametrize(
    ("name", "programs"), [("cupy_backend", 2), ("gradient", 1), ("worked_example", 1)]
)
def test_programs_in_the_text_run(name, programs):
    """The one for CuPy runs on NumPy where there is no GPU; only the library's name differs."""
    text = prose(nbformat.read(ROOT / f"chapters/{name}.ipynb", as_version=4))
    found = PROGRAM.findall(text)
    assert len(found) == programs
    assert text.count("<summary>On a GPU, with CuPy</summary>\n\n```python\nimport cupy") == 1
    for program in found:
        assert "assert_allclose" in program
        exec(program if GPU else program.replace("import cupy as", "import numpy as"), {})
