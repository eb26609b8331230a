"""The answer boxes in one page of a browser."""

import pytest

from lrnlib.book.exercises import EXERCISES
from tools.repository import ROOT
from tools.sphinx_ext.answer_boxes import form

BOXES = [exercise for exercise in EXERCISES.values() if exercise.parts]
LINES = [exercise for exercise in BOXES if "<select" not in form(exercise, 1)]
SCRIPT, STYLE = (ROOT / "_static" / f"answers.{kind}" for kind in ("js", "css"))
VERDICTS = """(cases) => cases.map(([name, typed]) => {
  const form = document.getElementById(`answer-${name}`);
  form.querySelectorAll("input, select").forEach((field, k) => { field.value = typed[k]; });
  form.requestSubmit();
  return form.querySelector(".answer-verdict").textContent;
})"""


@pytest.fixture(scope="module")
def open_boxes(chromium):
    """Opens the boxes of exercises in one page, which may load nothing and raise no error."""
    contexts, wrong = [], []

    def opened(boxes=BOXES, **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(f"asked for {request.url}"))
        forms = "".join(
            f'<div class="answer-stub">{each.name} = ...</div>{form(each, 1)}' for each in boxes
        )
        style, script = (file.read_text(encoding="utf-8") for file in (STYLE, SCRIPT))
        page.set_content(
            f"<!DOCTYPE html><style>{style}</style><main>{forms}</main><script>{script}</script>"
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def verdicts(open_boxes):
    """The messages of the boxes for pairs of an exercise's name and what is typed."""
    page = open_boxes()
    return lambda cases: page.evaluate(VERDICTS, cases)


def typed(answers, fields=1):
    """Python's arguments as they are typed in a box."""
    if fields == 1:
        return [_text(answer) for answer in answers]
    return [_text(answer) for answer in answers[0]]


def _text(answer):
    if answer is ...:
        return "..."
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list | tuple):
        return f"[{', '.join(map(_text, answer))}]"
    return repr(answer)
