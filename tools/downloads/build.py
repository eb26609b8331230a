"""What a reader can take away from the built site, and the page that lists it.

`python -m tools.downloads.build _build/html` writes the files to `_build/html/downloads`. The PDF
needs Chromium or Chrome; where there is none it is left out, or, with
LRNLIB_REQUIRE_BROWSER, missed.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.downloads.check import in_epub, in_notebooks, in_pdf, in_vectors
from tools.downloads.epub import write_epub
from tools.downloads.pages import articles
from tools.downloads.pdf import write_pdf
from tools.downloads.zips import write_notebooks, write_vectors
from tools.site.chromium import NoBrowser

PAGE = "chapters/downloads.html"
MAKERS: dict[str, Callable[[Path, Path], None]] = {
    "lrn-book.pdf": write_pdf,
    "lrn-book.epub": write_epub,
    "lrn-book-notebooks.zip": lambda built, target: write_notebooks(target),
    "lrnlib-conformance-vectors.zip": lambda built, target: write_vectors(target),
}
SIZE = re.compile(r'(<span data-size-of="([^"]+)">)[^<]*(</span>)')
LINK = re.compile(r'<a [^>]*href="\.\./downloads/([^"#?]+)"[^>]*>(.*?)</a>', re.S)


def write(built: Path) -> dict[str, str]:
    """Make every download; return those that could not be made, with the reason."""
    folder = built / "downloads"
    folder.mkdir(exist_ok=True)
    left_out = {}
    for name, make in MAKERS.items():
        (folder / name).unlink(missing_ok=True)
        try:
            make(built, folder / name)
        except NoBrowser as error:
            left_out[name] = str(error)
    page = built / PAGE
    page.write_text(
        listed(page.read_text(encoding="utf-8"), folder), encoding="utf-8", newline="\n"
    )
    return left_out


def listed(page: str, folder: Path) -> str:
    """The page with each file's size; a file that is not there is said to be missing."""

    def size(found: re.Match[str]) -> str:
        return f"{found[1]}{_size(folder / found[2])}{found[3]}"

    def link(found: re.Match[str]) -> str:
        return found[0] if (folder / found[1]).exists() else found[2]

    return LINK.sub(link, SIZE.sub(size, page))


def _size(path: Path) -> str:
    if not path.exists():
        return "not in this build, which had no browser"
    return f"{path.stat().st_size / 1e6:.1f} MB"


def problems(built: Path) -> Iterator[str]:
    """What is wrong with a download, or with the page that lists them."""
    folder = built / "downloads"
    titles = [article.title for article in articles(built, lambda name, anchor: name)]
    checks: dict[str, Callable[[Path], Iterator[str]]] = {
        "lrn-book.pdf": lambda path: in_pdf(path, titles),
        "lrn-book.epub": lambda path: in_epub(path, titles),
        "lrn-book-notebooks.zip": in_notebooks,
        "lrnlib-conformance-vectors.zip": in_vectors,
    }
    for name, check in checks.items():
        if (folder / name).exists():
            yield from (f"downloads/{name}: {what}" for what in check(folder / name))
    yield from unlinked(built)


def unlinked(built: Path) -> Iterator[str]:
    """Downloads that the page does not list, and links of the page that lead to no file."""
    linked = {found[1] for found in LINK.finditer((built / PAGE).read_text(encoding="utf-8"))}
    there = {path.name for path in (built / "downloads").iterdir()}
    yield from (f"{PAGE}: downloads/{name} is not there" for name in sorted(linked - there))
    yield from (f"downloads/{name}: {PAGE} has no link to it" for name in sorted(there - linked))


def main(built: Path) -> str | None:
    """Make the downloads and say what is missing; a text is what is wrong."""
    left_out = write(built)
    said = [f"{name} is left out: {reason}" for name, reason in left_out.items()]
    found = list(problems(built))
    if left_out and os.environ.get("LRNLIB_REQUIRE_BROWSER"):
        found += said
    else:
        print(*said, sep="\n", end="\n" if said else "")
    return "\n".join(found) or None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
