"""Check that the built pages need no other server and that their images have alt texts.

`python -m tools.site.check_html _build/html`
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tools.repository import ROOT, address

# Attributes whose URL a browser loads without a click, except in these tags and kinds of <link>.
FETCHED = ("src", "href", "xlink:href", "data", "poster", "background")
FETCHED_LISTS = ("srcset", "imagesrcset")
CLICKED = {"a", "area", "form"}
NOT_FETCHED = {"author", "canonical", "help", "index", "license", "next", "prev", "search"}
REMOTE = re.compile(r"\s*(?:https?:)?[/\\]{2}", re.I)
IN_STYLE = re.compile(r"(?:@import\s*|url\()\s*['\"]?\s*((?:https?:)?//[^'\")\s]+)", re.I)
IN_SCRIPT = re.compile(r"(?:import|fetch)\b[^;]{0,80}?['\"]((?:https?:)?//[^'\"]+)", re.I)
FILE_NAME = re.compile(r"(?:_images|\.\.)/|^[0-9a-f]{32,}|\.(?:png|svg|jpe?g)$")


class Page(HTMLParser):
    """Collects the third-party requests of one page, and its images without alt text."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: re.sub(r"[\t\n\r]", "", value or "") for name, value in pairs}
        self.inside = tag
        if tag not in CLICKED and not self._fetches_nothing(tag, attributes):
            urls = [attributes[name] for name in FETCHED if name in attributes]
            for name in FETCHED_LISTS:
                urls += attributes.get(name, "").split(",")
            self._report(tag, [each for each in urls if REMOTE.match(each)])
        self._report(tag, IN_STYLE.findall(attributes.get("style", "")))
        if "srcdoc" in attributes:
            framed = Page()
            framed.feed(attributes["srcdoc"])
            self.problems += framed.problems
        if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            self._report(
                tag, re.findall(r"url=\s*((?:https?:)?//\S+)", attributes.get("content", ""), re.I)
            )
        if tag == "img" and (not attributes.get("alt") or FILE_NAME.search(attributes["alt"])):
            self.problems.append(f"<img> of {attributes.get('src')} has no alt text")

    def handle_data(self, data: str) -> None:
        if self.inside in ("style", "script"):
            self._report(
                self.inside, {"style": IN_STYLE, "script": IN_SCRIPT}[self.inside].findall(data)
            )

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def _report(self, tag: str, urls: list[str]) -> None:
        self.problems += [f"<{tag}> requests from a third party {each.strip()}" for each in urls]

    @staticmethod
    def _fetches_nothing(tag: str, attributes: dict[str, str]) -> bool:
        kinds = set(attributes.get("rel", "").lower().split())
        return tag == "link" and bool(kinds) and kinds <= NOT_FETCHED


def problems(folder: Path) -> Iterator[str]:
    """Every problem of the built pages and style sheets, as 'file: what is wrong'."""
    pages = sorted(folder.rglob("*.html"))
    if not pages:
        yield f"{folder}: it has no page"
    for path in pages:
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(folder).as_posix()}: {what}" for what in page.problems)
    for path in sorted(folder.rglob("*.css")):
        for urls in IN_STYLE.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder).as_posix()}: requests from a third party {urls}"


def missing_buttons(folder: Path, chapters: list[str], repository: str) -> Iterator[str]:
    """Chapters whose page has no Colab button for their own notebook."""
    for name in chapters:
        button = f"colab.research.google.com/github/{repository}/blob/main/chapters/{name}.ipynb"
        if button not in (folder / f"chapters/{name}.html").read_text(encoding="utf-8"):
            yield f"chapters/{name}.html: no button opens {button}"


if __name__ == "__main__":
    built = Path(sys.argv[1])
    chapters = [path.stem for path in sorted(ROOT.glob("chapters/*.ipynb"))]
    found = [*problems(built), *missing_buttons(built, chapters, address())]
    sys.exit("\n".join(found) or 0)
