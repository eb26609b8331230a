"""Sphinx extension of the book: two directives, entries of the index, the site's address."""

from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import lrnlib
from tools.downloads.pages import pages
from tools.notebooks import versions

logger = logging.getLogger(__name__)


class ExplorerDirective(SphinxDirective):
    """`lrnlib.explorer()` as a figure; the content is its caption."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        figure = nodes.figure("", nodes.raw("", lrnlib.explorer()._repr_html_(), format="html"))
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        figure += nodes.caption("", "", *caption[0].children)
        self.add_name(figure)
        return [figure]


class VersionsDirective(SphinxDirective):
    """Tables of the versions and run times of the chapters, in the order of the book."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        found = {name: root / f"{name}.ipynb" for name in pages(root)}
        found = {name: path for name, path in found.items() if path.exists()}
        for path in found.values():
            self.env.note_dependency(str(path))
        text = versions.tables({name: versions.recorded(path) for name, path in found.items()})
        parsed = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines()), 0, parsed)
        return parsed.children


def index_entries(env: BuildEnvironment) -> dict[str, dict[str, list[str]]]:
    """The entries in chapters/index.yml, by page and by the id of a section."""
    path = Path(env.srcdir, "chapters", "index.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def warn_of_unknown_pages(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of entries for a page that does not exist."""
    for page in sorted(index_entries(env).keys() - env.found_docs):
        logger.warning("index.yml: there is no page %r", page)


class IndexEntries(SphinxTransform):
    """Insert the entries of chapters/index.yml, so that notebooks need no markup for them."""

    default_priority = 400  # before Sphinx collects the entries of the document

    def apply(self, **kwargs: Any) -> None:
        sections = {
            name: node for node in self.document.findall(nodes.section) for name in node["ids"]
        }
        for name, texts in index_entries(self.env).get(self.env.docname, {}).items():
            if name not in sections:
                logger.warning("index.yml: no section has the id %r", name)
                continue
            entries = [("single", text, name, "", None) for text in texts]
            sections[name].insert(1, addnodes.index(entries=entries))


def set_address(app: Sphinx, config: Any) -> None:
    """Give the site's address, html.baseurl, to the other extensions that need it."""
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("lrn-explorer", ExplorerDirective)
    app.add_directive("lrn-versions", VersionsDirective)
    app.add_transform(IndexEntries)
    app.connect("env-check-consistency", warn_of_unknown_pages)
    app.connect("config-inited", set_address, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
