"""Reduce what a page downloads: one style sheet, only the icons in use, scripts after the text.

The theme has 2000 icons in 300 kB of fonts, and ten style sheets, each of which delays the first
paint.
"""

import hashlib
import re
from pathlib import Path

from bs4 import BeautifulSoup
from fontTools import subset
from fontTools.ttLib import TTFont

ICONS = "fontawesome.js"  # unnecessary: the style sheet's fonts draw the icons as well
# The scripts of some pages, and what those pages have.
NEEDED = {
    "searchtools.js": "#search-results",
    "language_data.js": "#search-results",
    "searchindex.js": "#search-results",
    "answers.js": ".answer-box",
}
NAME = re.compile(r"fa-[a-z0-9-]+")
# The rule of one icon, which may have several names.
ICON = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
DRAWN = re.compile(r'content:\s*"\\([ef][0-9a-f]{3})"')
IMPORT = re.compile(r'@import\s+"([^"]+)";')
URL = re.compile(r"""url\((["']?)(?!data:|https?:|["'#/])""")


def scripts(page: BeautifulSoup) -> None:
    """Remove scripts that the page does not use, and defer the others."""
    unused = {ICONS, *(name for name, what in NEEDED.items() if not page.select_one(what))}
    for tag in page.select("script[src]"):
        name = Path(tag["src"].split("?")[0]).name
        if name in unused:
            tag.decompose()
        elif name != "documentation_options.js":  # the inline scripts use it
            tag["defer"] = ""
    for tag in page.select('link[rel="preload"][as="script"]'):
        tag.decompose()  # would load before the style sheet


def styles(page: BeautifulSoup, site: Path) -> None:
    """Combine all style sheets of a page into one, in the theme's folder."""
    links = page.select('link[rel="stylesheet"]')
    if len(links) < 2:
        return
    root = links[0]["href"].partition("_static/")[0]
    names = [link["href"].split("?")[0].removeprefix(root) for link in links]
    text = "\n".join(_inline(site / name) for name in names)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    combined = f"_static/styles/combined-{digest}.css"
    (site / combined).write_text(text, encoding="utf-8")
    for link in links[1:]:
        link.decompose()
    links[0]["href"] = root + combined


def _inline(sheet: Path) -> str:
    """A style sheet with its imports, and with URLs relative to the theme's folder."""
    text = sheet.read_text(encoding="utf-8")
    text = IMPORT.sub(lambda found: _inline((sheet.parent / found[1]).resolve()), text)
    return text if sheet.parent.name == "styles" else URL.sub(r"url(\1../", text)


def icons(site: Path, shown: set[str]) -> None:
    """Reduce the theme's icon fonts, and its rules for icons, to the icons that are shown."""
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
        subsetter = subset.Subsetter()
        subsetter.populate(unicodes=points)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(path.with_suffix(".woff"))


def icon_names(page: BeautifulSoup) -> set[str]:
    """The classes of the icons on a page."""
    return {name for tag in page.select('[class*="fa-"]') for name in tag["class"]}
