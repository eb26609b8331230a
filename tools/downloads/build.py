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
Writer = Callable[[Path, Path], None]  # from the built site, to a file
Check = Callable[[Path, list[str]], Iterator[str]]  # of a file, with the titles of the chapters
DOWNLOADS: dict[str, tuple[Writer, Check]] = {
    "lrn-book.pdf": (write_pdf, check_pdf),
    "lrn-book.epub": (write_epub, check_epub),
    "lrn-book-notebooks.zip": (write_notebooks, check_notebooks),
    "lrnlib-conformance-vectors.zip": (write_vectors, check_vectors),
}
SIZE = re.compile(r'(<span data-size-of="([^"]+)">)[^<]*(</span>)')
LINK = re.compile(r'<a [^>]*href="\.\./downloads/([^"#?]+)"[^>]*>(.*?)</a>', re.S)


def complete(page: str, folder: Path) -> str:
    """Fill in each file's size, or remove the link to a file that was not made."""

    def size(found: re.Match[str]) -> str:
        path, text = folder / found[2], "not in this build, which had no browser"
        if path.exists():
            text = f"{path.stat().st_size / 1e6:.1f} MB"
        return f"{found[1]}{text}{found[3]}"

    def link(found: re.Match[str]) -> str:
        return found[0] if (folder / found[1]).exists() else found[2]

    return LINK.sub(link, SIZE.sub(size, page))


def main(built: Path) -> str | None:
    """Make and check the downloads; return what is wrong."""
    folder, found, left_out = built / "downloads", list[str](), list[str]()
    folder.mkdir(exist_ok=True)
    titles = [article.title for article in articles(built)]
    for name, (write, check) in DOWNLOADS.items():
        path = folder / name
        path.unlink(missing_ok=True)
        try:
            write(built, path)
        except NoBrowser as error:
            left_out.append(f"{name} is left out: {error}")
        else:
            found += [f"downloads/{name}: {what}" for what in check(path, titles)]
    text = complete((built / PAGE).read_text(encoding="utf-8"), folder)
    (built / PAGE).write_text(text, encoding="utf-8", newline="\n")
    if os.environ.get("LRNLIB_REQUIRE_BROWSER"):
        found += left_out
    else:
        print("\n".join(left_out), end="\n" if left_out else "")
    return "\n".join(found) or None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
