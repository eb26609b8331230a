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

from tools.downloads.pages import LICENCES, Article, articles, settings
from tools.repository import address
from tools.site.chromium import launched

TOOLS = Path(__file__).parent
ORIGIN = "http://book.invalid/"  # no server can have this name; `_answer` serves every request
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # the same fonts on every machine
CODE_WIDTH = 96  # characters of code that fit the width of print.css
CODE_COLOURS = "a11y-high-contrast-light"  # as in the site's light mode
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
    with launched() as (browser, _):
        page = browser.new_page()
        page.set_default_timeout(300_000)  # 30 s, the default, is too short on a busy machine
        page.route("**/*", lambda route: _answer(route, built, book, missing))
        page.goto(ORIGIN, wait_until="load")
        if left := page.evaluate(NOT_TYPESET):
            raise RuntimeError(f"the formula {left[0]!r} is not typeset in the PDF")
        if missing:
            raise FileNotFoundError(f"the book needs {missing[0]}, which the site does not have")
        page.evaluate(LOADED)
        options = {"prefer_css_page_size": True, "print_background": True}
        draft = io.BytesIO(page.pdf(**options))  # Chromium cannot number the contents
        if unnumbered := page.evaluate(NUMBER, _page_numbers(draft)):
            raise RuntimeError(f"the contents have no page for {unnumbered[0]}")
        page.pdf(path=target, **options, outline=True, tagged=True)
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
    book = articles(built)
    title, subtitle = config["title"].split(": ")
    links = (config["html"]["baseurl"], f"https://github.com/{address()}")
    addresses = "<br>".join(f'<a href="{url}">{url}</a>' for url in links)
    for article in book:
        article.code[:] = map(_fit_to_width, article.code)
    body = "\n".join(
        f'<section class="chapter" id="{article.id}" style="page: {article.id}">\n'
        f"{article.part_heading()}{article.markup()}</section>"
        for article in book
    )
    return f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(config["title"])}</title>
<style>{HtmlFormatter(style=CODE_COLOURS).get_style_defs(".highlight")}</style>
<style>{(TOOLS / "print.css").read_text(encoding="utf-8")}{_page_headers(book)}</style>
<link rel="stylesheet" href="{ORIGIN}_static/formulas.css"></head><body>
<header class="title-page"><p class="title">{escape(title)}</p><p>{escape(subtitle)}</p>
<p class="imprint">{escape(config["author"])}<br>{addresses}<br>{LICENCES}</p></header>
<nav class="contents"><h1>Contents</h1>{_contents(book)}</nav>
{body}</body></html>"""


def _fit_to_width(code: str) -> str:
    """Print code that is slightly too wide in a smaller size, so that its lines do not wrap."""
    text = unescape(re.sub(r"<[^>]*>", "", code))
    longest = max(map(len, text.splitlines()), default=0)
    if not CODE_WIDTH < longest <= 1.25 * CODE_WIDTH:
        return code
    return code.replace("<pre", f'<pre style="font-size: {8 * CODE_WIDTH / longest:.2f}pt"', 1)


def _contents(book: list[Article]) -> str:
    lines = []
    for article in book:
        if article.part:
            lines.append(f'<p class="part">{escape(article.part)}</p>')
        chapter = ("chapter", article.id, escape(article.title))
        sections = [("section", h["id"], h.decode_contents()) for h in article.sections()]
        lines += [
            f'<p class="{kind}"><a href="#{anchor}"><span>{title}</span></a></p>'
            for kind, anchor, title in (chapter, *sections)
        ]
    return "\n".join(lines)


def _page_headers(book: list[Article]) -> str:
    """A chapter's title at the head of its pages, except the first, which begins with the title."""
    return "\n".join(
        f'@page {article.id} {{ @top-right {{ content: "{article.title}" }} }}\n'
        f"@page {article.id}:first {{ @top-right {{ content: none }} }}"
        for article in book
    )


def _answer(route: Any, built: Path, book: str, missing: list[str]) -> None:
    """Serve the page, the site's files and the fonts; refuse every other request."""
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
    """Set the metadata, open the PDF with its outline, and compress its many small objects."""
    config = settings()
    with pikepdf.open(target, allow_overwriting_input=True) as document:
        for name, text in {
            "Title": config["title"],
            "Author": config["author"],
            "Subject": LICENCES,
            "Creator": "Jupyter Book and Chromium",
        }.items():
            document.docinfo[f"/{name}"] = text
        document.Root.PageMode = pikepdf.Name.UseOutlines
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
