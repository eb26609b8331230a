"""What a page downloads: one style sheet, the icons that the book shows, no script before its text.

The theme brings two thousand icons in 500 kB, and ten style sheets, for each of which a phone
waits before it shows a word.
"""

import hashlib
import re
from pathlib import Path

from bs4 import BeautifulSoup
from fontTools import subset
from fontTools.ttLib import TTFont

ICONS = "fontawesome.js"  # draws the icons; the style sheet's fonts do, too
SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")  # it has a page of its own
NAME = re.compile(r"fa-[a-z0-9-]+")
# One icon, or several names for it.
ICON = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
DRAWN = re.compile(r'content:\s*"\\([ef][0-9a-f]{3})"')
# The selectors by which the theme's script finds what may scroll.
MEASURED = re.compile(r'"pre",".nboutput[^\]]*"\.pst-scrollable-table-container"')
IMPORT = re.compile(r'@import\s+"([^"]+)";')
ADDRESS = re.compile(r"""url\((["']?)(?!data:|https?:|["'#/])""")


def scripts(page: BeautifulSoup) -> None:
    """Leave out scripts that the page does not use, and let the others wait for its text."""
    unused = {ICONS} if page.select_one("#search-results") else {ICONS, *SEARCH}
    for tag in page.select("script[src]"):
        name = Path(tag["src"].split("?")[0]).name
        if name in unused:
            tag.decompose()
        elif name != "documentation_options.js":  # the scripts in the page ask for it
            tag["defer"] = ""
    for tag in page.select('link[rel="preload"][as="script"]'):
        tag.decompose()  # it would come before the style sheet


def measuring(site: Path) -> None:
    """Keep the theme from measuring the whole page at once; _static/book.js sees to it."""
    script = site / "_static" / "scripts" / "pydata-sphinx-theme.js"
    text, changed = MEASURED.subn('".measured-by-book-js"', script.read_text(encoding="utf-8"))
    if not changed and ".measured-by-book-js" not in text:
        raise ValueError(f"{script.name} is another than tools/lean.py knows; see MEASURED there")
    script.write_text(text, encoding="utf-8")


def styles(page: BeautifulSoup, site: Path) -> None:
    """Put all style sheets of a page into one, beside the theme's."""
    links = page.select('link[rel="stylesheet"]')
    if len(links) < 2:
        return
    root = links[0]["href"].partition("_static/")[0]
    names = [link["href"].split("?")[0].removeprefix(root) for link in links]
    text = "\n".join(_inlined(site / name) for name in names)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    together = f"_static/styles/together-{digest}.css"
    (site / together).write_text(text, encoding="utf-8")
    for link in links[1:]:
        link.decompose()
    links[0]["href"] = root + together


def _inlined(sheet: Path) -> str:
    """A sheet with those that it imports, its addresses seen from the theme's folder."""
    text = sheet.read_text(encoding="utf-8")
    text = IMPORT.sub(lambda found: _inlined((sheet.parent / found[1]).resolve()), text)
    return text if sheet.parent.name == "styles" else ADDRESS.sub(r"url(\1../", text)


def icons(site: Path, shown: set[str]) -> None:
    """Cut the theme's icon fonts, and their list, down to the icons that are shown."""
    theme = site / "_static" / "styles" / "pydata-sphinx-theme.css"
    for path in (site / "_static" / "scripts").glob("*.js"):
        if path.name != ICONS:
            shown = shown | set(NAME.findall(path.read_text(encoding="utf-8")))

    def kept(found: re.Match[str]) -> str:
        return found[0] if shown & set(NAME.findall(found[1])) else ""

    text = ICON.sub(kept, theme.read_text(encoding="utf-8"))
    text = re.sub(r'(fa-\w+-\d+)\.woff2\) format\("woff2"\)', r'\1.woff) format("woff")', text)
    theme.write_text(text, encoding="utf-8")
    sheets = [path.read_text(encoding="utf-8") for path in (site / "_static").rglob("*.css")]
    points = {int(each, 16) for each in DRAWN.findall("".join(sheets))}
    for path in (site / "_static" / "vendor").rglob("fa-*.ttf"):
        font = TTFont(path)
        cut = subset.Subsetter()
        cut.populate(unicodes=points)
        cut.subset(font)
        font.flavor = "woff"
        font.save(path.with_suffix(".woff"))


def names(page: BeautifulSoup) -> set[str]:
    """The icons of a page."""
    return {name for tag in page.select('[class*="fa-"]') for name in tag["class"]}
