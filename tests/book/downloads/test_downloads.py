"""What a reader takes away is whole, the same every time, and is checked by what can fail."""

import re
import zipfile

import pikepdf
import pytest
from bs4 import BeautifulSoup

from tests.book.browser import leave_out
from tests.book.downloads import sample_site
from tools.downloads import build, zips
from tools.downloads import pdf as pdf_module
from tools.downloads.check import in_epub, in_pdf
from tools.downloads.epub import write_epub
from tools.downloads.pages import address, articles, pages
from tools.downloads.pdf import one_page, write_pdf
from tools.site.chromium import NoBrowser
from tools.sphinx_ext import mathml

ROOT = sample_site.ROOT
site = sample_site.site
TITLES = ["The book", "1. Read the formula", "Notation"]


def link(name, anchor):
    return f"{name}!{anchor}"


@pytest.fixture
def book(site, tmp_path):
    """The site's EPUB, and a function that packs it again with some files changed."""
    write_epub(site, tmp_path / "book.epub")
    with zipfile.ZipFile(tmp_path / "book.epub") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    def changed(**texts):
        names = {"page": "book/chapters-formula.xhtml", "package": "book/content.opf"}
        new = {names.get(name, name): text for name, text in texts.items()}
        inside = {k: v for k, v in {**files, **new}.items() if v is not None}
        zips.write(tmp_path / "changed.epub", inside, stored="mimetype")
        return list(in_epub(tmp_path / "changed.epub", TITLES))

    changed.files, changed.page = files, files["book/chapters-formula.xhtml"].decode()
    return changed


@pytest.fixture
def pdf(site, tmp_path):
    """The site's PDF."""
    printed_or_left_out(site, tmp_path / "book.pdf")
    return tmp_path / "book.pdf"


def printed_or_left_out(site, path):
    """Where there is no browser, the test is left out."""
    try:
        write_pdf(site, path)
    except NoBrowser as error:
        leave_out(str(error))


def test_the_pages_come_in_the_order_of_the_contents(site):
    """The index and the page of the downloads are the site's, not the book's."""
    assert pages() == {
        "intro": None, "chapters/formula": "Build it", "chapters/notation": "Reference"
    }  # fmt: skip
    assert [article.title for article in articles(site, link)] == TITLES


def test_every_page_of_the_book_is_taken():
    """Every chapter that is a notebook, and every page of the real table of contents but two."""
    names = {path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("*/*.ipynb")}
    assert names <= set(pages(ROOT))
    listed = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert set(listed) - set(pages(ROOT)) <= {"chapters/downloads", "genindex"}


def test_what_a_click_shows_is_shown(site):
    """Folds are open, tabs stacked, cards linked by their titles; code is as it was."""
    intro, formula, _ = (article.markup() for article in articles(site, link))
    assert "Menu" not in intro
    assert "Footer" not in intro
    assert '<a href="chapters/formula!">Read the formula</a>' in intro
    assert re.search(r'<div class="unfolded-title">Solution</div>\s*<p>It is 4.</p>', formula)
    assert re.search(r'<p class="tab">NumPy\s*</p>', formula)
    assert "<pre>hidden = 1</pre>" in formula
    assert r'<pre>print("\(x &lt; 1\)")</pre>' in formula
    for gone in ("headerlink", "<script", "<input", "<details", "Show code", "toctree"):
        assert gone not in intro + formula


