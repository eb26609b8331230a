"""Sphinx extension: formulas as MathML; fix accessibility and page weight of the theme's HTML.

Browsers render MathML themselves, so a page needs no script for its formulas. The fixes are
names and roles for assistive technology, sizes of images, and fewer downloads (`assets.py`).
"""

from pathlib import Path
from typing import Any

import imagesize
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number

from tools.sphinx_ext import assets
from tools.sphinx_ext.mathml import formula

SCROLLABLE = "div[style*='overflow-x: auto']"  # the theme handles its own tables


def math(self: Any, node: nodes.Element) -> None:
    """An inline formula."""
    self.body.append(f'<span class="math">{formula(node.astext().strip())}</span>')
    raise nodes.SkipNode


def math_block(self: Any, node: nodes.Element) -> None:
    """A display formula, with its number if it has one."""
    # It scrolls on a phone, so it must be focusable.
    focusable = {"tabindex": "0", "role": "group", "aria-label": "Formula"}
    self.body.append(self.starttag(node, "div", CLASS="math", **focusable))
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append(f"{formula(node.astext().strip(), display=True)}</div>")
    raise nodes.SkipNode


def fix_page(page: BeautifulSoup, folder: Path) -> None:
    """Fix one page of this folder; fixing it again changes nothing."""
    fix_names(page)
    fix_folds(page)
    break_names(page)
    assets.scripts(page)
    for tag in page.select('meta[name="viewport"]')[1:]:
        tag.decompose()
    for image in page.select('img[src*="_images/"]:not([width]):not([height])'):
        # So that the layout does not shift as it loads.
        size = imagesize.get(folder / image["src"])
        image["width"], image["height"] = (str(round(side)) for side in size)


def fix_names(page: BeautifulSoup) -> None:
    """Give assistive technology names that match the visible text, and valid roles."""
    for tag in page.select("summary[aria-label], .search-button-field[aria-label]"):
        del tag["aria-label"]  # it would replace the visible text
    for tag in page.select('[role="doc-biblioentry"]'):
        tag["role"] = "listitem"  # doc-biblioentry is deprecated; the parent is a list
    sidebar = page.select_one("#pst-primary-sidebar")
    if sidebar is not None:
        sidebar["role"], sidebar["aria-label"] = "region", "Book"
    for number, tag in enumerate(page.select(SCROLLABLE), 1):
        tag["tabindex"] = "0"
        tag["role"], tag["aria-label"] = "region", f"Table {number}, wider than its column"


def fix_folds(page: BeautifulSoup) -> None:
    """Say what is folded; leave out the set-up for Colab, which says nothing outside Colab."""
    for cell in page.select(".cell.tag_hide-input"):
        if "google.colab" in cell.get_text():
            cell.decompose()
            continue
        for label in cell.select("summary p"):
            label.string = "Plot" if cell.select_one("img") else "Set up"


def break_names(page: BeautifulSoup) -> None:
    """Let long names in titles break after an underscore, which a phone's width needs."""
    for tag in page.select("h1, .bd-links a, .prev-next-title"):
        for text in [] if tag.select_one("wbr") else list(tag.find_all(string=True)):
            first, *others = text.split("_")
            for other in reversed(others):
                text.insert_after("_", page.new_tag("wbr"), other)
            text.replace_with(first)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Fix every page of the build."""
    if error is not None or app.builder.name != "html":
        return
    site, pages = Path(app.outdir), {}
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            pages[path] = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assets.icons(site, set().union(*map(assets.icon_names, pages.values())))
    for path, page in pages.items():
        fix_page(page, path.parent)
        assets.styles(page, site)
        path.write_text(str(page), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (math, None), (math_block, None))
    # The theme writes the colours of code when the build has finished.
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
