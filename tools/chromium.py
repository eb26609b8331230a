"""The Chromium or Chrome that is installed, driven by Playwright."""

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (  # nothing but the page asks the network for anything
    "--disable-background-networking", "--disable-component-update", "--disable-gpu",
    "--disable-quic", "--disable-sync", "--no-first-run",
)  # fmt: skip


class NoBrowser(RuntimeError):
    """Why there is none."""


@contextlib.contextmanager
def launched() -> Iterator:
    """A headless browser, or NoBrowser."""
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("playwright is not installed")
    from playwright.sync_api import Error, sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0  # the sandbox refuses root
    path = executable()
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(
                executable_path=path,
                channel=None if path else "chrome",  # Playwright knows where that may be
                args=[*QUIET, *(["--no-sandbox"] if root else [])],
            )
        except Error as error:
            raise NoBrowser(f"no browser starts: {error.message.splitlines()[0]}") from error
        try:
            yield browser
        finally:
            browser.close()


def executable() -> str | None:
    """The browser of the environment variable LRNLIB_BROWSER, or the first that is found."""
    found = (os.environ.get("LRNLIB_BROWSER"), *map(shutil.which, NAMES))
    return next((path for path in found if path and Path(path).exists()), None)
