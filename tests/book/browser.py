"""A real browser for the tests of what runs in one."""

import contextlib
import json
import os
from collections.abc import Iterator

import numpy as np
import pytest

import lrnlib
from tools.site.chromium import NoBrowser
from tools.site.chromium import launched as started


@contextlib.contextmanager
def launched() -> Iterator:
    """A headless browser; skips the test if none starts."""
    with contextlib.ExitStack() as stack:
        try:
            browser, _ = stack.enter_context(started())
        except NoBrowser as error:
            leave_out(str(error))
        yield browser


def leave_out(reason):
    """Skip the test, or fail it where the environment asks for a browser."""
    (pytest.fail if os.environ.get("LRNLIB_REQUIRE_BROWSER") else pytest.skip)(reason)


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests of a file."""
    with launched() as started:
        yield started


@pytest.fixture
def show(chromium):
    """Open a page with the HTML of explorers; whatever goes wrong in it fails the test."""
    contexts, wrong = [], []

    def open_page(*explorers, html="{}", width=800, wait=True, **options):
        context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(f"asked for {request.url}"))
        body = "\n".join(e._repr_html_() for e in explorers or [lrnlib.explorer()])
        page.set_content(f"<!DOCTYPE html>{html.format(body)}")
        if wait:
            page.wait_for_selector(".lrn-bars")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [each for each in wrong if not each.startswith("asked for data:")] == []


COLUMNS = """(root) => JSON.stringify(
  [...document.querySelectorAll(root + " .lrn-column")]
    .sort((a, b) => a.dataset.channel - b.dataset.channel)
    .map((column) => [column.dataset.x, column.dataset.y]))"""


def numbers(page, root=".lrn-explorer"):
    """x and y as the bars have them."""
    return np.array(json.loads(page.evaluate(COLUMNS, root)), dtype=float).T


def put(page, x=None, **parameters):
    """Type numbers and parameters into the fields."""
    if x is not None:
        page.select_option("select", "own")
        page.fill(".lrn-typed", " ".join(map(repr, map(float, x))))
    for name, value in parameters.items():
        page.fill(f".lrn-{name}", repr(value))


def full(page):
    """The arithmetic that is shown, in one line."""
    return page.inner_text(".lrn-full").strip()
