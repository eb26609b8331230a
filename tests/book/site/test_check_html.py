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
REQUESTS = [
    '<script src="https://cdn.org/m.js"></script>',
    '<script src="//cdn.org/m.js"></script>',
    '<link rel="stylesheet" href="https://cdn.org/m.css">',
    '<iframe src="http://cdn.org"></iframe>',
    '<img src="https://cdn.org/a.png" alt="A plot.">',
    '<img srcset="a.png, https://cdn.org/a.png 2x" alt="A plot.">',
    '<img src=" HTTPS://cdn.org/a.png" alt="A plot.">',
    '<img src="htt\nps://cdn.org/a.png" alt="A plot.">',
    '<link rel="stylesheet next" href="https://cdn.org/m.css">',
    '<iframe srcdoc="&lt;img src=//cdn.org/a.png alt=A&gt;"></iframe>',
    '<base href="https://cdn.org/">',
    '<video poster="https://cdn.org/a.png"></video>',
    '<svg><image href="https://cdn.org/a.png"/></svg>',
    '<meta http-equiv="refresh" content="0; url=https://cdn.org">',
    '<p style="background: url(https://cdn.org/a.png)">',
    '<style>@import "https://cdn.org/m.css"</style>',
    '<script>import("https://cdn.org/m.js")</script>',
    '<script>import m from "https://cdn.org/m.js"</script>',
    '<script>fetch("//cdn.org/data")</script>',
]
ALTS = ["", ' alt="_images/a.png"', f' alt="{"0f" * 32}"']


def test_a_good_page_has_no_problem(tmp_path):
    """Local files, a link to click and a canonical address are allowed; no page at all is not."""
    (found,) = problems(tmp_path)
    assert "it has no page" in found
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    assert list(problems(tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.css", '@import url("https://cdn.org/m.css");', "requests https://cdn.org/m.css"),
        *(("page.html", GOOD + tag, "requests") for tag in REQUESTS),
        *(("page.html", f'{GOOD}<img src="_images/a.png"{alt}>', "no alt text") for alt in ALTS),
    ],
)
def test_a_problem_is_named(tmp_path, name, text, problem):
    """A request to a third party, in a page or a style sheet, and an image without alt text."""
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = problems(tmp_path)
    assert re.match(rf"{name}: .*{problem}", found)


def test_a_chapter_without_its_button_is_named(tmp_path):
    """A chapter's page must open that chapter's own notebook in Colab."""
    page = tmp_path / "chapters" / "formula.html"
    page.parent.mkdir()
    repository = "ada/book"
    page.write_text(f"/github/{repository}/blob/main/chapters/other.ipynb", encoding="utf-8")
    (found,) = missing_buttons(tmp_path, ["chapters/formula"], repository)
    assert found.startswith("chapters/formula.html: no button opens")
    page.write_text(found.rpartition(" ")[2], encoding="utf-8")
    assert list(missing_buttons(tmp_path, ["chapters/formula"], repository)) == []


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
