"""The Sphinx extension: the explorer's directive, the index, the site's address."""

import io

import pytest
from sphinx.application import Sphinx

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

    def built(index, page=PAGE):
        (tmp_path / "chapters").mkdir()
        (tmp_path / "chapters" / "index.yml").write_text(index, encoding="utf-8")
        (tmp_path / "index.md").write_text(page, encoding="utf-8")
        out, warnings = tmp_path / "out", io.StringIO()
        settings = {
            "extensions": ["myst_parser", "tools.sphinx_ext.directives"],
            "html_baseurl": SITE,
            "numfig": True,
        }
        app = Sphinx(
            str(tmp_path), None, str(out), str(tmp_path / "trees"), "html",
            confoverrides=settings, status=None, warning=warnings,
        )  # fmt: skip
        app.build()
        pages = [
            (out / name).read_text(encoding="utf-8") for name in ("index.html", "genindex.html")
        ]
        return *pages, warnings.getvalue(), app.config

    return built


def test_entries_of_the_index_lead_to_their_sections(build):
    """The index links to the section, without a warning."""
    _, index, warnings, _ = build("index:\n  running-sums: [prefix sum, sum; running]\n")
    assert index.count('href="index.html#running-sums"') == 2
    assert not warnings


def test_an_entry_without_its_section_is_named(build):
    """The heading may have been renamed; with -W the build fails."""
    assert "no section has the id 'running-sum'" in build("index:\n  running-sum: [a]\n")[2]


def test_an_entry_without_its_page_is_named(build):
    """A renamed chapter would lose all its entries."""
    assert "there is no page 'chapters/old'" in build("chapters/old:\n  running-sums: [a]\n")[2]


def test_an_explorer_without_its_caption_is_named(build):
    """As a warning with the place, not as an exception."""
    page, _, warnings, _ = build("{}\n", PAGE.replace("What *it* is.\n", ""))
    assert "index.md:7: " in warnings
    assert 'Content block expected for the "lrn-explorer" directive' in warnings
    assert "Running sums" in page


def test_the_explorer_is_a_numbered_figure(build):
    """With its name as anchor, its caption parsed, and its script unchanged."""
    page = build("{}\n")[0]
    figure = page[page.index("<figure") : page.index("</figure>")]
    assert 'id="fig-a"' in figure
    assert "Fig. 1" in figure
    assert "What <em>it</em> is." in figure
    assert lrnlib.explorer()._repr_html_() in figure


def test_the_address_of_the_site_is_set_once(build):
    """The 404 page is served at any depth, so it needs the absolute path."""
    config = build("{}\n")[3]
    assert config.ogp_site_url == SITE
    assert config.notfound_urls_prefix == "/a-book/"
