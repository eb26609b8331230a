"""Every page of the built book in a browser: whole without the network, and open to all.

`make site` runs this over `_build/html`.
"""

import os

import pytest

from tests.book.site import site_checks
from tests.book.site.site_pages import BUILT, REQUIRED, Visit, need, pages, served
from tools.downloads.pages import OF_THE_SITE
from tools.downloads.pages import pages as articles

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
    """One profile for all pages, so that what they share is loaded once."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_no_page_is_missing():
    """Every page of the contents is there, and those that Sphinx adds."""
    wanted = {*articles(), *OF_THE_SITE, "404"}
    assert {f"{name}.html" for name in wanted} <= set(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_accessible(address, context, path):
    """One visit; all that is wrong with the page is listed."""
    visit = Visit(context, address, address + path)
    page, wrong = visit.page, visit.wrong
    for check in (site_checks.formulas, site_checks.pictures, site_checks.figures,
                  site_checks.axe, site_checks.keyboard):  # fmt: skip
        wrong += check(page)
    for pixels in (360, 320):
        wrong += site_checks.width(page, pixels)
    wrong += site_checks.axe(page)
    page.close()
    assert not wrong, "\n" + "\n".join(wrong)


def found(page, term):
    """Addresses that the search finds, best first."""
    page.fill("main input[type=search]", term)
    page.press("main input[type=search]", "Enter")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function(
        "() => /found|matching/.test(document.querySelector('#search-results').innerText)"
    )
    return [a.get_attribute("href") for a in page.query_selector_all("#search-results li a")]


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_a_parameter(address, context, scheme):
    """From the server, and from a folder on disk as well."""
    base = address if scheme == "http" else BUILT.as_uri() + "/"
    visit = Visit(context, base, base + "search.html")
    hits = " ".join(found(visit.page, "depth_radius"))
    visit.page.close()
    assert "tensorflow_api.html" in hits
    assert "api.html" in hits.replace("tensorflow_api.html", "")
    asked = [each for each in visit.wrong if each.startswith("asked for")]
    assert (asked if scheme == "file" else visit.wrong) == []


@pytest.mark.parametrize("place", ["fig-explorer-formula", "summary"])
def test_a_link_into_a_page_lands_there(address, context, place):
    """Below the header, although the sections before it are not laid out yet."""
    page = Visit(context, address, f"{address}chapters/formula.html#{place}").page
    page.wait_for_timeout(site_checks.SETTLED)
    top = page.evaluate("(id) => document.getElementById(id).getBoundingClientRect().top", place)
    page.close()
    assert 0 <= top < 150
