"""Lighthouse on the first page and the longest chapter, as on a phone; `make site` runs it."""

import json
import os
import shutil
import statistics
import subprocess

import pytest
from browser import executable
from bs4 import BeautifulSoup
from site_pages import BUILT, REQUIRED, TOOLS, need, pages, served

pytestmark = pytest.mark.skipif(
    not os.environ.get(REQUIRED), reason="`make site` checks the built book"
)
FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking --disable-gpu"
FULL = ("accessibility", "best-practices", "seo")
FAST = 95


def words(path):
    """How much text a page of the book has."""
    page = BeautifulSoup((BUILT / path).read_text(encoding="utf-8"), "html.parser")
    return len(page.select_one(".bd-article").get_text().split())


def longest():
    """The chapter with the most words."""
    return max((p for p in pages() if p.startswith("chapters/")), key=words)


def scores(url):
    """The four scores from 0 to 100, and how fast Lighthouse finds this machine."""
    found = subprocess.run(
        ["node", need(TOOLS / "lighthouse" / "cli" / "index.js", "npm ci --prefix tools/web"),
         url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}", "--no-enable-error-reporting"],
        env={**os.environ, "CHROME_PATH": executable() or ""},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    report = json.loads(found.stdout)
    lost = {ref["id"] for name in FULL for ref in report["categories"][name]["auditRefs"]
            if ref["weight"] and report["audits"][ref["id"]]["score"] == 0}  # fmt: skip
    got = {name: round(100 * each["score"]) for name, each in report["categories"].items()}
    return got, sorted(lost), round(report["environment"]["benchmarkIndex"])


@pytest.mark.parametrize("which", ["intro.html", "the longest chapter"])
def test_lighthouse(which):
    """Full marks but for speed, of which one run in three may be disturbed: the median counts."""
    if shutil.which("node") is None:
        pytest.fail("there is no Node: apt install nodejs")
    need(BUILT / "intro.html", "make book")
    path = longest() if which.startswith("the") else which
    with served(BUILT) as address:
        runs = [scores(address + path) for _ in range(3)]
    speeds = [got["performance"] for got, _, _ in runs]
    print(f"\n{path}: performance {speeds}, on a machine of {[index for *_, index in runs]}")
    for got, lost, _ in runs[:1]:
        assert {name: got[name] for name in FULL} == dict.fromkeys(FULL, 100), lost
    assert statistics.median(speeds) >= FAST
