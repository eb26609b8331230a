"""Sphinx extension: the caption of a notebook's figure is the text after it

A text cell that begins with `**Figure.** …` is the caption of the figure before it.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
MARK = "Figure."


def is_caption(node: nodes.paragraph) -> bool:
    first = next(_words(node), None)
    return isinstance(first, nodes.strong) and first.astext() == MARK


def _words(node: nodes.paragraph) -> Iterator[nodes.Node]:
    """What a paragraph holds, without the empty text that MyST begins it with."""
    return (child for child in node.children if child.astext())


def drawn(cell: nodes.Node | None) -> Iterator[nodes.Node]:
    """The pictures and explorers that a code cell shows."""
    if isinstance(cell, nodes.container) and cell.get("nb_element") == "cell_code":
        yield from cell.findall(nodes.image)
        yield from (raw for raw in cell.findall(nodes.raw) if "lrn-explorer" in raw.astext())


class Captions(SphinxTransform):
    """Make a numbered figure of a picture and its caption."""

    default_priority = 400  # before figures are numbered

    def apply(self, **kwargs: Any) -> None:
        found = filter(is_caption, self.document.findall(nodes.paragraph))
        for number, text in enumerate(list(found), start=1):
            cell = text.previous_sibling()
            picture = next(drawn(cell), None)
            if picture is None:
                logger.warning("there is no figure before this caption", location=text)
                continue
            figure = nodes.figure("", ids=[f"figure-{number}"])
            picture.replace_self(figure)
            _, *words = _words(text)
            if words and isinstance(words[0], nodes.Text):
                words[0] = nodes.Text(words[0].lstrip())
            figure += [picture, nodes.caption(text.rawsource, "", *words)]
            text.parent.remove(text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(Captions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
