"""Lighthouse on the first page and the longest chapter, as on a phone; `make site` runs it."""

import json
import os
import shutil
import subprocess

import pytest
from bs4 import BeautifulSoup
from site_pages import BUILT, REQUIRED, TOOLS, need, pages, served

from chromium import executable

pytestmark = pytest.mark.skipif(
    not os.environ.get(REQUIRED), reason="`make site` checks the built book"
)
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
    script = need(TOOLS / "lighthouse" / "cli" / "index.js", "npm ci --prefix tools/web")
    found = subprocess.run(
        ["node", script, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}",
         "--no-enable-error-reporting", *options],
        env={**os.environ, "CHROME_PATH": executable() or ""},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


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
