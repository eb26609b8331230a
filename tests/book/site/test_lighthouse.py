"""Lighthouse's scores of the first page and of the longest chapter; `make site` runs it."""

import json
import os
import subprocess

import pytest

from tests.book.site.site_pages import BUILT, REQUIRED, TOOLS, need, pages, served
from tools.site.chromium import executable

FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking --disable-gpu"
FULL = ("accessibility", "best-practices", "seo")


@pytest.mark.skipif(not os.environ.get(REQUIRED), reason="`make site` checks the built book")
@pytest.mark.parametrize("which", ["the first page", "the longest chapter"])
def test_lighthouse(which):
    """Full marks; the performance is only printed, since it depends on the machine's load."""
    script = need(TOOLS / "lighthouse" / "cli" / "index.js", "npm ci --prefix tools/site/web")
    path = need(BUILT / "intro.html", "make book").name
    if which == "the longest chapter":
        chapters = [page for page in pages() if page.startswith("chapters/")]
        path = max(chapters, key=lambda page: (BUILT / page).stat().st_size)
    with served(BUILT) as address:
        found = subprocess.run(
            ["node", script, address + path, "--quiet", "--output=json", f"--chrome-flags={FLAGS}",
             "--no-enable-error-reporting"],
            env={**os.environ, "CHROME_PATH": executable() or ""},
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert found.returncode == 0, found.stderr
    report = json.loads(found.stdout)
    scores = {name: category["score"] for name, category in report["categories"].items()}
    print(f"\n{path}: {scores}")
    failed = [name for name, audit in report["audits"].items() if audit["score"] == 0]
    assert [scores[name] for name in FULL] == [1, 1, 1], report.get("runtimeError", failed)
