"""Validate the downloads."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pikepdf

from tools.downloads.pages import EXTERNAL, place
from tools.downloads.pdf import ORIGIN
from tools.downloads.zips import FILES, notebooks, read_zip

HTML = "{http://www.w3.org/1999/xhtml}"


def check_notebooks(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Every chapter, the licences, the requirements and how to run them are there."""
    yield from _missing(_inside(path), ["README.md", *FILES, *notebooks()])


def check_vectors(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """The licence, the manifest, and every vector in the manifest are there."""
    files, names = _inside(path), ["LICENSE", "manifest.json"]
    if manifest := files.get("manifest.json"):
        vectors = [vector["file"] for vector in json.loads(manifest)["vectors"]]
        names += vectors
        if not vectors:
            yield "it has no vector"
    yield from _missing(files, names)


def _inside(path: Path) -> dict[str, bytes]:
    """A zip's files by their names inside its one folder."""
    return {name.partition("/")[2]: content for name, content in read_zip(path).items()}


def _missing(files: dict[str, bytes], names: Iterable[str]) -> Iterator[str]:
    yield from (f"{name} is missing or empty" for name in names if not files.get(name))


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
    files = read_zip(path)
    tags = [
        (name, tag)
        for name, page in files.items()
        if name.endswith(".xhtml")
        for tag in ElementTree.fromstring(page).iter()
    ]
    headings = {
        " ".join("".join(tag.itertext()).split())
        for _, tag in tags
        if tag.tag in (f"{HTML}h1", f"{HTML}h2")
    }
    yield from (f"no page has the title {title!r}" for title in titles if title not in headings)
    places = {(name, tag.get("id", "")) for name, tag in tags} | {(name, "") for name in files}
    for name, tag in tags:
        if tag.tag == f"{HTML}img" and not tag.get("alt"):
            yield f"{name}: the picture {tag.get('src')} has no alt text"
        for link in filter(None, (tag.get("src"), tag.get("href"))):
            external = tag.tag == f"{HTML}a" and EXTERNAL.match(link)
            if not external and place(name, link) not in places:
                yield f"{name}: {link} does not exist"
