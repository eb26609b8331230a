"""The site checks find the faults of pages that are broken on purpose."""

import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.book.site import site_checks
from tests.book.site.site_pages import PREFIX, Visit, served

FORMULA = (
    '<span class="math"><math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi></math></span>'
)
FIGURE = (
    '<figure id="f"><img src="a.svg" alt="Two bars, the left one twice as high."><figcaption>'
    '<span class="caption-number">Fig. 1 </span><span class="caption-text">Two bars.</span>'
    "</figcaption></figure>"
)
TABLE = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>A page</title><link rel="icon" href="a.svg">'
    "<style>html {{ color: #000; background: #fff }} {style}</style></head><body><main>"
    '<div class="bd-article-container"><article class="bd-article"><h1>A page</h1>'
    '<p>A <a href="#f">link</a> and ' + FORMULA + ".</p>" + FIGURE + TABLE + "{body}"
    "</article></div></main>{script}</body></html>"
)
IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'


@pytest.fixture
def visit(chromium, tmp_path, monkeypatch):
    """Open a good page with additions. Nothing in it has to settle."""
    monkeypatch.setattr(site_checks, "SETTLED", 0)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})

    def opened(body="", style="", script="", until="load"):
        html = PAGE.format(body=body, style=style, script=script)
        (tmp_path / "page.html").write_text(html, encoding="utf-8")
        return Visit(context, address, address + "page.html", until)

    (tmp_path / "a.svg").write_text(IMAGE, encoding="utf-8")
    with served(tmp_path) as address:
        yield opened
        context.close()


CHECKS = {
    "content": site_checks.content,
    "keyboard": site_checks.keyboard,
    "axe": site_checks.axe,
    "width": lambda page: site_checks.width(page, 320),
}


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_page_has_no_problem(visit, check):
    """No false positives."""
    opened = visit()
    assert CHECKS[check](opened.page) == []
    assert opened.wrong == []


@pytest.mark.parametrize(
    ("check", "added", "problem"),
    [
        ("content", {"body": r'<span class="math">\(x\)</span>'}, "not typeset"),
        ("content", {"body": r"<p>and \(x\) in the text</p>"}, "raw TeX"),
        ("content", {"style": "math { display: none }"}, "not typeset"),
        ("content", {"body": '<img src="b.svg" alt="Something that is not there.">'}, "not shown"),
        ("content", {"body": '<i class="fa-solid fa-sun">&nbsp;</i>'}, "no icon"),
        ("content", {"style": "@font-face { font-family: F; src: url(f.woff2) }"
                               " p { font-family: F }"}, "font: F"),
        ("content", {"body": '<figure id="g"><p>1</p></figure>'}, "no number"),
        ("content", {"body": '<figure id="g"><p>1</p></figure>'}, "no caption"),
        ("content", {"body": '<img src="a.svg" alt="Two bars of the same height.">'}, "not in a"),
        ("content", {"body": FIGURE.replace("Two bars, the left one twice as high.", "A plot")},
         "poor alt text"),
        ("content", {"body": "<table><tr><td>1</td></tr></table>"}, "no headers"),
        ("content", {"body": TABLE.replace(">a<", "><")}, "no headers"),
        ("width", {"body": '<div style="width: 400px">wide</div>'}, "pixels wide"),
        ("width", {"body": '<div style="overflow: hidden"><p style="width: 400px">cut</p></div>'},
         "cut off"),
        ("keyboard", {"style": "a:focus { outline: none }"}, "focus is not seen"),
        ("keyboard", {"style": "a { box-shadow: 0 0 2px #000 } a:focus { outline: none }"},
         "focus is not seen"),
        ("keyboard", {"body": '<button id="b">b</button>', "script":
                      "<script>b.onfocus = () => b.blur()</script>"}, "does not reach"),
        ("axe", {"body": '<p style="color: #999">pale</p>'}, "light: color-contrast"),
        ("axe", {"style": "html[data-theme=dark] p { color: #ddd }"}, "dark: color-contrast"),
        ("axe", {"body": '<button id="b"></button>'}, "button-name"),
        ("axe", {"body": '<p style="background: linear-gradient(#000, #fff)">in between</p>'},
         "color-contrast: <p style"),
        ("axe", {"body": '<p style="color: #999">x</p>'}, "light: color-contrast"),
        ("axe", {"body": '<p>a <b style="color: #aaa">covered</b></p>',
                 "style": "p::after { position: absolute; inset: 0; content: ' '; "
                          "background: #ffffff01 }"}, "light: color-contrast: <b"),
    ],
)  # fmt: skip
def test_a_broken_page_is_named(visit, check, added, problem):
    """Each check finds its faults."""
    assert any(problem in each for each in CHECKS[check](visit(**added).page))


def test_a_shadow_that_changes_shows_the_focus(visit):
    """The focus may be shown without an outline."""
    style = "a { box-shadow: 0 0 1px #000 } a:focus { outline: none; box-shadow: 0 0 9px #000 }"
    assert site_checks.keyboard(visit(style=style).page) == []


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("<script>fetch('https://cdn.org/data').catch(() => 0)</script>", r"requested https://cdn"),
        ('<script src="b.js"></script>', rf"404: .*{PREFIX}b\.js"),
        ("<script>undefined.x</script>", r"error: .*undefined"),
        ("<script>console.error('broken')</script>", r"console: broken"),
    ],
)
def test_requests_and_errors_are_reported(visit, script, problem):
    """Third-party requests, missing files and errors of scripts."""
    assert any(re.match(problem, each) for each in visit(script=script, until="networkidle").wrong)


def test_the_server_stops_after_an_error(tmp_path):
    """Its port is closed."""
    with pytest.raises(KeyboardInterrupt), served(tmp_path) as address:
        raise KeyboardInterrupt
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("localhost", urlsplit(address).port))
