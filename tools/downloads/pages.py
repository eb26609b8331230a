"""The chapters of the built site, without the site around them, for the PDF and the EPUB."""

import itertools
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

from tools.repository import ROOT

# An index needs page numbers, and the page of the downloads lists what the reader has already.
SITE_ONLY = {"genindex", "search", "chapters/downloads"}
REMOVED = (
    "a.headerlink, script, style, form, button, input, summary svg, .toctree-wrapper, .lrn-run"
)
CODE = re.compile(r"<pre>.*?</pre>", re.S)
CODE_NUMBER = re.compile(r"<pre>(\d+)</pre>")
LICENCES = "Text and figures: CC BY 4.0. Code: MIT."
EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


@dataclass(frozen=True)
class Article:
    """The text of one page of the book."""

    name: str  # as in the table of contents
    part: str | None  # the title of the part that begins with this page
    body: Tag
    title: str
    code: list[str]  # kept apart from `body`: most of a page, and parsing it takes long

    @property
    def id(self) -> str:
        """The anchor of the page in a document of all pages."""
        return anchor_id(self.name)

    def part_heading(self) -> str:
        """The title of the part that begins with the page."""
        return f'<h1 class="part">{escape(self.part)}</h1>\n' if self.part else ""

    def markup(self) -> str:
        """The page as HTML."""
        return CODE_NUMBER.sub(lambda found: self.code[int(found[1])], self.body.decode_contents())

    def sections(self) -> Iterator[Tag]:
        """The headings of the numbered sections."""
        return (h for h in self.body.select(".was-h2") if h.select_one(".section-number"))


def settings() -> dict:
    """The book's `_config.yml`."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def pages(root: Path | None = None) -> dict[str, str | None]:
    """The pages in reading order; the first page of a part has the part's title."""
    toc = yaml.safe_load(((root or ROOT) / "_toc.yml").read_text(encoding="utf-8"))
    found: dict[str, str | None] = {toc["root"]: None}
    for part in toc["parts"]:
        names = [chapter["file"] for chapter in part["chapters"] if "file" in chapter]
        names = [name for name in names if name not in SITE_ONLY]
        found |= {name: None for name in names} | {name: part["caption"] for name in names[:1]}
    return found


def articles(built: Path) -> list[Article]:
    """Every page of the built site, ready to stand in one document with the others."""
    order = pages()
    found = [_article(built, name, part, order) for name, part in order.items()]
    first = next(k for k, article in enumerate(found) if article.part)
    for k, article in enumerate(found):
        _mark_headings(article.body, lower=k >= first)
    return found


def anchor_id(page: str, anchor: str = "") -> str:
    """An anchor that is unique in a document of all pages."""
    name = page.replace("/", "-").replace(".", "-")
    return f"{name}--{anchor}" if anchor else name


def _article(built: Path, name: str, part: str | None, order: dict) -> Article:
    text = (built / f"{name}.html").read_text(encoding="utf-8")
    code = CODE.findall(text)
    numbers = itertools.count()
    text = CODE.sub(lambda _: f"<pre>{next(numbers)}</pre>", text)
    body = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article")).article
    if body is None:
        raise ValueError(f"{name}.html has no <article>, so it cannot be put into the book")
    unfold(body)
    for tag in body.select("a[href]"):
        tag["href"] = address(str(tag["href"]), name, order)
    for tag in body.select("img[src]"):
        if not str(tag["src"]).startswith("data:"):
            tag["src"] = place(name, str(tag["src"]))[0]
    for tag in body.select("[id]"):
        tag["id"] = anchor_id(name, str(tag["id"]))
    heading = body.select_one("h1")
    return Article(name, part, body, heading.get_text() if heading else name, code)


def place(page: str, link: str) -> tuple[str, str]:
    """The file and the anchor that a link of a page leads to."""
    path, anchor = urldefrag(link)
    folder, name = posixpath.split(page)
    return posixpath.normpath(posixpath.join(folder, path or name)), anchor


def address(href: str, page: str, order: dict) -> str:
    """The target of a page's link in the one document, or on the site if the document lacks it."""
    if EXTERNAL.match(href):
        return href
    target, anchor = place(page, href)
    name = unquote(target.removesuffix(".html"))
    if name in order:
        return f"#{anchor_id(name, anchor)}"
    return f"{settings()['html']['baseurl'].rstrip('/')}/{target}{'#' * bool(anchor)}{anchor}"


def _mark_headings(body: Tag, lower: bool) -> None:
    """Give each section's id to its heading; lower the headings of chapters below their part's."""
    for section in body.select("section[id]"):
        heading = section.find(re.compile("^h[1-6]$"), recursive=False)
        if heading is not None:
            heading["id"] = section["id"]
            section.unwrap()
    for heading in body.find_all(["h1", "h2", "h3", "h4", "h5"]):
        heading["class"] = f"was-{heading.name}"
        heading.name = f"h{int(heading.name[1]) + lower}"


def unfold(body: Tag) -> None:
    """Show what a click shows on the site, and remove what only a site needs."""
    for tag in body.select(REMOVED):
        tag.decompose()
    for details in body.select("details"):
        summary = details.find("summary", recursive=False)
        hidden_code = "hide" in details.get("class", [])
        if summary is not None and not hidden_code:
            summary.name, summary.attrs = "div", {"class": ["unfolded-title"]}
        elif summary is not None:
            summary.decompose()
        details.name = "div"
        details.attrs = {"class": ["unfolded-code" if hidden_code else "unfolded"]}
    for label in body.select("label.sd-tab-label"):
        label.name, label.attrs = "p", {"class": ["tab"]}
    for card in body.select(".sd-card"):
        _link_title(card)
    for tag in body.select("a.image-reference"):
        tag.unwrap()
    for tag in body.select("[role], [aria-label], [tabindex]"):
        for key in ("role", "aria-label", "tabindex"):
            tag.attrs.pop(key, None)


def _link_title(card: Tag) -> None:
    """Move the link that covers a card to the card's title."""
    title, cover = card.select_one(".sd-card-title"), card.select_one("a.sd-stretched-link")
    if title is not None and cover is not None:
        cover.attrs = {"href": cover["href"]}
        cover.string = title.get_text(strip=True)
        title.clear()
        title.append(cover)
        title.name, title.attrs = "p", {"class": ["card-title"]}
