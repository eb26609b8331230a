"""Sphinx extension: formulas as MathML, and what the theme's pages lack, put right.

Browsers set MathML themselves, so a page needs no script, no fonts and no time for its formulas.
The rest corrects the pages as they were written: names and roles that assistive technology
reads, sizes of images, and scripts that no page uses.
"""

import re
import struct
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx

from mathml import formula

# The icons come from the web font of the style sheet; the search runs on its own page.
UNUSED = re.compile(r"fontawesome\.js|(searchtools|language_data|searchindex)\.js")
POINT = 4 / 3  # pixels
SCROLLED = "div[style*='overflow-x: auto']"  # the theme sees to its own tables


def math(self: Any, node: nodes.Element) -> None:
    """A formula in the text."""
    self.body.append(f'<span class="math">{formula(node.astext().strip())}</span>')
    raise nodes.SkipNode


def math_block(self: Any, node: nodes.Element) -> None:
    """A formula in lines of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        number = ".".join(map(str, self.get_equation_number_tuple(node)))
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append(f"{formula(node.astext().strip(), display=True)}</div>")
    raise nodes.SkipNode


def mend(page: BeautifulSoup, folder: Path) -> None:
    """Correct one page, which lies in this folder; a corrected page stays as it is."""
    name(page)
    for tag in page.select("script[src]"):
        if UNUSED.search(tag["src"]) and not page.select_one("#search-results"):
            tag.decompose()
        elif tag["src"].split("?")[0].endswith("documentation_options.js"):
            source = folder / tag["src"].split("?")[0]
            tag.string = source.read_text(encoding="utf-8")
            del tag["src"]
        else:
            tag["defer"] = ""
    for tag in page.select('meta[name="viewport"]')[1:]:
        tag.decompose()
    for image in page.select("img[src]:not([width]):not([height])"):
        if size := pixels(folder / image["src"]):
            image["width"], image["height"] = size


def name(page: BeautifulSoup) -> None:
    """Names and roles: what is announced is what is seen."""
    for tag in page.select("summary[aria-label], .search-button-field[aria-label]"):
        del tag["aria-label"]  # the text inside, which it hides, says it
    for tag in page.select('[role="doc-biblioentry"]'):
        tag["role"] = "listitem"  # of a role="list"; the other is deprecated
    sidebar = page.select_one("#pst-primary-sidebar")
    if sidebar is not None:
        sidebar["role"], sidebar["aria-label"] = "region", "Book"
    for number, tag in enumerate(page.select(SCROLLED), 1):
        tag["tabindex"] = "0"
        tag["role"], tag["aria-label"] = "region", f"Table {number}, wider than its column"


def pixels(path: Path) -> tuple[str, str] | None:
    """Width and height of a PNG or an SVG, so that a page keeps the room for it."""
    if path.suffix == ".png" and path.is_file():
        width, height = struct.unpack(">II", path.read_bytes()[16:24])
    elif path.suffix == ".svg" and path.is_file():
        head = path.read_text(encoding="utf-8")[:2000]
        found = re.search(r'<svg[^>]* height="([\d.]+)pt"[^>]* width="([\d.]+)pt"', head) or None
        other = re.search(r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"', head)
        if not (found or other):
            return None
        width, height = other.groups() if other else reversed(found.groups())
        width, height = round(float(width) * POINT), round(float(height) * POINT)
    else:
        return None
    return str(width), str(height)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Correct every page that was built."""
    if error is not None or app.builder.name != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        if "_static" not in path.parts:
            page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            mend(page, path.parent)
            path.write_text(str(page), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (math, None), (math_block, None))
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
