"""Lighthouse's scores of the first page and of the longest chapter; `make site` runs it."""

import json
import os
import shutil
import subprocess

import pytest
from bs4 import BeautifulSoup

from tests.book.site.site_pages import BUILT, REQUIRED, TOOLS, need, pages, served
from tools.site.chromium import executable

FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking --disable-gpu"
FULL = ("accessibility", "best-practices", "seo")


def words(path):
    """The number of words of a page."""
    page = BeautifulSoup((BUILT / path).read_text(encoding="utf-8"), "html.parser")
    return len(page.select_one(".bd-article").get_text().split())


def longest():
    """The chapter with the most words."""
    return max((p for p in pages() if p.startswith("chapters/")), key=words)


def lighthouse(url):
    """The report of one run, with Lighthouse's default phone and slow network."""
    script = need(TOOLS / "lighthouse" / "cli" / "index.js", "npm ci --prefix tools/site/web")
    found = subprocess.run(
        ["node", script, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}",
         "--no-enable-error-reporting"],
        env={**os.environ, "CHROME_PATH": executable() or ""},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return checked(json.loads(found.stdout))


def checked(report):
    """The report; an error if the page could not be measured."""
    error = report.get("runtimeError", {"message": None})["message"]
    assert error is None, error
    return report


def score(report, category):
    """From 0 to 100."""
    return round(100 * report["categories"][category]["score"])


def lost(report):
    """The failed audits, which explain a score below 100."""
    return [
        f"{category}: {ref['id']}"
        for category in FULL
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"] and report["audits"][ref["id"]]["score"] == 0
    ]


def report_of(**scores):
    """A report with one audit for each category."""
    return {
        "categories": {
            name: {"score": score, "auditRefs": [{"id": f"one-of-{name}", "weight": 1}]}
            for name, score in scores.items()
        },
        "audits": {f"one-of-{name}": {"score": score} for name, score in scores.items()},
    }


def test_what_costs_a_mark_is_named():
    """By category and audit."""
    scores = dict.fromkeys(("accessibility", "best-practices", "seo"), 1)
    assert lost(report_of(**scores)) == []
    assert lost(report_of(**scores | {"seo": 0})) == ["seo: one-of-seo"]
    assert score(report_of(seo=0.92), "seo") == 92


def test_a_page_that_was_not_measured_says_why():
    """Lighthouse exits with 0 and without scores."""
    with pytest.raises(AssertionError, match="painted nothing"):
        checked({"runtimeError": {"code": "NO_FCP", "message": "The page painted nothing."}})


@pytest.mark.skipif(not os.environ.get(REQUIRED), reason="`make site` checks the built book")
@pytest.mark.parametrize("which", ["intro.html", "the longest chapter"])
def test_lighthouse(which):
    """Full marks; the performance is only printed, since it depends on the machine's load."""
    if shutil.which("node") is None:
        pytest.fail("there is no Node: apt install nodejs")
    need(BUILT / "intro.html", "make book")
    path = longest() if which.startswith("the") else which
    with served(BUILT) as address:
        report = lighthouse(address + path)
    print(f"\n{path}: performance {score(report, 'performance')}")
    assert not lost(report)
    assert [score(report, category) for category in FULL] == [100] * len(FULL)
