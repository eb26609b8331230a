"""Check that the built pages need no other server and that their images have alt texts.

`python -m tools.site.check_html _build/html`
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from tools.notebooks.notebooks import notebook_paths
from tools.repository import ROOT, address

# Attributes whose URL a browser loads without a click, except in these tags and kinds of <link>.
LOADED = ("src", "href", "xlink:href", "data", "poster", "background")
CLICKED = {"a", "area", "form"}
NOT_LOADED = {"author", "canonical", "help", "index", "license", "next", "prev", "search"}
REMOTE = re.compile(r"\s*(?:https?:)?[/\\]{2}", re.I)
IN_STYLE = re.compile(r"(?:@import\s*|url\()\s*['\"]?\s*((?:https?:)?//[^'\")\s]+)", re.I)
IN_SCRIPT = re.compile(r"(?:import|fetch)\b[^;]{0,80}?['\"]((?:https?:)?//[^'\"]+)", re.I)
IN_REFRESH = re.compile(r"url=\s*((?:https?:)?//\S+)", re.I)
FILE_NAME = re.compile(r"(?:_images|\.\.)/|^[0-9a-f]{32,}|\.(?:png|svg|jpe?g)$")


def page_problems(html: str) -> Iterator[str]:
    """Third-party requests of a page, and images without alt text."""
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        yield from (f"<{tag.name}> requests {url.strip()}" for url in _remote_urls(tag))
        if tag.get("srcdoc"):
            yield from page_problems(tag["srcdoc"])
        if tag.name == "img" and (not tag.get("alt") or FILE_NAME.search(tag["alt"])):
            yield f"<img> of {tag.get('src')} has no alt text"


def _remote_urls(tag: Tag) -> list[str]:
    urls = IN_STYLE.findall(tag.get("style", ""))
    kinds = {kind.lower() for kind in tag.get("rel", [])}
    if tag.name not in CLICKED and not (tag.name == "link" and kinds and kinds <= NOT_LOADED):
        loaded = [tag.get(name, "") for name in LOADED]
        for name in ("srcset", "imagesrcset"):
            loaded += tag.get(name, "").split(",")
        urls += [url for url in loaded if REMOTE.match(re.sub(r"[\t\n\r]", "", url))]
    if tag.name == "style":
        urls += IN_STYLE.findall(tag.get_text())
    elif tag.name == "script":
        urls += IN_SCRIPT.findall(tag.get_text())
    elif tag.name == "meta" and tag.get("http-equiv", "").lower() == "refresh":
        urls += IN_REFRESH.findall(tag.get("content", ""))
    return urls


def problems(folder: Path) -> Iterator[str]:
    """Every problem of the built pages and style sheets, as 'file: what is wrong'."""
    pages = sorted(folder.rglob("*.html"))
    if not pages:
        yield f"{folder}: it has no page"
    for path in pages:
        name = path.relative_to(folder).as_posix()
        yield from (f"{name}: {what}" for what in page_problems(path.read_text(encoding="utf-8")))
    for path in sorted(folder.rglob("*.css")):
        for url in IN_STYLE.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder).as_posix()}: requests {url}"


def missing_buttons(folder: Path, notebooks: list[str], repository: str) -> Iterator[str]:
    """Notebooks, as `chapters/formula`, whose page has no button that opens them in Colab."""
    for name in notebooks:
        button = f"colab.research.google.com/github/{repository}/blob/main/{name}.ipynb"
        if button not in (folder / f"{name}.html").read_text(encoding="utf-8"):
            yield f"{name}.html: no button opens {button}"


if __name__ == "__main__":
    built = Path(sys.argv[1])
    names = [path.relative_to(ROOT).with_suffix("").as_posix() for path in notebook_paths()]
    found = [*problems(built), *missing_buttons(built, names, address())]
    sys.exit("\n".join(found) or 0)
