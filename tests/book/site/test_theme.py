"""The fixes of the theme's pages, what pages download, and formulas as MathML."""

import json
import re
import shutil
from pathlib import Path

import matplotlib
import PIL.Image
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont

from tools.repository import ROOT
from tools.sphinx_ext import assets, theme
from tools.sphinx_ext.mathml import formula

SOURCES = [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("chapters/*.md"), *ROOT.glob("intro.*")]
TEX = re.compile(r"(?<![\\$])\$\$?([^$\n`]+?)\$\$?(?!\d)")
PAGE = """<!DOCTYPE html><html><head><meta name="viewport" content="a"/>
<meta name="viewport" content="b"/><script src="_static/scripts/fontawesome.js?d=1"></script>
<script src="searchindex.js"></script><script src="_static/documentation_options.js"></script>
<script src="_static/doctools.js"></script></head><body>
<div id="pst-primary-sidebar"><button class="search-button-field" aria-label="Search">Search
Ctrl+K</button></div><details><summary aria-label="Toggle">Show</summary></details>
<div role="list"><div role="doc-biblioentry">A book</div></div><div style="overflow-x: auto"></div>
<img src="_images/a.svg" alt="A."/><img src="_images/b.png" alt="B."/></body></html>"""


@pytest.fixture
def fixed(tmp_path):
    """A fixed page with two pictures."""
    (tmp_path / "_images").mkdir()
    (tmp_path / "_images/a.svg").write_text('<svg width="30pt" x="1" height="15pt"/>', "utf-8")
    PIL.Image.new("L", (64, 48)).save(tmp_path / "_images/b.png")
    page = BeautifulSoup(PAGE, "html.parser")
    theme.fix_page(page, tmp_path)
    return page


def test_a_page_loads_only_scripts_that_it_uses(fixed, tmp_path):
    """No script for icons, and only on its page the search's; the others are deferred."""
    assert [(tag["src"], tag.get("defer")) for tag in fixed.select("script")] == [
        ("_static/documentation_options.js", None),
        ("_static/doctools.js", ""),
    ]
    page = BeautifulSoup(PAGE.replace("<body>", '<body><p id="search-results">'), "html.parser")
    theme.fix_page(page, tmp_path)
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
    """By any of an icon's names; the others are removed from the rules and the fonts."""
    assets.icons(site, {"fa-solid", "fa-day"})
    text = (site / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    assert 'content:"\\f001"' in text
    assert "fa-moon" not in text
    assert 'url(../vendor/fa-solid-900.woff) format("woff")' in text
    assert set(TTFont(site / "_static/vendor/fa-solid-900.woff").getBestCmap()) == {0xF001}


def test_a_page_has_one_style_sheet(site):
    """Its imports are inlined and its URLs adjusted."""
    head = '<link href="../_static/styles/theme.css?v=1" rel="stylesheet"/>'
    page = BeautifulSoup(head + head.replace("styles/theme", "basic"), "html.parser")
    assets.styles(page, site)
    (link,) = page.select("link")
    assert re.fullmatch(r"\.\./_static/styles/combined-\w{8}\.css", link["href"])
    text = (site / link["href"].removeprefix("../")).read_text(encoding="utf-8")
    assert text.split() == ["p{background:url(../a.png)}"] * 2
    assets.styles(page, site)
    assert page.select("link") == [link]


def test_a_page_is_fixed_once(fixed, tmp_path):
    """No label replaces visible text, what scrolls is focusable, and images have their size."""
    once = str(fixed)
    theme.fix_page(fixed, tmp_path)  # as a second build does with a page that it did not rewrite
    assert str(fixed) == once
    assert fixed.select("summary[aria-label], button[aria-label], [role=doc-biblioentry]") == []
    assert fixed.select_one("[role=list] > [role=listitem]")
    assert fixed.select_one('[style][tabindex="0"][role=region]')["aria-label"]
    assert len(fixed.select('meta[name="viewport"]')) == 1
    sizes = [(int(image["width"]), int(image["height"])) for image in fixed.select("img")]
    assert sizes == [(40, 20), (64, 48)]  # in pixels


def test_every_formula_is_mathml():
    """A sum's limits are above and below it, and MyST's alignment is converted."""
    found = formula(r"\begin{split}\begin{aligned}y&=\sum_j^n x\\&=1\end{aligned}\end{split}")
    assert len(found.find_all("mtr")) == 2
    assert found.find("munderover").mo.get_text() == "∑"
    assert found["alttext"].startswith(r"\begin{split}")


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\begin{unknown}x & y\end{unknown}", "x & y"])
def test_a_formula_that_does_not_convert_is_an_error(tex):
    """latex2mathml itself ignores unknown commands."""
    with pytest.raises(ValueError, match="does not know"):
        formula(tex)


def test_every_character_of_a_formula_is_in_the_font():
    """Otherwise each system would use a font of its own."""
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
