"""The published pages: what is looked for in them is found."""

import re
from pathlib import Path

import pytest

from lrnlib import figures
from pages import problems

ROOT = Path(__file__).parent.parent
GOOD = (
    '<link rel="stylesheet" href="_static/book.css"><link rel="canonical" href="https://a.org/">'
    '<script src="_static/mathjax/tex-chtml.js"></script><img src="_images/a.png" alt="Two bars.">'
    '<a href="https://doi.org/10.1038/nrn3136">a source</a>'
)


def test_a_whole_page_has_no_problem(tmp_path):
    """Local files, a link to click and a canonical address are allowed."""
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    assert list(problems(tmp_path)) == []


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ('<script src="https://cdn.org/m.js"></script>', "third party"),
        ('<script src="//cdn.org/m.js"></script>', "third party"),
        ('<link rel="stylesheet" href="https://cdn.org/m.css">', "third party"),
        ('<iframe src="http://cdn.org"></iframe>', "third party"),
        ('<img src="https://cdn.org/a.png" alt="A plot.">', "third party"),
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


def test_the_first_figure_is_what_the_code_draws(tmp_path):
    """`make figure` would write the file that is committed, byte for byte."""
    figures.draw(str(tmp_path / "lrn.svg"))
    assert (tmp_path / "lrn.svg").read_text() == (ROOT / "images/lrn.svg").read_text()
