"""A real browser for the tests of what runs in one."""

import contextlib
import functools
import json
import os
from collections.abc import Iterator

import numpy as np
import pytest

import lrnlib
from tools.site.chromium import NoBrowser
from tools.site.chromium import launched as started

MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference"}


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


@pytest.fixture(scope="module")
def shared_page(chromium):
    """One page for the tests of a file: to make one costs more than most tests do."""
    return chromium.new_page()


@pytest.fixture
def show(chromium, shared_page):
    """Open a page with the HTML of explorers; whatever goes wrong in it fails the test.

    Options of a browser's context give a page of its own.
    """
    with contextlib.ExitStack() as opened:

        def open_page(*explorers, html="{}", width=800, wait=True, media=None, **options):
            page = opened.enter_context(_fresh(chromium, shared_page, options))
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(**MEDIA | (media or {}))
            page.mouse.move(0, 0)  # nothing is hovered over
            body = "\n".join(map(_html, explorers or [None]))
            page.set_content(f"<!DOCTYPE html>{html.format(body)}")
            if wait:
                page.wait_for_selector(".lrn-bars")
            return page

        yield open_page


@contextlib.contextmanager
def _fresh(chromium, shared_page, options):
    """An empty page; errors and requests in it until it is closed are a failure."""
    wrong = []
    listeners = {
        "pageerror": lambda error: wrong.append(str(error)),
        "request": lambda request: wrong.append(f"asked for {request.url}"),
    }
    page = chromium.new_page(**options) if options else shared_page
    for event, listener in listeners.items():
        page.on(event, listener)
    yield page
    if options:
        page.close()
    else:
        page.goto("about:blank")  # ends its scripts, whose last errors count
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
    assert [each for each in wrong if not each.startswith("asked for data:")] == []


@functools.cache  # its picture takes longer than most tests
def _html(explorer):
    return (explorer or lrnlib.explorer())._repr_html_()


COLUMNS = """(root) => JSON.stringify(
  [...document.querySelectorAll(root + " .lrn-column")]
    .sort((a, b) => a.dataset.channel - b.dataset.channel)
    .map((column) => [column.dataset.x, column.dataset.y]))"""


def numbers(page, root=".lrn-explorer"):
    """x and y as the bars have them."""
    return np.array(json.loads(page.evaluate(COLUMNS, root)), dtype=float).T


PUT = """([typed, parameters]) => {
  const put = (selector, value, kind) => {
    const field = document.querySelector(selector);
    field.value = value;
    field.dispatchEvent(new Event(kind));
  };
  if (typed !== null) {
    put("select", "own", "change");
    put(".lrn-typed", typed, "input");
  }
  for (const [name, text] of Object.entries(parameters)) put(`.lrn-${name}`, text, "input");
}"""


def put(page, x=None, **parameters):
    """Put numbers and parameters into the fields, in one step: it takes a tenth of typing them."""
    typed = None if x is None else " ".join(map(repr, map(float, x)))
    page.evaluate(PUT, [typed, {name: repr(value) for name, value in parameters.items()}])


def full(page):
    """The arithmetic that is shown, in one line."""
    return page.inner_text(".lrn-full").strip()
