"""The PDF, the EPUB and the zips hold the book, and the checks find what is broken in them."""

import re
import shutil
import zipfile

import pikepdf
import pytest
from bs4 import BeautifulSoup

from tests.book.browser import leave_out
from tests.book.downloads import sample_site
from tools.downloads import build, zips
from tools.downloads import pdf as pdf_module
from tools.downloads.check import check_epub, check_notebooks, check_pdf, check_vectors
from tools.downloads.epub import write_epub
from tools.downloads.pages import address, articles, pages
from tools.downloads.pdf import one_page, write_pdf
from tools.notebooks.notebooks import notebook_paths
from tools.site.chromium import NoBrowser

ROOT = sample_site.ROOT
site = sample_site.site
UNKNOWN = r'<math alttext="\gone{x}"></math>'
TITLES = ["The book", "1. Read the formula", "Notation"]


def repack(path, change):
    """Write a zip anew with the files that `change` makes of the present ones."""
    files = change(zips.read_zip(path))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.fixture(scope="module")
def written():
    """What was written, by its function: no test changes the site before that."""
    return {}


@pytest.fixture
def epub(site, tmp_path, written):
    """The site's EPUB."""
    return write_once(written, write_epub, site, tmp_path / "book.epub")


@pytest.fixture
def pdf(site, tmp_path, written):
    """The site's PDF."""
    return write_once(written, write_pdf, site, tmp_path / "book.pdf")


def write_once(written, write, site, path):
    """Return a copy of the download of its own for each test."""
    if write not in written:
        write_or_skip(write, site, path)
        written[write] = path.read_bytes()
    path.write_bytes(written[write])
    return path


def write_or_skip(write, site, path):
    """Write a download; without a browser for the PDF, skip the test."""
    try:
        write(site, path)
    except NoBrowser as error:
        leave_out(str(error))


def test_the_pages_come_in_the_order_of_the_contents(site):
    """The index and the page of the downloads are left to the site; every chapter is included."""
    assert pages() == {
        "intro": None, "chapters/formula": "Build it", "chapters/notation": "Reference"
    }  # fmt: skip
    assert [article.title for article in articles(site)] == TITLES
    names = {path.relative_to(ROOT).with_suffix("").as_posix() for path in notebook_paths()}
    assert names <= set(pages(ROOT))
    listed = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert set(listed) - set(pages(ROOT)) <= {"chapters/downloads", "genindex"}


def test_what_a_click_shows_is_shown(site):
    """Folds are open, and code is unchanged."""
    intro, formula, _ = (article.markup() for article in articles(site))
    assert "Menu" not in intro
    assert "Footer" not in intro
    assert '<a href="#chapters-formula">the formula</a>' in intro
    assert re.search(r'<div class="unfolded-title">Solution</div>\s*<p>It is 4.</p>', formula)
    assert "<pre>hidden = 1</pre>" in formula
    assert r'<pre>print("\(x &lt; 1\)")</pre>' in formula
    for gone in ("headerlink", "<script", "Answer", "<input", "<details", "Show code", "toctree"):
        assert gone not in intro + formula


@pytest.mark.parametrize(
    ("href", "leads_to"),
    [
        ("notation.html#same", "#chapters-notation--same"),
        ("../intro.html", "#intro"),
        ("#here", "#chapters-formula--here"),
        ("https://a.org/b.html#c", "https://a.org/b.html#c"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("../genindex.html#A", "https://lrn-book-authors.github.io/lrn-book/genindex.html#A"),
    ],
)
def test_links_lead_into_the_book_or_to_the_site(href, leads_to):
    """A page of the book is linked in the book; another page of the site by its address."""
    order = {"intro": None, "chapters/formula": None, "chapters/notation": None}
    found = address(href, "chapters/formula", order)
    site = address("../x", "chapters/formula", order).removesuffix("x")
    assert found == leads_to.replace("https://lrn-book-authors.github.io/lrn-book/", site)


def test_the_one_page_keeps_the_anchors_of_two_pages_apart(site):
    """No anchor is there twice, and every link inside the book has its anchor."""
    soup = BeautifulSoup(one_page(site), "html.parser")
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    inside = {tag["href"][1:] for tag in soup.select('a[href^="#"]')}
    assert "chapters-notation--same" in inside
    assert inside <= set(ids)


def test_a_printed_explorer_names_no_cell_to_run(site):
    """Its picture and its text are there; there is no notebook."""
    text = one_page(site)
    assert "Where scripts run" in text
    assert "run this cell" not in text


def test_wide_code_is_printed_smaller(site):
    """A table of 108 characters keeps its columns; code of the usual width keeps its size."""
    sample_site.put(site, "chapters/notation", f"<h1>Notation</h1><pre>{'&lt;' * 108}</pre>")
    sizes = re.findall(r"<pre( style=[^>]*)?>(.{4})", one_page(site))
    assert [code for style, code in sizes if style] == ["&lt;"]
    assert len(sizes) > 1


def test_the_epub_has_what_its_reader_needs(epub):
    """Pages, contents, cover, title page, MathML, coloured code and the explorer's picture."""
    assert list(check_epub(epub, TITLES)) == []
    files = {name: text.decode(errors="ignore") for name, text in zips.read_zip(epub).items()}
    package, nav = files["EPUB/content.opf"], files["EPUB/nav.xhtml"]
    for each in (
        "<dc:language>en-GB<",
        "<dc:rights>Text and figures: CC BY 4.0",
        "urn:uuid:",
        'properties="cover-image"',
        "The authors of the LRN book<",
        "accessMode",
        "media/file0.png",
    ):
        assert each in package  # fmt: skip
    assert re.search(r"Build it</a><ol.*Read the formula</a><ol.*Even", nav, re.S)
    assert "https://github.com" in files["EPUB/text/title_page.xhtml"]
    (page,) = (text for text in files.values() if "<mtable" in text)
    for each in ('class="sourceCode python"', "<munder", 'id="term-same"', "a paper"):
        assert each in page.replace("chapters-formula--", "")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("</h2>", '</h2><img src="https://a.org/b.png" alt="A."/>', "b.png does not exist"),
        ("</h2>", '</h2><a href="other.xhtml">a</a>', "other.xhtml does not exist"),
        ("</h2>", '</h2><a href="#nowhere">a</a>', "#nowhere does not exist"),
        ('alt="A dot."', "", "no alt text"),
        ("Read the formula</h2>", "Read</h2>", "no page has the title '1. Read the formula'"),
    ],
)
def test_a_broken_page_of_the_epub_is_named(epub, before, after, problem):
    """A link that leads nowhere, a picture without alt text, a lost chapter."""
    before, after = before.encode(), after.encode()
    repack(epub, lambda files: {k: v.replace(before, after) for k, v in files.items()})
    assert any(problem in each for each in check_epub(epub, TITLES))


