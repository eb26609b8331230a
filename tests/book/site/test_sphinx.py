"""The Sphinx extensions: the explorer's directive, the index, addresses, links and captions."""

import io
import re

import nbformat
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

import lrnlib

SITE = "https://ada." + "github.io/a-book/"  # split, since it is not the project's address
PAGE = """\
# A page

## Running sums

Text.

```{lrn-explorer}
:name: fig-a
What *it* is.
```
"""


@pytest.fixture
def build(tmp_path):
    """Builds one page with an index.yml, and returns its HTML, the index's, and the warnings."""

    def built(index, page=PAGE, files=None):
        files = {"chapters/index.yml": index, "index.md": page, "a.bib": " "} | (files or {})
        (tmp_path / "chapters").mkdir()
        for name, text in files.items():
            if text:
                (tmp_path / name).write_text(text, encoding="utf-8")
        out, warnings = tmp_path / "out", io.StringIO()
        ours = [f"tools.sphinx_ext.{name}" for name in ("directives", "captions", "links")]
        settings = {
            "extensions": ["myst_nb", "sphinxcontrib.bibtex", *ours],
            "html_baseurl": SITE,
            "numfig": True,
            "nb_execution_mode": "off",
            "bibtex_bibfiles": ["a.bib"],
        }
        with docutils_namespace():
            app = Sphinx(
                str(tmp_path), None, str(out), str(tmp_path / "trees"), "html",
                confoverrides=settings, status=None, warning=warnings,
            )  # fmt: skip
            app.build()
        pages = [
            (out / name).read_text(encoding="utf-8") for name in ("index.html", "genindex.html")
        ]
        return *pages, re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue()), app.config

    return built


@pytest.mark.parametrize(
    ("entries", "links", "warning"),
    [
        ("index:\n  running-sums: [prefix sum, sum; running]\n", 2, ""),
        ("index:\n  running-sum: [a]\n", 0, "no section has the id 'running-sum'"),
        ("chapters/old:\n  running-sums: [a]\n", 0, "there is no page 'chapters/old'"),
    ],
)
def test_entries_of_the_index_lead_to_their_sections(build, entries, links, warning):
    """A renamed heading or chapter would lose its entries; with -W the build fails."""
    _, index, warnings, _ = build(entries)
    assert index.count('href="index.html#running-sums"') == links
    assert warning in warnings
    assert bool(warning) == bool(warnings)


def test_an_explorer_without_its_caption_is_named(build):
    """As a warning with the place, not as an exception."""
    page, _, warnings, _ = build("{}\n", PAGE.replace("What *it* is.\n", ""))
    assert "index.md:7: " in warnings
    assert 'Content block expected for the "lrn-explorer" directive' in warnings
    assert "Running sums" in page


def test_the_explorer_is_a_numbered_figure(build):
    """With its name as anchor, its caption parsed, and its script; and the site has its address."""
    page, *_, config = build("{}\n")
    figure = page[page.index("<figure") : page.index("</figure>")]
    for part in ('id="fig-a"', "Fig. 1", "What <em>it</em> is.", lrnlib.explorer()._repr_html_()):
        assert part in figure
    assert config.ogp_site_url == SITE
    assert config.notfound_urls_prefix == "/a-book/"  # the 404 page is served at any depth


BIB = """\
@misc{higham, author = {Higham, N. J.}, title = {A}, year = {1993}, doi = {10.1/a}}
@misc{three, author = {de Jong, A and B, C and D, E}, title = {T}, year = {2001}, eprint = {1502.1}}
@book{knuth, author = {{Knu\\_th}}, title = {B}, publisher = {P}, year = {1997}}
"""
MORE = {
    "a.bib": BIB,
    "chapters/bibliography.md": "---\norphan:\n---\n# B\n```{bibliography}\n:all:\n```\n",
    "chapters/glossary.md": "---\norphan:\n---\n# G\n```{glossary}\nrunning sum\n  A sum.\n```\n",
}
GLOSSARY = f"{SITE}chapters/glossary.html"
ENTRIES = f"{SITE}chapters/bibliography.html"


