"""The book as one PDF, printed by Chromium from the built pages."""

import io
import mimetypes
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import matplotlib
import pikepdf
from pygments.formatters import HtmlFormatter

from tools.downloads.pages import Article, articles, settings
from tools.repository import address
from tools.site.chromium import launched

TOOLS = Path(__file__).parent
ORIGIN = "http://book.invalid/"  # a name that no server may have; every request is answered here
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # the same letters on every machine
ACROSS = 96  # characters of code in the width that print.css leaves
CODE_COLOURS = "a11y-high-contrast-light"  # the site's, in the light
NUMBER = """(pages) => [...document.querySelectorAll(".contents a")].flatMap((link) => {
  const anchor = link.hash.slice(1);
  link.dataset.page = pages[anchor];
  return anchor in pages ? [] : [anchor];
})"""
NOT_TYPESET = """() => [...document.querySelectorAll(".math")]
  .filter((each) => !(each.querySelector("math")?.getBoundingClientRect().width > 0))
  .map((each) => each.textContent.trim())"""
LOADED = """() => Promise.all(
  [...document.fonts, ...document.images].map((each) => each.load?.() ?? each.decode()))"""


def write_pdf(built: Path, target: Path) -> None:
    """Print the built site's pages as one document, or raise NoBrowser."""
    book, missing = one_page(built), list[str]()
    with launched() as browser:
        page = browser.new_page()
        page.set_default_timeout(300_000)  # a busy machine takes more than Playwright's 30 s
        page.route("**/*", lambda route: _answer(route, built, book, missing))
        page.goto(ORIGIN, wait_until="load")
        if left := page.evaluate(NOT_TYPESET):
            raise RuntimeError(f"the formula {left[0]!r} is not set, so the PDF would show TeX")
        if missing:
            raise FileNotFoundError(f"the book asks for {missing[0]}, which the site does not hold")
        page.evaluate(LOADED)
        how = {"prefer_css_page_size": True, "print_background": True}
        draft = io.BytesIO(page.pdf(**how))  # Chromium does not know where a link leads in print
        if unnumbered := page.evaluate(NUMBER, _page_numbers(draft)):
            raise RuntimeError(f"the contents have no page for {unnumbered[0]}")
        page.pdf(path=target, **how, outline=True, tagged=True)
    _describe(target)


def _page_numbers(draft: io.BytesIO) -> dict[str, int]:
    """The page of each anchor that a link leads to."""
    with pikepdf.open(draft) as document:
        number = {page.objgen: k for k, page in enumerate(document.pages, start=1)}
        return {
            name.removeprefix("/"): number[place[0].objgen]
            for name, place in document.Root.Dests.items()
        }


def one_page(built: Path) -> str:
    """All pages as one, with a title page and a table of contents before them."""
    config = settings()
    book = articles(built, lambda name, anchor: f"#{_id(name, anchor)}")
    title, subtitle = config["title"].split(": ")
    for article in book:
        article.code[:] = map(_fitted, article.code)
        _own_ids(article)
        if any(each.part for each in book[: book.index(article) + 1]):
            _lower_headings(article)
    body = "\n".join(
        f'<section class="chapter" id="{_id(article.name)}" style="page: {_id(article.name)}">\n'
        f"{_part(article)}{article.markup()}</section>"
        for article in book
    )
    return f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(config["title"])}</title>
<style>{HtmlFormatter(style=CODE_COLOURS).get_style_defs(".highlight")}</style>
<style>{(TOOLS / "print.css").read_text(encoding="utf-8")}{_running_titles(book)}</style>
<link rel="stylesheet" href="{ORIGIN}_static/formulas.css"></head><body>
<header class="title-page"><p class="title">{escape(title)}</p><p>{escape(subtitle)}</p>
<p class="imprint">{escape(config["author"])}<br>{_where(config)}<br>
Text and figures: CC BY 4.0. Code: MIT.</p></header>
<nav class="contents"><h1>Contents</h1>{_contents(book)}</nav>
{body}</body></html>"""


def _fitted(code: str) -> str:
    """Smaller, where that keeps the columns of a line somewhat too long in place."""
    text = unescape(re.sub(r"<[^>]*>", "", code))
    longest = max(map(len, text.splitlines()), default=0)
    if not ACROSS < longest <= 1.25 * ACROSS:
        return code
    return code.replace("<pre", f'<pre style="font-size: {8 * ACROSS / longest:.2f}pt"', 1)


def _where(config: dict) -> str:
    site, code = config["html"]["baseurl"], f"https://github.com/{address()}"
    return f'<a href="{site}">{site}</a><br><a href="{code}">{code}</a>'


def _id(name: str, anchor: str = "") -> str:
    """The anchor of a page in the one document; two pages may use the same."""
    page = name.replace("/", "-").replace(".", "-")
    return f"{page}--{anchor}" if anchor else page


def _own_ids(article: Article) -> None:
    for tag in article.body.select("[id]"):
        tag["id"] = _id(article.name, str(tag["id"]))


def _lower_headings(article: Article) -> None:
    """Chapters stand below the parts in the outline."""
    for heading in article.body.find_all(["h1", "h2", "h3", "h4", "h5"]):
        heading["class"] = f"was-{heading.name}"
        heading.name = f"h{int(heading.name[1]) + 1}"


def _part(article: Article) -> str:
    return f'<h1 class="part">{escape(article.part)}</h1>' if article.part else ""


def _contents(book: list[Article]) -> str:
    lines = []
    for article in book:
        if article.part:
            lines.append(f'<p class="part">{escape(article.part)}</p>')
        lines.append(_line("chapter", _id(article.name), escape(article.title)))
        for section in article.body.select("section > .was-h2"):
            if section.select_one(".section-number"):
                lines.append(_line("section", str(section.parent["id"]), section.decode_contents()))
    return "\n".join(lines)


def _line(kind: str, anchor: str, title: str) -> str:
    return f'<p class="{kind}"><a href="#{anchor}"><span>{title}</span></a></p>'


def _running_titles(book: list[Article]) -> str:
    """Each page's head says which chapter it is of; the first of a chapter says it in large."""
    return "\n".join(
        f'@page {_id(article.name)} {{ @top-right {{ content: "{article.title}" }} }}\n'
        f"@page {_id(article.name)}:first {{ @top-right {{ content: none }} }}"
        for article in book
    )


def _answer(route: Any, built: Path, book: str, missing: list[str]) -> None:
    """The page, the site's own files and the fonts; nothing comes from elsewhere."""
    url = route.request.url
    path = url.removeprefix(ORIGIN).split("?")[0]
    if url.startswith("data:"):
        return route.continue_()
    if not path:
        return route.fulfill(body=book, content_type="text/html")
    file = FONTS / path.removeprefix("_fonts/") if path.startswith("_fonts/") else built / path
    if not url.startswith(ORIGIN) or not file.is_file():
        missing.append(url)
        return route.abort()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return route.fulfill(body=file.read_bytes(), content_type=kind)


def _describe(target: Path) -> None:
    """Say whose it is, show the outline when it is opened, and pack its many small objects."""
    config = settings()
    with pikepdf.open(target, allow_overwriting_input=True) as document:
        for name, text in {
            "Title": config["title"],
            "Author": config["author"],
            "Subject": "Text and figures: CC BY 4.0. Code: MIT.",
            "Creator": "Jupyter Book and Chromium",
        }.items():
            document.docinfo[f"/{name}"] = text
        del document.docinfo["/CreationDate"], document.docinfo["/ModDate"]  # the same again
        document.Root.PageMode = pikepdf.Name.UseOutlines
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        document.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
