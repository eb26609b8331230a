"""check_html finds third-party requests, missing alt texts and missing Colab buttons."""

import re

import numpy as np
import pytest

from lrnlib.book import figures
from tools.repository import ROOT
from tools.site.check_html import missing_buttons, problems

GOOD = (
    '<link rel="stylesheet" href="_static/book.css"><link rel="canonical" href="https://a.org/">'
    '<script src="_static/mathjax/tex-chtml.js"></script><img src="_images/a.png" alt="Two bars.">'
    '<a href="https://doi.org/10.1038/nrn3136">a source</a>'
)


def test_a_good_page_has_no_problem(tmp_path):
    """Local files, a link to click and a canonical address are allowed."""
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    assert list(problems(tmp_path)) == []


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ('<script src="https://cdn.org/m.js"></script>', "requests"),
        ('<script src="//cdn.org/m.js"></script>', "requests"),
        ('<link rel="stylesheet" href="https://cdn.org/m.css">', "requests"),
        ('<iframe src="http://cdn.org"></iframe>', "requests"),
        ('<img src="https://cdn.org/a.png" alt="A plot.">', "requests"),
        ('<img srcset="a.png, https://cdn.org/a.png 2x" alt="A plot.">', "requests"),
        ('<img src=" HTTPS://cdn.org/a.png" alt="A plot.">', "requests"),
        ('<img src="htt\nps://cdn.org/a.png" alt="A plot.">', "requests"),
        ('<link rel="stylesheet next" href="https://cdn.org/m.css">', "requests"),
        ('<iframe srcdoc="&lt;img src=//cdn.org/a.png alt=A&gt;"></iframe>', "requests"),
        ('<base href="https://cdn.org/">', "requests"),
        ('<video poster="https://cdn.org/a.png"></video>', "requests"),
        ('<svg><image href="https://cdn.org/a.png"/></svg>', "requests"),
        ('<meta http-equiv="refresh" content="0; url=https://cdn.org">', "requests"),
        ('<p style="background: url(https://cdn.org/a.png)">', "requests"),
        ('<style>@import "https://cdn.org/m.css"</style>', "requests"),
        ('<script>import("https://cdn.org/m.js")</script>', "requests"),
        ('<script>import m from "https://cdn.org/m.js"</script>', "requests"),
        ('<script>fetch("//cdn.org/data")</script>', "requests"),
        ('<img src="_images/a.png">', "no alt text"),
        ('<img src="_images/a.png" alt="_images/a.png">', "no alt text"),
        ('<img src="_images/a.png" alt="' + "0f" * 32 + '">', "no alt text"),
    ],
)
def test_a_broken_page_is_named(tmp_path, tag, problem):
    """A request to a third party and an image without alt text are found in a page."""
    (tmp_path / "page.html").write_text(GOOD + tag, encoding="utf-8")
    (found,) = problems(tmp_path)
    assert re.match(rf"page\.html: .*{problem}", found)


def test_a_third_party_request_of_a_style_sheet_is_named(tmp_path):
    """Style sheets are checked as well as pages."""
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.css").write_text('@import url("https://cdn.org/m.css");', encoding="utf-8")
    assert list(problems(tmp_path)) == ["a.css: requests https://cdn.org/m.css"]


def test_a_folder_without_pages_is_a_problem(tmp_path):
    """An empty build is an error."""
    (found,) = problems(tmp_path)
    assert "it has no page" in found


def test_a_chapter_without_its_button_is_named(tmp_path):
    """A chapter's page must open that chapter's own notebook in Colab."""
    page = tmp_path / "chapters" / "formula.html"
    page.parent.mkdir()
    repository = "ada/book"
    page.write_text(f"/github/{repository}/blob/main/chapters/other.ipynb", encoding="utf-8")
    (found,) = missing_buttons(tmp_path, ["formula"], repository)
    assert found.startswith("chapters/formula.html: no button opens")
    page.write_text(found.rpartition(" ")[2], encoding="utf-8")
    assert list(missing_buttons(tmp_path, ["formula"], repository)) == []


def test_the_first_figure_is_what_the_code_draws(tmp_path):
    """`make figure` would write the file that is committed, to a thousandth of a point."""
    figures.draw(str(tmp_path / "lrn.svg"))
    drawn, committed = (
        re.split(r"(-?\d+\.\d+)", path.read_text(encoding="utf-8"))
        for path in (tmp_path / "lrn.svg", ROOT / "images/lrn.svg")
    )
    assert drawn[::2] == committed[::2]
    np.testing.assert_allclose(
        np.array(drawn[1::2], float), np.array(committed[1::2], float), atol=1e-3
    )