@pytest.mark.parametrize(
    ("text", "address", "leads_to"),
    [
        ("Higham (1993)", "https://doi.org/10.1/a", "chapters/bibliography.html#id1"),
        ("de Jong et al. (2001)", "https://arxiv.org/abs/1502.1", "chapters/bibliography.html#id2"),
        ("Knu_th (1997)", ENTRIES, "chapters/bibliography.html#id3"),
        ("the paper", "https://doi.org/10.1/a", "https://doi.org/10.1/a"),
        ("sum", f"{GLOSSARY}#term-running-sum", "chapters/glossary.html#term-running-sum"),
        ("words", GLOSSARY, "chapters/glossary.html"),
        ("above", f"{SITE}index.html#running-sums", "#running-sums"),
        ("home", SITE, "#"),
    ],
)
def test_links_that_work_everywhere_lead_into_the_book(build, text, address, leads_to):
    page, _, warnings, _ = build("{}\n", f"{PAGE}\n[{text}](<{address}>)\n", MORE)
    (href,) = re.findall(rf'href="([^"]*)">{re.escape(text)}<', page)
    assert re.sub(r"#id\d", "#id", href) == re.sub(r"#id\d", "#id", leads_to)
    assert warnings == ""


@pytest.mark.parametrize(
    ("link", "warning"),
    [
        (
            "[Higham (1992)](https://doi.org/10.1/a)",
            "cite https://doi.org/10.1/a as 'Higham (1993)'",
        ),
        (
            "[Higham (1993)](https://doi.org/10.1/b)",
            "the bibliography lacks 'Higham (1993)', https",
        ),
        (f"[Knuth (1997)]({ENTRIES})", "the bibliography lacks 'Knuth (1997)'"),
        (f"[sum]({GLOSSARY}#term-sum)", "the page chapters/glossary has no anchor 'term-sum'"),
        (f"[page]({SITE}chapters/old.html)", "the book has no page 'chapters/old.html'"),
    ],
)
def test_a_link_into_the_book_that_leads_nowhere_is_a_warning(build, link, warning):
    """With its line; with -W the build fails."""
    *_, warnings, _ = build("{}\n", f"{PAGE}\n{link}\n", MORE)
    assert re.search(rf"index\.md:12: WARNING: {re.escape(warning)}", warnings)
    assert len(warnings.strip().splitlines()) == 1


def notebook(*cells):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A page"), *cells])
    made.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    return {"index.ipynb": nbformat.writes(made)}


def shown(**data):
    """A code cell with one output, in formats whose `/` is written `_`."""
    formats = {kind.replace("_", "/"): text for kind, text in data.items()}
    output = nbformat.v4.new_output("display_data", formats)
    return nbformat.v4.new_code_cell("f()", outputs=[output], execution_count=1)


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
CAPTION = nbformat.v4.new_markdown_cell("**Figure.** What *it* is.\n\nMore.")


@pytest.mark.parametrize(
    "cell",
    [
        shown(image_png=PIXEL, text_plain="<Figure>"),
        shown(text_html='<div class="lrn-explorer">E</div>', text_plain="Explorer"),
    ],
    ids=["picture", "explorer"],
)
def test_the_text_after_a_picture_is_its_caption(build, tmp_path, cell):
    """Numbered, with its markup, and no longer in the text."""
    page, _, warnings, _ = build("{}\n", "", notebook(cell, CAPTION))
    assert re.search(r'<figure[^>]*id="figure-1">.*?(<img|"lrn-explorer").*?</figure>', page, re.S)
    assert re.search(r'Fig. 1 ?</span><span class="caption-text">What <em>it</em> is', page)
    assert "Figure." not in page
    assert "<p>More.</p>" in page
    assert warnings == ""


def test_a_caption_without_a_picture_is_a_warning(build):
    cell = shown(text_plain="1")
    page, _, warnings, _ = build("{}\n", "", notebook(cell, CAPTION))
    assert "there is no figure before this caption" in warnings
    assert "What <em>it</em> is" in page
