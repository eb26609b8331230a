"""Formulas as MathML in the built pages, what is put right in the theme's, and what they load."""

import json
import re
import shutil
from pathlib import Path

import matplotlib
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from tools.repository import ROOT
from tools.sphinx_ext import assets, theme
from tools.sphinx_ext.mathml import formula

SOURCES = [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("chapters/*.md"), ROOT / "intro.md"]
TEX = re.compile(r"(?<![\\$])\$\$?([^$\n`]+?)\$\$?(?!\d)")
PAGE = """<!DOCTYPE html><html><head><meta name="viewport" content="a"/>
<meta name="viewport" content="b"/><script src="_static/scripts/fontawesome.js?d=1"></script>
<script src="searchindex.js"></script><script src="_static/documentation_options.js"></script>
<script src="_static/doctools.js"></script></head><body>
<div id="pst-primary-sidebar"><button class="search-button-field" aria-label="Search">Search
Ctrl+K</button></div><details><summary aria-label="Toggle">Show</summary></details>
<div role="list"><div role="doc-biblioentry">A book</div></div><div style="overflow-x: auto"></div>
<img src="a.svg" alt="A."/><img src="b.png" alt="B."/></body></html>"""


@pytest.fixture
def mended(tmp_path):
    """The page and its pictures, corrected."""
    (tmp_path / "a.svg").write_text('<?xml?><svg width="30pt" x="1" height="15pt">', "utf-8")
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (64).to_bytes(4, "big") + (48).to_bytes(4, "big")
    (tmp_path / "b.png").write_bytes(png)
    page = BeautifulSoup(PAGE, "html.parser")
    theme.mend(page, tmp_path)
    return page, tmp_path


def test_a_page_loads_what_it_uses(mended):
    """No script for icons, none for the search but on its own page; the others wait."""
    page, _ = mended
    assert [(tag["src"], tag.get("defer")) for tag in page.select("script")] == [
        ("_static/documentation_options.js", None),
        ("_static/doctools.js", ""),
    ]


def test_the_search_page_keeps_its_scripts(tmp_path):
    """They are what it is for."""
    page = BeautifulSoup(PAGE.replace("<body>", '<body><p id="search-results">'), "html.parser")
    theme.mend(page, tmp_path)
    assert page.select_one('script[src="searchindex.js"]')


@pytest.fixture
def site(tmp_path):
    """A site with the theme's style sheets and a font of two icons."""
    styles, fonts = tmp_path / "_static" / "styles", tmp_path / "_static" / "vendor"
    for folder in (styles, styles.parent / "scripts", fonts):
        folder.mkdir(parents=True)
    (styles / "pydata-sphinx-theme.css").write_text(
        '@font-face{src:url(../vendor/fa-solid-900.woff2) format("woff2")}'
        '.fa-sun:before,.fa-day:before{content:"\\f001"}.fa-moon:before{content:"\\f002"}',
        encoding="utf-8",
    )
    (styles / "theme.css").write_text('@import "../basic.css";\n', encoding="utf-8")
    (styles.parent / "basic.css").write_text("p{background:url(a.png)}", encoding="utf-8")
    (styles.parent / "scripts" / "a.js").write_text("'fa-xmark'", encoding="utf-8")
    (styles.parent / "scripts" / "fontawesome.js").write_text("'fa-moon'", encoding="utf-8")
    data = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    shutil.copy(data, fonts / "fa-solid-900.ttf")
    return tmp_path


def test_the_icons_that_are_shown_are_kept(site):
    """By each of an icon's names; the others leave the list and the fonts."""
    assets.icons(site, {"fa-solid", "fa-day"})
    text = (site / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    assert 'content:"\\f001"' in text
    assert "fa-moon" not in text
    assert 'url(../vendor/fa-solid-900.woff) format("woff")' in text
    assert set(TTFont(site / "_static/vendor/fa-solid-900.woff").getBestCmap()) == {0xF001}


def test_a_page_has_one_style_sheet(site):
    """With what the others import, and with addresses that still hold."""
    head = '<link href="../_static/styles/theme.css?v=1" rel="stylesheet"/>'
    page = BeautifulSoup(head + head.replace("styles/theme", "basic"), "html.parser")
    assets.styles(page, site)
    (link,) = page.select("link")
    assert re.fullmatch(r"\.\./_static/styles/together-\w{8}\.css", link["href"])
    text = (site / link["href"].removeprefix("../")).read_text(encoding="utf-8")
    assert text.split() == ["p{background:url(../a.png)}"] * 2
    assets.styles(page, site)
    assert page.select("link") == [link]


def test_the_theme_measures_no_whole_page(site):
    """Its list of selectors is replaced, once; another theme's script is refused."""
    script = site / "_static/scripts/pydata-sphinx-theme.js"
    script.write_text(
        'a(["pre",".nboutput > .b",".pst-scrollable-table-container"].join())', "utf-8"
    )
    for _ in range(2):
        assets.measuring(site)
        assert script.read_text(encoding="utf-8") == 'a([".measured-by-book-js"].join())'
    script.write_text("a()", encoding="utf-8")
    with pytest.raises(ValueError, match="another than"):
        assets.measuring(site)


def test_what_is_announced_is_what_is_seen(mended):
    """No label hides the text inside, entries are in a list, and what scrolls is reached."""
    page, _ = mended
    assert page.select("summary[aria-label], button[aria-label], [role=doc-biblioentry]") == []
    assert page.select_one("[role=list] > [role=listitem]")
    assert page.select_one('[style][tabindex="0"][role=region]')["aria-label"]
    assert len(page.select('meta[name="viewport"]')) == 1


def test_images_have_their_size(mended):
    """In pixels, from the files: an SVG's points, a PNG's header."""
    page, _ = mended
    assert [(i["width"], i["height"]) for i in page.select("img")] == [("40", "20"), ("64", "48")]


def test_a_corrected_page_stays_as_it_is(mended):
    """A build after the first corrects pages again that it did not write anew."""
    page, folder = mended
    once = str(page)
    theme.mend(page, folder)
    assert str(page) == once


def test_every_character_of_a_formula_is_in_the_font():
    """Else each system would show it in a font of its own, or not at all."""
    known = TTFont(ROOT / "_static" / "math.woff").getBestCmap()
    found = {tex for path in SOURCES for tex in TEX.findall(_text(path))}
    assert len(found) > 100
    for tex in found:
        missing = {c for c in formula(tex).get_text() if c.strip() and ord(c) not in known}
        assert not missing, tex


def _text(path):
    """The prose of a file; a notebook's formulas have their backslashes doubled."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
