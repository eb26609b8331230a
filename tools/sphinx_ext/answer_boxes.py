"""Sphinx extension: a box in which the reader's browser checks the answer to an exercise.

A stub, the cell after a question that calls `exercises.name(...)`, needs a kernel. On an HTML page
a form follows it, and where scripts run the form takes its place (`_static/answers.css`). What the
form knows is the exercise as `lrnlib.book.exercises` has it; `_static/answers.js` grades as
`_grading.py` does. A function cannot be graded there: its stub is followed by a link to Colab.
"""

import json
import re
from dataclasses import asdict
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from lrnlib.book.exercises import EXERCISES
from lrnlib.book.exercises._answers import KINDS
from lrnlib.book.exercises._data import EXACT, Exercise, Part
from lrnlib.book.exercises._grading import NEARLY, ROUNDED, UNANSWERED

logger = logging.getLogger(__name__)
CALL = re.compile(r"^exercises\.(\w+)\(", re.M)
STRING_OR_INFINITY = re.compile(r'("(?:[^"\\]|\\.)*")|Infinity')
GRADING = {
    "UNANSWERED": UNANSWERED,
    "ROUNDED": ROUNDED,
    "NEARLY": NEARLY,
    "EXACT": EXACT,
    "names": {kind: each.name for kind, each in KINDS.items()},
}
LIST = "Numbers with commas between them, such as 0.75, 1/3"
FORMATS = {
    "number": "A number or an expression, such as 1/3 or 1e-4",
    "numbers": LIST,
    "channels": "Such as 0, 10-12; for none, []",
    "parameters": LIST,
    "float32_pair": LIST,
}


class AnswerBoxes(SphinxPostTransform):
    """Put a box or a link behind each stub, whose stored output says that there is no answer."""

    builders = ("html",)
    default_priority = 300

    def run(self, **kwargs: Any) -> None:
        stubs = [
            (cell, name[1])
            for section in self.document.findall(nodes.section)
            if "exercises" in section["ids"]
            for cell in section.findall(nodes.container)
            if cell.get("nb_element") == "cell_code"
            if (name := CALL.search(cell[0].astext()))
        ]
        for number, (cell, name) in enumerate(stubs, 1):
            if name not in EXERCISES:
                logger.warning("there is no exercise %r", name, location=cell)
                continue
            del cell[1:]
            cell["classes"].append("answer-stub")
            cell.parent.insert(cell.parent.index(cell) + 1, self.after(EXERCISES[name], number))

    def after(self, exercise: Exercise, number: int) -> nodes.Node:
        """What stands behind the stub of an exercise."""
        if exercise.parts:
            return nodes.raw("", form(exercise, number), format="html")
        address = colab_address(self.config, self.env.docname)
        link = nodes.reference("", "Try it in Colab", refuri=address, classes=["answer-colab"])
        return nodes.paragraph("", "", link)


def colab_address(config: Config, page: str) -> str:
    """Where the theme's own button opens the notebook of a page."""
    theme = config.html_theme_options
    repository = theme["repository_url"].removeprefix("https://github.com/")
    branch, colab = theme["repository_branch"], theme["launch_buttons"]["colab_url"]
    return f"{colab}/github/{repository}/blob/{branch}/{page}.ipynb"


def form(exercise: Exercise, number: int) -> str:
    """The box of an exercise, which is the nth of its page."""
    name = f"answer-{exercise.name}"
    choices = sorted({word for part in exercise.parts for word in _words(part)})
    several = len(exercise.parts) // len(exercise.arguments) if choices else 1
    fields = "".join(
        _field(f"{name}-{argument}", kind, text, choices, several)
        for argument, kind, text in exercise.arguments
    )
    # JSON has no infinity; 1e999 becomes one when a browser reads it.
    data = json.dumps(GRADING | {"exercise": asdict(exercise)})
    data = STRING_OR_INFINITY.sub(lambda found: found[1] or "1e999", data)
    return (
        f'<form class="answer-box" id="{name}" aria-label="Answer to exercise {number}" '
        f'data-exercise="{escape(data)}">{fields}<button type="submit">Check</button>'
        '<p class="answer-verdict" role="status" aria-live="polite"></p></form>'
    )


def _words(part: Part) -> list[str]:
    """The words to choose from: the right one, and one for each foreseen mistake."""
    if part.kind not in ("word", "dtype"):
        return []
    mistakes = {message: word for word, message in reversed(part.mistakes)}
    return [part.answer, *mistakes.values()]


def _field(name: str, kind: str, text: str, choices: list[str], several: int) -> str:
    """One argument of the check: a list to choose from for each word, or a line to write in."""
    label = re.sub(r"`+([^`]*)`+", r"<code>\1</code>", escape(text, quote=False))
    if several > 1:
        fields = (
            f'<label for="{name}-{k}">{k}</label> {_select(f"{name}-{k}", choices)}'
            for k in range(1, several + 1)
        )
        lines = "".join(f"<p>{field}</p>" for field in fields)
        return f"<fieldset><legend>{label}</legend>{lines}</fieldset>"
    if choices:
        return f'<p><label for="{name}">{label}</label> {_select(name, choices)}</p>'
    return (
        f'<p><label for="{name}">{label}</label>'
        f'<input type="text" id="{name}" placeholder="..." aria-describedby="{name}-format" '
        'autocomplete="off" autocapitalize="off" spellcheck="false">'
        f'<span class="answer-format" id="{name}-format">{FORMATS[kind]}</span></p>'
    )


def _select(name: str, choices: list[str]) -> str:
    options = "".join(f"<option>{escape(choice)}</option>" for choice in choices)
    return f'<select id="{name}"><option value="">...</option>{options}</select>'


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(AnswerBoxes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
