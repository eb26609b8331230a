"""Sphinx extension: formulas as MathML, and what the theme's pages lack, put right.

Browsers set MathML themselves, so a page needs no script and no time for its formulas.
The rest corrects the pages as they were written: names and roles that assistive technology
reads, sizes of images, and what a page downloads and does not use (`assets.py`).
"""

import re
import struct
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.math import get_node_equation_number

from tools.sphinx_ext import assets
from tools.sphinx_ext.mathml import formula

POINT = 4 / 3  # pixels
SCROLLED = "div[style*='overflow-x: auto']"  # the theme sees to its own tables


def math(self: Any, node: nodes.Element) -> None:
    """A formula in the text."""
    self.body.append(f'<span class="math">{formula(node.astext().strip())}</span>')
    raise nodes.SkipNode


def math_block(self: Any, node: nodes.Element) -> None:
    """A formula in lines of its own, with its number if it has one."""
    # It scrolls on a phone, so the keyboard must reach it.
    reached = {"tabindex": "0", "role": "group", "aria-label": "Formula"}
    self.body.append(self.starttag(node, "div", CLASS="math", **reached))
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append(f"{formula(node.astext().strip(), display=True)}</div>")
    raise nodes.SkipNode


def mend(page: BeautifulSoup, folder: Path) -> None:
    """Correct one page, which lies in this folder; a corrected page stays as it is."""
    name(page)
    assets.scripts(page)
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
        head = path.read_text(encoding="utf-8").partition("<svg")[2].partition(">")[0]
        found = dict(re.findall(r'\b(width|height)="([\d.]+)pt"', head))
        if len(found) < 2:
            return None
        width, height = (round(float(found[side]) * POINT) for side in ("width", "height"))
    else:
        return None
    return str(width), str(height)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Correct every page that was built."""
    if error is not None or app.builder.name != "html":
        return
    site, pages = Path(app.outdir), {}
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            pages[path] = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assets.icons(site, set().union(*map(assets.names, pages.values())))
    assets.measuring(site)
    for path, page in pages.items():
        mend(page, path.parent)
        assets.styles(page, site)
        path.write_text(str(page), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (math, None), (math_block, None))
    # The theme writes the colours of code when the build has finished.
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
