"""The rule that the text of a notebook reads well outside the book, too.

JupyterLab, GitHub and Colab show CommonMark, mathematics and `<details>`. What only Sphinx knows is
raw text there, or a link that leads nowhere.
"""

import re
from collections.abc import Iterator

from tools.notebooks.notebooks import Notebook, Problem, text_cells

PROGRAMS = re.compile(r"^(`{3,})(?!\{).*?^\1$", re.M | re.S)
CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|\$[^$]+\$")
NOT_COMMONMARK = {
    "role": re.compile(r"\{[\w:+-]+\}`"),
    "directive": re.compile(r"^\s*(?:[`~]{3,}\s*\{|:{3,})"),
    "target": re.compile(r"^\s*\([^)]+\)=\s*$"),
    "substitution": re.compile(r"\{\{ ?\w+ ?\}\}"),
    "footnote": re.compile(r"\[\^\w+\]"),
    "tag other than details": re.compile(r"</?(?!details>|summary>)[a-z][a-z0-9-]*(?: [^>]*)?/?>"),
}
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)>]*)")
RESOLVED = re.compile(r"https?://\S+|[\w/.-]+\.ipynb")


def portable(notebook: Notebook) -> Iterator[Problem]:
    """Each problem names the line: text cells have no number."""
    for cell in text_cells(notebook):
        for line in PROGRAMS.sub("", cell.source).splitlines():
            yield from ((None, f"{what}: {line[:80]!r}") for what in _problems(line))


def _problems(line: str) -> Iterator[str]:
    line = CODE.sub("`…`", line)
    for kind, pattern in NOT_COMMONMARK.items():
        if pattern.search(line):
            yield f"write CommonMark, not a {kind}"
    for found in LINK.finditer(line):
        if not RESOLVED.fullmatch(found[1]):
            yield f"link to the published book, or to a notebook as a whole, not {found[1]!r}"
        elif re.match(r"\[\s*\]", found[0]):
            yield f"give the link to {found[1]} a text"