@pytest.mark.parametrize(
    ("href", "leads_to"),
    [
        ("notation.html#same", "chapters/notation!same"),
        ("../intro.html", "intro!"),
        ("#here", "chapters/formula!here"),
        ("https://a.org/b.html#c", "https://a.org/b.html#c"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("../genindex.html#A", "https://lrn-book-authors.github.io/lrn-book/genindex.html#A"),
    ],
)
def test_links_lead_into_the_book_or_to_the_site(href, leads_to):
    """A page of the book is linked in the book; another page of the site by its address."""
    order = {"intro": None, "chapters/formula": None, "chapters/notation": None}
    found = address(href, "chapters/formula", order, link)
    site = address("../x", "chapters/formula", order, link).removesuffix("x")
    assert found == leads_to.replace("https://lrn-book-authors.github.io/lrn-book/", site)


def test_the_one_page_keeps_the_anchors_of_two_pages_apart(site):
    """No anchor is there twice, and every link inside the book has its anchor."""
    soup = BeautifulSoup(one_page(site), "html.parser")
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    inside = {tag["href"][1:] for tag in soup.select('a[href^="#"]')}
    assert "chapters-notation--same" in inside
    assert inside <= set(ids)


def test_wide_code_is_printed_smaller(site):
    """A table of 108 characters keeps its columns; code of the usual width keeps its size."""
    sample_site.put(site, "chapters/notation", f"<h1>Notation</h1><pre>{'&lt;' * 108}</pre>")
    sizes = re.findall(r"<pre( style=[^>]*)?>(.{4})", one_page(site))
    assert [code for style, code in sizes if style] == ["&lt;"]
    assert len(sizes) > 1


def test_every_formula_is_mathml():
    """Sums carry their limits above and below, and MyST's alignment is latex2mathml's."""
    found = mathml.formula(
        r"\begin{split}\begin{aligned}y&=\sum_j^n x\\&=1\end{aligned}\end{split}"
    )
    assert len(found.find_all("mtr")) == 2
    assert found.find("munderover").mo.get_text() == "∑"
    assert found["alttext"].startswith(r"\begin{split}")


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\begin{unknown}x & y\end{unknown}", "x & y"])
def test_a_formula_that_does_not_convert_is_an_error(tex):
    """latex2mathml passes over what it does not know."""
    with pytest.raises(ValueError, match="does not know"):
        mathml.formula(tex)


def test_the_epub_is_whole(book, site, tmp_path):
    """The check finds nothing, and the same site gives the same bytes."""
    assert book() == []
    write_epub(site, tmp_path / "again.epub")
    assert (tmp_path / "again.epub").read_bytes() == (tmp_path / "book.epub").read_bytes()
    assert "chapters-notation.xhtml#same" in book.page
    assert ".png" in book.page  # the explorer's picture


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("</h1>", "<br></h1>", "not well-formed"),
        ("</h1>", "</h1><script>1</script>", "<script> runs"),
        ("</h1>", '</h1><p onclick="f()">a</p>', "<p> runs or waits"),
        ("</h1>", '</h1><p class="math">\\(x\\)</p>', "not MathML"),
        ("</h1>", "</h1><p>\\(x\\)</p>", "TeX is left"),
        ("</h1>", '</h1><img src="https://a.org/b.png" alt="A."/>', "is not in the book"),
        ("</h1>", '</h1><a href="other.xhtml">a</a>', "is not in the book"),
        ("</h1>", '</h1><a href="#nowhere">a</a>', "no place of its page"),
        ('alt="A dot."', "", "no alt text"),
        ("Read the formula</h1>", "Read</h1>", "no page has the title"),
    ],
)
def test_a_broken_page_of_the_epub_is_named(book, before, after, problem):
    """Each thing that a reader's program refuses, or that would be lost."""
    page = book.page.replace(before, after, 1)
    assert page != book.page
    assert any(problem in each for each in book(page=page.encode()))


def test_a_broken_package_of_the_epub_is_named(book):
    """A file that is not listed, a list without its file, and a wrong beginning."""
    assert any("extra.css" in each for each in book(**{"book/extra.css": b""}))
    assert any("book.css" in each for each in book(**{"book/book.css": None}))
    assert any("no content.opf" in each for each in book(package=None))
    assert any("mimetype" in each for each in book(mimetype=None))


