"""The book as one EPUB 3, made of the built pages without a program beside Python."""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bs4 import Tag
from pygments.formatters import HtmlFormatter

from tools.downloads import zips
from tools.downloads.cover import cover
from tools.downloads.pages import Article, articles, settings
from tools.downloads.pdf import CODE_COLOURS
from tools.repository import address

TOOLS = Path(__file__).parent
INDIRECT = re.compile(r"<!DOCTYPE[^>]*>", re.I)  # an e-book's picture may name no file elsewhere
KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}
XHTML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" \
lang="en-GB" xml:lang="en-GB">
<head><meta charset="utf-8"/><title>{title}</title>
<link rel="stylesheet" type="text/css" href="book.css"/></head>
<body>
{body}
</body>
</html>
"""
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/content.opf" \
media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""


def write_epub(built: Path, target: Path) -> None:
    """Pack the built site's pages, their pictures and a table of contents."""
    book = articles(built, lambda name, anchor: f"{_file(name)}#{anchor}".removesuffix("#"))
    pictures: dict[str, bytes] = {}
    for article in book:
        for image in article.body.select("img"):
            name, picture = _picture(built, image)
            pictures[name] = picture
            image["src"] = name
        for table in article.body.select("table[border]"):
            del table["border"]
    css = HtmlFormatter(style=CODE_COLOURS).get_style_defs(".highlight")
    css += "\n" + (TOOLS / "epub.css").read_text(encoding="utf-8")
    files = {_file(article.name): _page(article).encode() for article in book} | pictures
    files["cover.png"] = cover(*settings()["title"].split(": "))
    files |= {"title.xhtml": _title().encode(), "nav.xhtml": _nav(book).encode()}
    files |= {"book.css": css.encode(), "content.opf": _package(book, files).encode()}
    inside = {f"book/{name}": content for name, content in files.items()}
    inside |= {"mimetype": b"application/epub+zip", "META-INF/container.xml": CONTAINER.encode()}
    zips.write(target, inside, stored="mimetype")


def _file(name: str) -> str:
    return f"{name.replace('/', '-')}.xhtml"


def _picture(built: Path, image: Tag) -> tuple[str, bytes]:
    source = str(image["src"])
    if source.startswith("data:image/png;base64,"):
        content, suffix = base64.b64decode(source.partition(",")[2]), ".png"
    else:
        content, suffix = (built / source).read_bytes(), Path(source).suffix
    if suffix == ".svg":
        content = INDIRECT.sub("", content.decode()).encode()
    return f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}", content


def _page(article: Article) -> str:
    part = f'<p class="part">{escape(article.part)}</p>\n' if article.part else ""
    return XHTML.format(title=escape(article.title), body=f"{part}{article.markup()}")


def _title() -> str:
    config = settings()
    title, subtitle = config["title"].split(": ")
    site, code = config["html"]["baseurl"], f"https://github.com/{address()}"
    body = f"""<section class="title-page" epub:type="titlepage">
<h1>{escape(title)}</h1>
<p class="subtitle">{escape(subtitle)}</p>
<p>{escape(config["author"])}</p>
<p><a href="{site}">{site}</a><br/><a href="{code}">{code}</a></p>
<p>Text and figures: CC BY 4.0. Code: MIT.</p>
</section>"""
    return XHTML.format(title=escape(config["title"]), body=body)


def _nav(book: list[Article]) -> str:
    body = f"""<nav epub:type="toc" id="toc" role="doc-toc">
<h1>Contents</h1>
<ol>
{"".join(_entries(book))}</ol>
</nav>
<nav epub:type="landmarks" hidden="hidden">
<h2>Landmarks</h2>
<ol><li><a epub:type="toc" href="nav.xhtml">Contents</a></li>
<li><a epub:type="bodymatter" href="{_file(book[0].name)}">Begin reading</a></li></ol>
</nav>"""
    return XHTML.format(title="Contents", body=body)


def _entries(book: list[Article]) -> Iterator[str]:
    """A line for each page, with its sections, below the part that it is in."""
    inside = False
    for article in book:
        if article.part:
            yield (
                "</ol></li>\n" if inside else ""
            ) + f"<li><span>{escape(article.part)}</span><ol>"
            inside = True
        file = _file(article.name)
        sections = "".join(
            f'<li><a href="{file}#{anchor}">{escape(heading.get_text())}</a></li>\n'
            for anchor, heading in article.sections()
        )
        below = f"<ol>\n{sections}</ol>" if sections else ""
        yield f'<li><a href="{file}">{escape(article.title)}</a>{below}</li>\n'
    yield "</ol></li>\n" if inside else ""


def _package(book: list[Article], files: dict[str, bytes]) -> str:
    order = ["title.xhtml", "nav.xhtml", *(_file(article.name) for article in book)]
    pictures = sorted(name for name in files if Path(name).suffix in KINDS)
    items = [
        _listed(name, KINDS[Path(name).suffix], "cover-image" if name == "cover.png" else "")
        for name in pictures
    ]
    for name in order:
        holds = {"nav": b"<nav ", "mathml": b"<math "}
        has = " ".join(what for what, tag in holds.items() if tag in files[name])
        items.append(_listed(name, "application/xhtml+xml", has))
    spine = "\n".join(f'<itemref idref="{_item(name)}"/>' for name in order)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en-GB">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
{_metadata(files)}
</metadata>
<manifest>
{_listed("book.css", "text/css")}
{chr(10).join(items)}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def _listed(name: str, kind: str, has: str = "") -> str:
    properties = f' properties="{has}"' if has else ""
    return f'<item id="{_item(name)}" href="{name}" media-type="{kind}"{properties}/>'


def _item(name: str) -> str:
    return f"file-{name.replace('.', '-')}"


def _metadata(files: dict[str, bytes]) -> str:
    """What the book is and who can read it; one content has one identifier and one date."""
    config = settings()
    content = hashlib.sha256(b"".join(files[name] for name in sorted(files))).hexdigest()
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{config['html']['baseurl']}#{content}")
    features = ("alternativeText", "MathML", "tableOfContents", "structuralNavigation")
    meta = {
        "dcterms:modified": f"{config['copyright']}-01-01T00:00:00Z",
        "schema:accessMode": ("textual", "visual"),
        "schema:accessModeSufficient": "textual",
        "schema:accessibilityFeature": features,
        "schema:accessibilityHazard": "none",
        "schema:accessibilitySummary": "Every picture has a description, every formula is MathML.",
    }
    lines = [
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier>',
        f"<dc:title>{escape(config['title'])}</dc:title>",
        f"<dc:creator>{escape(config['author'])}</dc:creator>",
        "<dc:language>en-GB</dc:language>",
        "<dc:rights>Text and figures: CC BY 4.0. Code: MIT.</dc:rights>",
        f"<dc:source>{config['html']['baseurl']}</dc:source>",
    ]
    for name, values in meta.items():
        for value in [values] if isinstance(values, str) else values:
            lines.append(f'<meta property="{name}">{value}</meta>')
    return "\n".join(lines)
