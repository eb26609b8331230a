"""Each rule finds what breaks it, and nothing else."""

import json

import nbformat
import pytest

import lrnlib
from tests.book.notebooks.sample_chapter import (
    code,
    drawn,
    exercise,
    markdown,
    printed,
    sample_chapter,
)
from tools.notebooks.gpu_cells import NOT_RUN, RECORDED, digest
from tools.notebooks.notebooks import FOLDED, code_cells
from tools.notebooks.optional_frameworks import NOT_IN_COLAB
from tools.notebooks.rules import OF_CHAPTERS, RULES, problems


@pytest.fixture
def chapter():
    """A chapter that keeps every rule; its third code cell is there to be changed."""
    return sample_chapter()


def problems_of(notebook, folder, name="chapter"):
    """The problems of a notebook, each as cell, rule and message."""
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return [line.split(": ", 3)[1:] for line in problems(path)]


def wait_for_a_gpu(notebook, cell):
    """Let no GPU have run the third code cell, and let the text after it say so."""
    cell.metadata.update(tags=["gpu"])
    cell.update(execution_count=None, outputs=[])
    notebook.cells[6].source = f"{NOT_RUN}\n{notebook.cells[6].source}"
    for count, each in enumerate(code_cells(notebook)[3:], start=3):
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


def show_a_figure(notebook, cell):
    """A folded plot, with its alternative text and its caption."""
    alt = "Four bars, each lower than the last."
    cell.update(metadata=nbformat.from_dict({**FOLDED, "mystnb": {"image": {"alt": alt}}}))
    cell.outputs = [drawn()]
    notebook.cells[6].source = f"**Figure.** The bars shrink.\n\n{notebook.cells[6].source}"


def import_things(notebook, cell):
    cell.update(source="import math\nimport os\n\nmath.pi", outputs=[], metadata=FOLDED)


def say(*lines):
    """Put a text into the chapter."""
    return lambda n, c: n.cells[4].update(source="\n".join(lines))


