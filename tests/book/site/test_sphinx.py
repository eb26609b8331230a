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
