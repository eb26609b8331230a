"""Lighthouse on the first page and the longest chapter, as on a phone; `make site` runs it."""

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
    """How much text a page of the book has."""
    page = BeautifulSoup((BUILT / path).read_text(encoding="utf-8"), "html.parser")
    return len(page.select_one(".bd-article").get_text().split())


def longest():
    """The chapter with the most words."""
    return max((p for p in pages() if p.startswith("chapters/")), key=words)


def lighthouse(url, *options):
    """One report, of a phone and a slow network as Lighthouse has them by default."""
    script = need(TOOLS / "lighthouse" / "cli" / "index.js", "npm ci --prefix tools/site/web")
    found = subprocess.run(
        ["node", script, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}",
         "--no-enable-error-reporting", *options],
        env={**os.environ, "CHROME_PATH": executable() or ""},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return measured(json.loads(found.stdout))


def measured(report):
    """A report of a page that was measured; the reason where it could not be."""
    error = report.get("runtimeError", {"message": None})["message"]
    assert error is None, error
    return report


def score(report, category):
    """From 0 to 100."""
    return round(100 * report["categories"][category]["score"])


def lost(report):
    """The audits that cost a category its full marks."""
    return [
        f"{category}: {ref['id']}"
        for category in FULL
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"] and report["audits"][ref["id"]]["score"] == 0
    ]


def slowdown(index):
    """How many times slower than this machine a mid-tier phone is: Lighthouse's own table.

    docs/throttling.md of Lighthouse, "Calibrating the CPU slowdown"; its default of 4 is for a
    fast desktop, and it warns that a slower machine must be calibrated.
    """
    return 4 if index >= 1500 else 2 if index >= 800 else 1


def report_of(**scores):
    """One in which each of the categories has one audit."""
    return {
        "categories": {
            name: {"score": score, "auditRefs": [{"id": f"one-of-{name}", "weight": 1}]}
            for name, score in scores.items()
        },
        "audits": {f"one-of-{name}": {"score": score} for name, score in scores.items()},
    }


def test_what_costs_a_mark_is_named():
    """By category and audit; nothing where all have full marks."""
    scores = dict.fromkeys(("accessibility", "best-practices", "seo"), 1)
    assert lost(report_of(**scores)) == []
    assert lost(report_of(**scores | {"seo": 0})) == ["seo: one-of-seo"]
    assert score(report_of(seo=0.92), "seo") == 92


def test_a_page_that_was_not_measured_says_why():
    """Lighthouse ends well and has no scores."""
    with pytest.raises(AssertionError, match="painted nothing"):
        measured({"runtimeError": {"code": "NO_FCP", "message": "The page painted nothing."}})


@pytest.mark.skipif(not os.environ.get(REQUIRED), reason="`make site` checks the built book")
@pytest.mark.parametrize("which", ["intro.html", "the longest chapter"])
def test_lighthouse(which):
    """Full marks; the speed is printed and not asserted, for the machine and its load decide it."""
    if shutil.which("node") is None:
        pytest.fail("there is no Node: apt install nodejs")
    need(BUILT / "intro.html", "make book")
    path = longest() if which.startswith("the") else which
    with served(BUILT) as address:
        full = lighthouse(address + path)
        index = full["environment"]["benchmarkIndex"]
        phone = f"--throttling.cpuSlowdownMultiplier={slowdown(index)}"
        timed = [lighthouse(address + path, phone, "--only-categories=performance")
                 for _ in range(3)]  # fmt: skip
    speeds = [score(report, "performance") for report in timed]
    print(f"\n{path}: performance {speeds} on a phone {slowdown(index)} times slower than this "
          f"machine of benchmark index {index:.0f}, {score(full, 'performance')} on one 4 times "
          f"slower")  # fmt: skip
    assert not lost(full)
    assert [score(full, category) for category in FULL] == [100] * len(FULL)
