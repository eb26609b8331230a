"""Validate the downloads."""

import json
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import pikepdf

from tools.downloads.pages import EXTERNAL
from tools.downloads.pdf import ORIGIN
from tools.downloads.zips import FILES, notebooks

HTML = "{http://www.w3.org/1999/xhtml}"


def check_notebooks(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Every chapter, the licences, the requirements and how to run them are there."""
    sizes = _sizes(path)
    yield from _missing(sizes, ["README.md", *FILES, *notebooks()])


def check_vectors(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """The licence, the manifest, and every vector in the manifest are there."""
    sizes = _sizes(path)
    yield from _missing(sizes, ["LICENSE", "manifest.json"])
    if "manifest.json" in sizes:
        with zipfile.ZipFile(path) as archive:
            (name,) = (each for each in archive.namelist() if each.endswith("/manifest.json"))
            vectors = [vector["file"] for vector in json.loads(archive.read(name))["vectors"]]
        yield from _missing(sizes, vectors)
        if not vectors:
            yield "it has no vector"


def _sizes(path: Path) -> dict[str, int]:
    """The sizes of a zip's files by their names inside its one folder."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename.partition("/")[2]: info.file_size for info in archive.infolist()}


def _missing(sizes: dict[str, int], names: Iterable[str]) -> Iterator[str]:
    yield from (f"{name} is missing or empty" for name in names if not sizes.get(name))


def check_pdf(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Every chapter is in the outline, there are tags and a language, and links lead somewhere."""
    with pikepdf.open(path) as document:
        with document.open_outline() as outline:
            listed = set(_titles(outline.root))
        yield from (f"the outline lacks {title!r}" for title in titles if title not in listed)
        for key in ("/StructTreeRoot", "/Lang", "/Dests"):
            if key not in document.Root:
                yield f"it has no {key}"
        places = document.Root.get("/Dests", {})
        for number, page in enumerate(document.pages, start=1):
            for link in page.get("/Annots", []):
                target = str(link.get("/Dest", link.get("/A", {}).get("/URI", "")))
                if target.startswith("/") and target not in places:
                    yield f"page {number} links to {target[1:]}, which does not exist"
                if not target or target.startswith((ORIGIN, "file:")):
                    yield f"page {number} has a link that leads out of the book: {target}"


def _titles(items: Iterable[pikepdf.OutlineItem]) -> Iterator[str]:
    for item in items:
        yield " ".join(item.title.split())
        yield from _titles(item.children)


def check_epub(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Every chapter is there, links lead somewhere, and pictures have alt texts."""
    with zipfile.ZipFile(path) as archive:
        files = set(archive.namelist())
        pages = {
            name: ElementTree.fromstring(archive.read(name))
            for name in files
            if name.endswith(".xhtml")
        }
    headings = {
        " ".join("".join(tag.itertext()).split())
        for page in pages.values()
        for tag in page.iter()
        if tag.tag in (f"{HTML}h1", f"{HTML}h2")
    }
    yield from (f"no page has the title {title!r}" for title in titles if title not in headings)
    places = files | {
        f"{name}#{tag.get('id')}" for name, page in pages.items() for tag in page.iter()
    }
    for name, page in pages.items():
        for tag in page.iter():
            if tag.tag == f"{HTML}img" and not tag.get("alt"):
                yield f"{name}: the picture {tag.get('src')} has no alt text"
            for link in filter(None, (tag.get("src"), tag.get("href"))):
                external = tag.tag == f"{HTML}a" and EXTERNAL.match(link)
                if not external and _place(name, link) not in places:
                    yield f"{name}: {link} does not exist"


def _place(page: str, link: str) -> str:
    """The file, and the anchor if there is one, that a link of a page leads to."""
    path, anchor = urldefrag(link)
    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return f"{file}#{anchor}" if anchor else file
