"""What must hold for the files that a reader takes away; what breaks it is named."""

import io
import json
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import pikepdf

from tools.downloads.pages import ELSEWHERE
from tools.downloads.pdf import ORIGIN
from tools.repository import ROOT

HTML = "{http://www.w3.org/1999/xhtml}"
PACKAGE = "{http://www.idpf.org/2007/opf}"
NOTEBOOKS_NEED = (
    "README.md", "LICENSE", "LICENSE-TEXT.md", "CITATION.cff",
    "requirements.txt", "requirements-peers.txt", "requirements-gpu.txt",
)  # fmt: skip
RUNS = {"script", "iframe", "object", "embed", "input", "button", "form"}
TEX = re.compile(r"\\[(\[]|\\[a-zA-Z]+\{")


def in_notebooks(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Every chapter's notebook and every record, as they are, with the licences and how to run."""
    files = _files(path)
    yield from (f"{name} is missing" for name in NOTEBOOKS_NEED if name not in files)
    for pattern in ("chapters/*.ipynb", "lrnlib/book/records/*.json"):
        for file in sorted(root.glob(pattern)):
            name = file.relative_to(root).as_posix()
            if files.get(name) != file.read_bytes():
                yield f"{name} is missing or another"


def in_vectors(path: Path) -> Iterator[str]:
    """The licence, the manifest, and every vector that it names."""
    files = _files(path)
    wanted = ["LICENSE", "manifest.json"]
    if "manifest.json" in files:
        wanted += [vector["file"] for vector in json.loads(files["manifest.json"])["vectors"]]
    yield from (f"{name} is missing" for name in wanted if name not in files)
    if not any(name.endswith(".npz") for name in files):
        yield "no vector is there"


def _files(path: Path) -> dict[str, bytes]:
    """The files of a zip by their names inside its one folder."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def in_pdf(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Every chapter in the outline, tags, a language, and links that lead somewhere."""
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
                    yield f"page {number} links to {target[1:]}, which is nowhere"
                if not target or target.startswith((ORIGIN, "file:")):
                    yield f"page {number} has a link that leads out of the book: {target}"


def _titles(items: Iterable[pikepdf.OutlineItem]) -> Iterator[str]:
    for item in items:
        yield " ".join(item.title.split())
        yield from _titles(item.children)


def in_epub(path: Path, titles: Iterable[str]) -> Iterator[str]:
    """Pages of well-formed XML that run and ask nothing, with their formulas and pictures."""
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        files = {name: archive.read(name) for name in archive.namelist()}
    if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
        yield "it does not begin with an uncompressed mimetype"
    trees: dict[str, ElementTree.Element] = {}
    for name, content in files.items():
        if name.endswith((".xhtml", ".opf", ".svg", ".xml")):
            try:
                trees[name] = ElementTree.parse(io.BytesIO(content)).getroot()
            except ElementTree.ParseError as error:
                yield f"{name} is not well-formed: {error}"
    yield from _unlisted(trees.get("book/content.opf"), files)
    pages = {name: tree for name, tree in trees.items() if name.endswith(".xhtml")}
    listed = {
        " ".join("".join(h.itertext()).split()) for p in pages.values() for h in p.iter(f"{HTML}h1")
    }
    yield from (f"no page has the title {title!r}" for title in titles if title not in listed)
    ids = {name: {tag.get("id") for tag in tree.iter()} for name, tree in pages.items()}
    for name, tree in pages.items():
        yield from (f"{name}: {what}" for what in _in_page(name, tree, files, ids))


def _unlisted(package: ElementTree.Element | None, files: Mapping[str, bytes]) -> Iterator[str]:
    if package is None:
        yield "it has no content.opf"
        return
    items = {f"book/{item.get('href')}" for item in package.iter(f"{PACKAGE}item")}
    inside = {name for name in files if name.startswith("book/")} - {"book/content.opf"}
    yield from (f"{name} is in the package and not in its list, or the other way round"
                for name in sorted(items ^ inside))  # fmt: skip


def _in_page(
    name: str, tree: ElementTree.Element, files: Mapping[str, bytes], ids: Mapping[str, set]
) -> Iterator[str]:
    for tag in tree.iter():
        kind = tag.tag.rpartition("}")[2]
        if kind in RUNS or any(key.startswith("on") for key in tag.attrib):
            yield f"<{kind}> runs or waits for a click"
        if kind == "img" and not tag.get("alt"):
            yield f"the picture {tag.get('src')} has no alt text"
        if "math" in tag.get("class", "").split() and tag.find(".//*[@alttext]") is None:
            yield f"a formula is not MathML: {''.join(tag.itertext()).strip()}"
        for link in (tag.get("src"), tag.get("href")):
            if link and not (kind == "a" and ELSEWHERE.match(link)):
                yield from _nowhere(name, link, files, ids)
    words = "".join(_prose(tree))
    if found := TEX.search(words):
        yield f"TeX is left in the text: {words[found.start() : found.start() + 30]!r}"


def _nowhere(
    name: str, link: str, files: Mapping[str, bytes], ids: Mapping[str, set]
) -> Iterator[str]:
    path, anchor = urldefrag(link)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
    if target not in files:
        yield f"{link} is not in the book"
    elif anchor and anchor not in ids.get(target, ()):
        yield f"{link} leads to no place of its page"


def _prose(tag: ElementTree.Element) -> Iterator[str]:
    """The text that is no code."""
    if tag.tag not in (f"{HTML}pre", f"{HTML}code"):
        yield tag.text or ""
        for child in tag:
            yield from _prose(child)
            yield child.tail or ""