def test_the_pdf_is_whole(pdf):
    """Each page's title is in the outline, below its part; the contents have page numbers."""
    assert list(in_pdf(pdf, TITLES)) == []
    with pikepdf.open(pdf) as document:
        assert "/Author" in document.docinfo
        with document.open_outline() as outline:
            tree = {item.title: [child.title for child in item.children] for item in outline.root}
    assert tree["Build it"] == ["1. Read the formula"]
    assert tree["Reference"] == ["Notation"]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (str(sample_site.N), r"\(n\)", "is not set"),
        ("<math", '<math style="display: none"', "is not set"),
        ("dot.png", "gone.png", "gone.png"),
    ],
)
def test_what_cannot_be_printed_is_an_error(site, before, after, problem):
    """A formula left as TeX, one that is not shown, and a picture that is not there."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises((RuntimeError, FileNotFoundError), match=problem):
        printed_or_left_out(site, site / "book.pdf")


def test_a_line_of_the_contents_without_its_page_is_an_error(site, monkeypatch):
    """An anchor that the draft does not lead to has no number."""
    numbers = pdf_module._page_numbers

    def but_one(draft):
        found = numbers(draft)
        del found["chapters-formula--same"]
        return found

    monkeypatch.setattr(pdf_module, "_page_numbers", but_one)
    with pytest.raises(RuntimeError, match="no page for chapters-formula--same"):
        printed_or_left_out(site, site / "book.pdf")


def test_a_broken_pdf_is_named(pdf):
    """A title that is missing, a link into nowhere, one to this machine, and no tags."""
    assert list(in_pdf(pdf, ["Another"])) == ["the outline lacks 'Another'"]
    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        links = [each for page in document.pages for each in page.get("/Annots", [])]
        inside = [each for each in links if "/Dest" in each]
        inside[0].Dest = pikepdf.Name("/nowhere")
        inside[1].Dest = pikepdf.String("file:///a.html")
        del document.Root.StructTreeRoot
        document.save(pdf)
    found = "\n".join(in_pdf(pdf, TITLES))
    assert "links to nowhere, which is nowhere" in found
    assert "leads out of the book: file:///a.html" in found
    assert "no /StructTreeRoot" in found


def test_without_a_browser_only_the_pdf_is_left_out(site, monkeypatch, capsys):
    """It is said, on the page as well; where a browser is required it is an error."""

    def none(built, target):
        raise NoBrowser("no browser starts: not found")

    monkeypatch.setitem(build.MAKERS, "lrn-book.pdf", none)
    monkeypatch.setattr(build, "problems", build.unlinked)
    monkeypatch.delenv("LRNLIB_REQUIRE_BROWSER", raising=False)
    assert build.main(site) is None
    assert "lrn-book.pdf is left out: no browser starts: not found" in capsys.readouterr().out
    page = (site / "chapters/downloads.html").read_text(encoding="utf-8")
    assert 'href="../downloads/lrn-book.pdf"' not in page
    assert "not in this build" in page
    assert re.search(r'data-size-of="lrn-book.epub">0\.\d MB<', page)
    monkeypatch.setenv("LRNLIB_REQUIRE_BROWSER", "1")
    sample_site.put(site, "chapters/downloads", sample_site.DOWNLOADS)
    assert "lrn-book.pdf is left out" in build.main(site)


def test_a_link_without_its_file_and_a_file_without_its_link_are_named(site):
    """The page and the folder name the same files."""
    (site / "downloads").mkdir()
    for name in [*build.MAKERS][:-1]:
        (site / "downloads" / name).touch()
    (site / "downloads/other.zip").touch()
    assert list(build.unlinked(site)) == [
        "chapters/downloads.html: downloads/lrnlib-conformance-vectors.zip is not there",
        "downloads/other.zip: chapters/downloads.html has no link to it",
    ]


def test_the_page_lists_every_download():
    """The real page; nothing on it is typed that is computed."""
    page = (ROOT / "chapters/downloads.md").read_text(encoding="utf-8")
    assert {found[1] for found in build.LINK.finditer(page)} == set(build.MAKERS)
    assert {found[2] for found in build.SIZE.finditer(page)} == set(build.MAKERS)
    assert not re.search(r"\d+(\.\d+)? ?[kM]B", page)
