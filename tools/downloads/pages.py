"""The built pages as one book without a site: what its PDF and its EPUB are made of."""

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

from tools.repository import ROOT

# The index has no page numbers to give, and the downloads' page lists what the reader holds.
OF_THE_SITE = {"genindex", "search", "chapters/downloads"}
NOT_READ = "a.headerlink, script, style, button, input, summary svg, .toctree-wrapper"
CODE = re.compile(r"<pre>.*?</pre>", re.S)
SET_ASIDE = re.compile(r"<pre>(\d+)</pre>")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)

Link = Callable[[str, str], str]  # the page and the anchor that are meant, to an address


@dataclass(frozen=True)
class Article:
    """One page of the book: its text without the site around it."""

    name: str  # as in the table of contents
    part: str | None  # where one begins with it, the part's name
    body: Tag
    title: str
    code: list[str]  # set aside, for it is most of a page and nothing changes in it

    def markup(self) -> str:
        """The page as HTML that is well-formed XML."""
        return SET_ASIDE.sub(lambda found: self.code[int(found[1])], str(self.body))

    def sections(self) -> Iterator[tuple[str, Tag]]:
        """The anchor and the heading of each section of the page."""
        for heading in self.body.select("section > h2"):
            yield str(heading.parent["id"]), heading


def settings() -> dict:
    """The book's `_config.yml`."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def pages(root: Path | None = None) -> dict[str, str | None]:
    """The pages in reading order, each with the name of the part that begins there."""
    toc = yaml.safe_load(((root or ROOT) / "_toc.yml").read_text(encoding="utf-8"))
    found: dict[str, str | None] = {toc["root"]: None}
    for part in toc["parts"]:
        names = [chapter["file"] for chapter in part["chapters"] if "file" in chapter]
        names = [name for name in names if name not in OF_THE_SITE]
        found |= {name: None for name in names} | {name: part["caption"] for name in names[:1]}
    return found


def articles(built: Path, link: Link) -> list[Article]:
    """Every page of the built site, cleaned, with its links and pictures as `link` has them."""
    order = pages()
    return [_article(built, name, part, order, link) for name, part in order.items()]


def _article(built: Path, name: str, part: str | None, order: dict, link: Link) -> Article:
    text = (built / f"{name}.html").read_text(encoding="utf-8")
    code = CODE.findall(text)
    numbers = itertools.count()
    text = CODE.sub(lambda _: f"<pre>{next(numbers)}</pre>", text)
    body = BeautifulSoup(text, "html.parser", parse_only=SoupStrainer("article")).article
    if body is None:
        raise ValueError(f"{name}.html has no <article>, so it cannot be put into the book")
    body.name, body.attrs = "div", {"class": ["page"]}
    clean(body)
    for tag in body.select("a[href]"):
        tag["href"] = address(str(tag["href"]), name, order, link)
    for tag in body.select("img[src]"):
        if not str(tag["src"]).startswith("data:"):
            tag["src"] = posixpath.normpath(f"{posixpath.dirname(name)}/{tag['src']}").lstrip("/")
    heading = body.select_one("h1")
    return Article(name, part, body, heading.get_text() if heading else name, code)


def address(href: str, page: str, order: dict, link: Link) -> str:
    """Where a page's link leads in the book, or on the site where the book does not hold it."""
    if ELSEWHERE.match(href):
        return href
    path, anchor = urldefrag(href)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    name = target.removesuffix(".html")
    if unquote(name) in order:
        return link(unquote(name), anchor)
    return f"{settings()['html']['baseurl'].rstrip('/')}/{target}{'#' * bool(anchor)}{anchor}"


def clean(body: Tag) -> None:
    """Unfold what a click unfolds, stack what stands behind tabs, drop what only a site needs."""
    soup = BeautifulSoup("", "html.parser")
    for tag in body.select(NOT_READ):
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
        _unfold_card(card, soup)
    for tag in body.select("a.image-reference"):
        tag.unwrap()
    for tag in body.select("[role], [aria-label], [tabindex]"):
        for key in ("role", "aria-label", "tabindex"):
            tag.attrs.pop(key, None)


def _unfold_card(card: Tag, soup: BeautifulSoup) -> None:
    """The link that covers a card as the link of its title."""
    title, cover = card.select_one(".sd-card-title"), card.select_one("a.sd-stretched-link")
    if title is not None and cover is not None:
        link = soup.new_tag("a", href=cover["href"])
        link.string = title.get_text(strip=True)
        title.clear()
        title.append(link)
        title.name, title.attrs = "p", {"class": ["card-title"]}
        cover.decompose()
