"""Make the PDF, the EPUB and the zips, and complete the page that lists them.

`python -m tools.downloads.build _build/html` writes the files to `_build/html/downloads`. The PDF
needs Chromium or Chrome. Without one the PDF is left out, which is an error if
LRNLIB_REQUIRE_BROWSER is set.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.downloads.check import check_epub, check_notebooks, check_pdf, check_vectors
from tools.downloads.epub import write_epub
from tools.downloads.pages import articles
from tools.downloads.pdf import write_pdf
from tools.downloads.zips import write_notebooks, write_vectors
from tools.site.chromium import NoBrowser

PAGE = "chapters/downloads.html"
WRITERS: dict[str, Callable[[Path, Path], None]] = {
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
    for name, writer in WRITERS.items():
        (folder / name).unlink(missing_ok=True)
        try:
            writer(built, folder / name)
        except NoBrowser as error:
            left_out[name] = str(error)
    page = built / PAGE
    text = complete(page.read_text(encoding="utf-8"), folder)
    page.write_text(text, encoding="utf-8", newline="\n")
    return left_out


def complete(page: str, folder: Path) -> str:
    """Fill in each file's size, or remove the link to a file that was not made."""

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
    titles = [article.title for article in articles(built)]
    checks: dict[str, Callable[[Path], Iterator[str]]] = {
        "lrn-book.pdf": lambda path: check_pdf(path, titles),
        "lrn-book.epub": lambda path: check_epub(path, titles),
        "lrn-book-notebooks.zip": check_notebooks,
        "lrnlib-conformance-vectors.zip": check_vectors,
    }
    for name, check in checks.items():
        if (folder / name).exists():
            yield from (f"downloads/{name}: {what}" for what in check(folder / name))
    yield from link_problems(built)


def link_problems(built: Path) -> Iterator[str]:
    """Links of the page to files that do not exist, and files without a link."""
    linked = {found[1] for found in LINK.finditer((built / PAGE).read_text(encoding="utf-8"))}
    there = {path.name for path in (built / "downloads").iterdir()}
    yield from (f"{PAGE}: downloads/{name} does not exist" for name in sorted(linked - there))
    yield from (f"downloads/{name}: {PAGE} has no link to it" for name in sorted(there - linked))


def main(built: Path) -> str | None:
    """Make and check the downloads; return what is wrong."""
    left_out = [f"{name} is left out: {reason}" for name, reason in write(built).items()]
    found = list(problems(built))
    if os.environ.get("LRNLIB_REQUIRE_BROWSER"):
        found += left_out
    else:
        print("\n".join(left_out), end="\n" if left_out else "")
    return "\n".join(found) or None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
