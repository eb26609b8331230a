"""Every page of the built book works in a browser without the network, and is accessible.

`make site` runs this over `_build/html`.
"""

import os

import pytest

from tests.book.site import site_checks
from tests.book.site.site_pages import BUILT, REQUIRED, Visit, need, pages, served
from tools.downloads.pages import SITE_ONLY
from tools.downloads.pages import pages as chapters

pytestmark = pytest.mark.skipif(
    not os.environ.get(REQUIRED), reason="`make site` checks the built book"
)
PAGES = pages() or ["intro.html"]


@pytest.fixture(scope="module")
def address():
    """The built book, served."""
    need(BUILT / "intro.html", "make book")
    with served(BUILT) as found:
        yield found


@pytest.fixture(scope="module")
def context(chromium):
    """One profile, and so one cache, for all pages."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_no_page_is_missing():
    """Every page of the table of contents exists, and those that Sphinx adds."""
    wanted = {*chapters(), *SITE_ONLY, "404"}
    assert {f"{name}.html" for name in wanted} <= set(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_complete_and_accessible(address, context, path):
    """All checks, in one visit."""
    visit = Visit(context, address, address + path)
    page, wrong = visit.page, visit.wrong
    for check in (site_checks.content, site_checks.axe, site_checks.keyboard):
        wrong += check(page)
    for pixels in (360, 320):
        wrong += site_checks.width(page, pixels)
    wrong += site_checks.axe(page)
    page.close()
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("place", ["figure-1", "remember"])
def test_a_link_into_a_page_lands_below_the_header(address, context, place):
    """The header covers the top of the page."""
    page = Visit(context, address, f"{address}chapters/formula.html#{place}").page
    page.wait_for_timeout(site_checks.SETTLED)
    edges = """(id) => [document.querySelector(".bd-header-article").getBoundingClientRect().bottom,
      document.getElementById(id).getBoundingClientRect().top, innerHeight / 4]"""
    header, top, quarter = page.evaluate(edges, place)
    page.close()
    assert 0 < header <= top < quarter


def found(page, term):
    """Links to the search results, best first."""
    page.fill("main input[type=search]", term)
    page.press("main input[type=search]", "Enter")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function(
        "() => /found|matching/.test(document.querySelector('#search-results').innerText)"
    )
    return [a.get_attribute("href") for a in page.query_selector_all("#search-results li a")]


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_a_parameter(address, context, scheme):
    """On a server, and in a folder on disk."""
    base = address if scheme == "http" else BUILT.as_uri() + "/"
    visit = Visit(context, base, base + "search.html")
    hits = " ".join(found(visit.page, "depth_radius"))
    visit.page.close()
    assert "tensorflow_api.html" in hits
    assert "api.html" in hits.replace("tensorflow_api.html", "")
    requests = [each for each in visit.wrong if each.startswith("requested")]
    assert (requests if scheme == "file" else visit.wrong) == []