KEPT = {
    "sample": lambda n, c: None,
    "figure": show_a_figure,
    "imports": import_things,
    "links": say(
        "[it](a.ipynb), [that](https://a.org/b#c), `[0](x)`, $f[x](y)$, `<b>` or `{term}`"
    ),
    "program": say("```python", "x[0](1)  # One. Two.", "```"),
    "number-in-a-link": say("[That](https://doi.org/10.1234/5.6)"),
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
    ("allowed-tags", "Cell 2", lambda n, c: c.metadata.update(tags=["hide-cell"])),
    ("folds", "Cell 0", lambda n, c: n.cells[1].update(metadata={})),
    ("folds", "Cell 2", lambda n, c: c.metadata.update(FOLDED)),
    ("folds", "Cell 2", after(import_things, lambda n, c: c.update(metadata={}))),
    ("folds", "Cell 2", after(show_a_figure, lambda n, c: c.metadata.pop("cellView"))),
    ("folds", "Cell 2", after(show_a_figure, lambda n, c: c.metadata.pop("jupyter"))),
    ("folds", "Cell 2", after(show_a_figure, lambda n, c: c.metadata.update(tags=[]))),
    ("clean-metadata", "chapter", lambda n, c: n.metadata.update(widgets={})),
    ("clean-metadata", "chapter", lambda n, c: n.metadata.kernelspec.update(name="conda")),
    ("clean-metadata", "chapter", lambda n, c: n.cells[0].metadata.update(tags=["x"])),
    ("clean-metadata", "Cell 2", lambda n, c: c.metadata.update(collapsed=False)),
    ("clean-metadata", "Cell 2", lambda n, c: c.metadata.update(mystnb={"figure": {}})),
    ("stable-outputs", "Cell 2", lambda n, c: c.outputs.append(printed("log", "stderr"))),
    ("stable-outputs", "Cell 2", lambda n, c: c.outputs[0].update(text="<f at 0x7f31>")),
    ("stable-outputs", "Cell 2", lambda n, c: c.update(outputs=[drawn(WIDGET)])),
    ("stable-outputs", "Cell 2", lambda n, c: c.update(outputs=[drawn("image/svg+xml")])),
    ("opening", "chapter", lambda n, c: n.cells[0].update(source="# Title")),
    ("opening", "chapter", lambda n, c: n.cells[0].update(source="#" + n.cells[0].source)),
    ("opening", "chapter", without("Why?\n\n", 0)),
    ("opening", "chapter", without("**You need**", 0)),
    ("set-up", "Cell 0", lambda n, c: n.cells[1].update(source="import sys")),
    ("closing", "chapter", lambda n, c: n.cells[-1].update(source="## References\n\n- A.")),
    ("closing", "chapter", without("- This.", 6)),
    (
        "closing",
        "chapter",
        lambda n, c: n.cells[-1].update(source="## Go deeper\n\n" + "- A.\n" * 4),
    ),
    ("portable", "chapter", say("{cite:t}`a`")),
    ("portable", "chapter", say("```{note}", "```")),
    ("portable", "chapter", say(":::{tab-set}")),
    ("portable", "chapter", say("(target)=")),
    ("portable", "chapter", say("{{ name }}")),
    ("portable", "chapter", say("A note[^1].")),
    ("portable", "chapter", say('<div class="a">A</div>')),
    ("portable", "chapter", say("[term](<#running sum>)")),
    ("portable", "chapter", say("| a | [term](#sum) |")),
    ("portable", "chapter", say("[words](glossary.md)")),
    ("portable", "chapter", say("[part](a.ipynb#part)")),
    ("portable", "chapter", say("[](a.ipynb)")),
    ("exercises", "chapter", lambda n, c: n.cells.pop(10)),
    ("numbers-shown", "chapter", lambda n, c: n.cells[4].update(source="It is 0.25.")),
    ("numbers-shown", "chapter", after(explore, lambda n, c: n.cells[4].update(source="0.12"))),
    ("length", "Cell 2", lambda n, c: c.update(source="x = 1\n" * 21)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f():\n" + "    x = 1\n" * 30)),
    ("length", "Cell 2", lambda n, c: c.update(source="def f(): pass\n" + "x = 1\n" * 20)),
    ("length", "chapter", lambda n, c: [k.update(source="x = 1\n" * 9) for k in code_cells(n)[1:]]),
    ("length", "Cell 2", lambda n, c: c.update(source="x = " + "1" * 77)),
    ("output-length", "Cell 2", lambda n, c: c.outputs[0].update(text="1\n" * 16)),
    ("output-length", "Cell 2", lambda n, c: c.update(outputs=[HTML])),
    ("figures", "Cell 2", after(show_a_figure, without("**Figure.** ", 6))),
    ("figures", "Cell 2", after(show_a_figure, lambda n, c: n.cells.insert(6, markdown("More.")))),
    ("figures", "Cell 2", after(show_a_figure, lambda n, c: c.metadata.pop("mystnb"))),
    (
        "figures",
        "Cell 2",
        after(show_a_figure, lambda n, c: c.metadata.mystnb.image.update(alt="A")),
    ),
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


def more(part, at):
    return lambda n, c: n.cells[at].update(source=n.cells[at].source + part)


FORM, TAKEN = "write three cells", "rename answer_1 here or in the solution: it is in use"
# cell, message, what breaks the rule for exercises: cells 6 to 8 are the first of three
EXERCISES = [
    ("chapter", "write 3 to 5 exercises, not 2", lambda n, c: n.cells.__delitem__(slice(12, 15))),
    (
        "chapter",
        "exercises, not 6",
        lambda n, c: n.cells.__setitem__(slice(15, 15), THREE),
    ),
    ("chapter", f"exercise 1: {FORM}", lambda n, c: n.cells.pop(8)),
    ("chapter", f"exercise 1: {FORM}", lambda n, c: n.cells.insert(9, code("y = 1", 5))),
    ("chapter", "exercise 2: begin the question with **2.**", without("2", 9)),
    ("chapter", "exercise 1: begin the question with **1.**", more("\n**2.** Why?", 6)),
    ("chapter", "exercise 2: add a folded hint", without("<summary>Hint</summary>", 9)),
    ("chapter", "exercise 1: fold the solution", without("<details>\n", 8)),
    ("chapter", "exercise 1: fold the solution", more("\nMore.", 8)),
    ("chapter", "exercise 1: fold the solution", without("```python", 8)),
    ("Cell 3", "unfold the stub", lambda n, c: n.cells[7].metadata.update(FOLDED)),
    ("Cell 3", "let the stub begin with", without("from lrnlib.book import exercises\n", 7)),
    ("Cell 3", "let the stub begin with", without("exercises.reason", 7)),
    (
        "Cell 3",
        "the stub is right",
        lambda n, c: n.cells[7].outputs[0].update(text="1\nRight. It\n"),
    ),
    ("Cell 3", "import or define x in the stub", more("\n\n\ndef f(a):\n    return a + x", 7)),
    ("Cell 3", TAKEN, lambda n, c: n.cells[3].update(source="answer_1 = 1")),
    ("Cell 4", TAKEN, lambda n, c: n.cells[10].update(source=n.cells[7].source)),
    ("Cell 3", "rename x here or in the sol", lambda n, c: n.cells[8].update(source=OVERWRITES)),
]
THREE = [cell for number in (4, 5, 6) for cell in exercise(number)]
OVERWRITES = sample_chapter().cells[8].source.replace("42\n", "42\nx = 1\n")
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


def test_the_landing_page_need_not_have_the_form_of_a_chapter(chapter, tmp_path):
    """But no other rule is left out."""
    del chapter.cells[6:]
    chapter.cells[0].source, chapter.cells[4].source = "# Title", "[words](glossary.md)"
    chapter.cells[5].outputs[0].text = "1\n" * 16
    assert {rule for _, rule, _ in problems_of(chapter, tmp_path)} == {*OF_CHAPTERS, "portable"}
    assert {rule for _, rule, _ in problems_of(chapter, tmp_path, "intro")} == {"portable"}
