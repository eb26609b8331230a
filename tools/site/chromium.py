"""The Chromium or Chrome that is installed, driven by Playwright."""

import contextlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (  # nothing but the page asks the network for anything
    "--disable-background-networking", "--disable-component-update", "--disable-gpu",
    "--disable-quic", "--disable-sync", "--no-first-run",
)  # fmt: skip
WRITTEN = re.compile(r"\[pid=\d+\]\[(?:err|out)\] (.*\S)")


class NoBrowser(RuntimeError):
    """Why there is none."""


@contextlib.contextmanager
def launched() -> Iterator:
    """A headless browser, or NoBrowser."""
    with _started() as (browser, _):
        yield browser


def executable() -> str | None:
    """The path of the browser that starts; None is Chrome, in a place that Playwright knows."""
    with _started() as (_, path):
        return path


@contextlib.contextmanager
def _started() -> Iterator[tuple]:
    """The first candidate that starts, and its path."""
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("playwright is not installed")
    from playwright.sync_api import Error, sync_playwright

    reasons = []
    with sync_playwright() as driver:
        for path in _candidates():
            channel = None if path else "chrome"
            try:
                browser = driver.chromium.launch(executable_path=path, channel=channel, args=QUIET)
                break
            except Error as error:
                reasons.append(f"{path or channel}: {_reason(error.message)}")
        else:
            raise NoBrowser(f"no browser starts: {'; '.join(reasons)}")
        with browser:
            yield browser, path


def _candidates() -> list[str | None]:
    """The browser of the environment variable LRNLIB_BROWSER alone, or each that may be one."""
    if chosen := os.environ.get("LRNLIB_BROWSER"):
        if not Path(chosen).is_file():
            raise NoBrowser(f"LRNLIB_BROWSER is {chosen}, which is no file")
        return [chosen]
    return [*filter(None, map(shutil.which, NAMES)), None]


def _reason(message: str) -> str:
    """Playwright's first line, and the last that the browser wrote."""
    return ", ".join([message.splitlines()[0], *WRITTEN.findall(message)[-1:]])
