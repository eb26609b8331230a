"""What must hold for the pages that are published; a page that breaks it is named.

`python tools/pages.py _build/html`
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

# What a browser fetches by itself when it opens a page; a link waits for a click.
FETCHED = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "link": "href",
    "object": "data", "script": "src", "source": "src", "track": "src", "video": "src",
}  # fmt: skip
NEVER_FETCHED = {"canonical", "next", "prev", "search"}  # what a <link> may be beside a file
FILE_NAME = re.compile(r"(?:_images|\.\.)/|^[0-9a-f]{32,}|\.(?:png|svg|jpe?g)$")


class Page(HTMLParser):
    """Collects the tags of one page that could break a promise."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        address = attributes.get(FETCHED.get(tag, ""), "")
        kinds = set(attributes.get("rel", "").split())
        if re.match(r"(https?:)?//", address) and not kinds & NEVER_FETCHED:
            self.problems.append(f"<{tag}> asks a third party for {address}")
        if tag == "img" and (not attributes.get("alt") or FILE_NAME.search(attributes["alt"])):
            self.problems.append(f"<img> of {address} has no alt text")


def problems(folder: Path) -> Iterator[str]:
    """Every broken promise of the built pages, as 'page: what is wrong'."""
    for path in sorted(folder.rglob("*.html")):
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(folder).as_posix()}: {what}" for what in page.problems)


if __name__ == "__main__":
    sys.exit("\n".join(problems(Path(sys.argv[1]))) or 0)