def test_the_pdf_has_its_outline_and_author(pdf):
    """Each page's title is in the outline, below its part; the contents have page numbers."""
    assert list(check_pdf(pdf, TITLES)) == []
    with pikepdf.open(pdf) as document:
        assert "/Author" in document.docinfo
        with document.open_outline() as outline:
            tree = {item.title: [child.title for child in item.children] for item in outline.root}
    assert tree["Build it"] == ["1. Read the formula"]
    assert tree["Reference"] == ["Notation"]


@pytest.mark.parametrize(
    ("write", "before", "after", "problem"),
    [
        (write_pdf, str(sample_site.N), r"\(n\)", "is not typeset"),
        (write_pdf, "<math", '<math style="display: none"', "is not typeset"),
        (write_pdf, "dot.png", "gone.png", "gone.png"),
        (write_epub, "dot.png", "gone.png", r"(?s)WARNING.*gone"),
        (write_epub, str(sample_site.ALIGNED), UNKNOWN, r"(?s)WARNING.*gone"),
    ],
)
def test_what_cannot_be_converted_is_an_error(site, write, before, after, problem):
    """A formula left as TeX, not shown or unknown to pandoc, and a picture that is not there."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises((RuntimeError, FileNotFoundError), match=problem):
        write_or_skip(write, site, site / "book")


def test_a_line_of_the_contents_without_its_page_is_an_error(site, monkeypatch):
    """An anchor that the draft does not lead to has no number."""
    numbers = pdf_module._page_numbers

    def but_one(draft):
        found = numbers(draft)
        del found["chapters-formula--same"]
        return found

    monkeypatch.setattr(pdf_module, "_page_numbers", but_one)
    with pytest.raises(RuntimeError, match="no page for chapters-formula--same"):
        write_or_skip(write_pdf, site, site / "book.pdf")


def test_a_broken_pdf_is_named(pdf):
    """A title that is missing, a link into nowhere, one to this machine, and no tags."""
    assert list(check_pdf(pdf, ["Another"])) == ["the outline lacks 'Another'"]
    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        links = [each for page in document.pages for each in page.get("/Annots", [])]
        inside = [each for each in links if "/Dest" in each]
        inside[0].Dest = pikepdf.Name("/nowhere")
        inside[1].Dest = pikepdf.String("file:///a.html")
        del document.Root.StructTreeRoot
        document.save(pdf)
    found = "\n".join(check_pdf(pdf, TITLES))
    assert "links to nowhere, which does not exist" in found
    assert "leads out of the book: file:///a.html" in found
    assert "no /StructTreeRoot" in found


def test_without_a_browser_only_the_pdf_is_left_out(site, monkeypatch, capsys):
    """The output and the page say so; if a browser is required it is an error."""

    def none(built, target):
        raise NoBrowser("no browser starts: not found")

    monkeypatch.setitem(build.DOWNLOADS, "lrn-book.pdf", (none, None))
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


def test_the_page_lists_every_download():
    """The real page; nothing on it is typed that is computed."""
    page = (ROOT / "chapters/downloads.md").read_text(encoding="utf-8")
    assert {found[1] for found in build.LINK.finditer(page)} == set(build.DOWNLOADS)
    assert {found[2] for found in build.SIZE.finditer(page)} == set(build.DOWNLOADS)
    assert not re.search(r"\d+(\.\d+)? ?[kM]B", page)


@pytest.mark.parametrize(
    ("write", "check"),
    [(zips.write_notebooks, check_notebooks), (zips.write_vectors, check_vectors)],
    ids=["notebooks", "vectors"],
)
def test_a_file_that_a_zip_lacks_is_named(tmp_path, write, check):
    """Nothing is wrong with the real one; each of its files is needed."""
    whole, path = tmp_path / "whole.zip", tmp_path / "a.zip"
    write(whole, whole)
    assert list(check(whole, [])) == []
    for lost in zips.read_zip(whole):
        shutil.copy(whole, path)
        repack(path, lambda files, lost=lost: {k: v for k, v in files.items() if k != lost})
        problem = f"{lost.partition('/')[2]} is missing or empty"
        assert list(check(path, [])) == [problem]


def test_a_manifest_without_vectors_is_found(tmp_path):
    """No file is missing then."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/LICENSE", "MIT")
        archive.writestr("a/manifest.json", '{"vectors": []}')
    assert list(check_vectors(tmp_path / "a.zip", [])) == ["it has no vector"]
