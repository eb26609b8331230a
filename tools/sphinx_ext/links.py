"""Sphinx extension: links that lead somewhere outside the book, too, stay inside it in the book.

Notebooks are also read in JupyterLab, on GitHub and in Colab. So they cite a paper by its address,
as `[Higham (1993)](https://doi.org/10.1137/0914050)`, and link to the published book. Here the
first leads to the entry of the bibliography, and the second becomes relative. What does not exist
is a warning.
"""

import re
from functools import cache
from typing import Any

from docutils import nodes
from pybtex.richtext import Text
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
CITATION = re.compile(r"[^()]+ \(\d{4}\)")  # the text of a link
BIBLIOGRAPHY = "chapters/bibliography.html"


def address(entry: Any, site: str) -> str:
    """The address of an entry of references.bib."""
    fields = entry.fields
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        return str(fields["url"])
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return site + BIBLIOGRAPHY


def author_and_year(entry: Any) -> str:
    """An entry as the text cites it."""
    names = [
        str(Text.from_latex(" ".join(person.prelast_names + person.last_names))).partition(" (")[0]
        for person in entry.persons["author"]
    ]
    shown = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{shown} ({entry.fields['year']})"


@cache  # many links lead to the glossary, and reading a page takes long
def anchors(env: BuildEnvironment, page: str) -> set[str]:
    """The ids of a page."""
    found = env.get_doctree(page).findall(nodes.Element)
    return {name for node in found for name in node.get("ids", [])}


class BookLinks(SphinxPostTransform):
    """Lead citations to the bibliography, and links to the published book to its pages here."""

    default_priority = 700  # after the links of other kinds
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        self.site = self.config.html_baseurl
        for node in self.document.findall(nodes.reference):
            address = node.get("refuri", "")
            if node.get("internal") or not re.match("https?://", address):
                continue
            if CITATION.fullmatch(node.astext()):
                self.cite(node, address)
            elif self.site and address.startswith(self.site):
                self.link(node, *address.removeprefix(self.site).partition("#")[::2])

    def cite(self, node: nodes.reference, cited: str) -> None:
        """Lead to the entry with this address, if it is cited in the right words."""
        for citation in self.env.get_domain("cite").citations:
            if address(citation.entry, self.site) == cited:
                text = author_and_year(citation.entry)
                if text == node.astext():
                    page = citation.bibliography_key.docname
                    return self.lead(node, page, citation.citation_id)
                if cited != self.site + BIBLIOGRAPHY:
                    return logger.warning("cite %s as %r", cited, text, location=node)
        logger.warning("the bibliography lacks %r, %s", node.astext(), cited, location=node)

    def link(self, node: nodes.reference, path: str, anchor: str) -> None:
        """Lead to a page and, if there is an anchor, to a section, a term or a figure of it."""
        page = path.removesuffix(".html") or self.config.root_doc
        if page not in self.env.found_docs:
            logger.warning("the book has no page %r", path, location=node)
        elif anchor and anchor not in anchors(self.env, page):
            logger.warning("the page %s has no anchor %r", page, anchor, location=node)
        else:
            self.lead(node, page, anchor)

    def lead(self, node: nodes.reference, page: str, anchor: str) -> None:
        builder, here = self.app.builder, self.env.docname
        target = "" if page == here else builder.get_relative_uri(here, page)
        node["refuri"] = f"{target}#{anchor}" if anchor else target
        node["internal"] = True


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(BookLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
