"""Start the installed Chromium or Chrome with Playwright."""

import contextlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OFFLINE = (  # no network requests but those of the page
    "--disable-background-networking", "--disable-component-update", "--disable-gpu",
    "--disable-quic", "--disable-sync", "--no-first-run",
)  # fmt: skip
STDERR = re.compile(r"\[pid=\d+\]\[(?:err|out)\] (.*\S)")


class NoBrowser(RuntimeError):
    """No Chromium or Chrome could start."""


@contextlib.contextmanager
def launched() -> Iterator[tuple]:
    """The first browser that starts, headless, and its path; raises NoBrowser.

    The path is None for Chrome where Playwright looks for it.
    """
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("playwright is not installed")
    from playwright.sync_api import Error, sync_playwright

    reasons = []
    with sync_playwright() as driver:
        for path in _candidates():
            channel = None if path else "chrome"
            try:
                browser = driver.chromium.launch(
                    executable_path=path, channel=channel, args=OFFLINE
                )
                break
            except Error as error:
                end = STDERR.findall(error.message)[-1:]  # the last line of the browser's output
                reason = ", ".join([error.message.splitlines()[0], *end])
                reasons.append(f"{path or channel}: {reason}")
        else:
            raise NoBrowser(f"no browser starts: {'; '.join(reasons)}")
        with browser:
            yield browser, path


def executable() -> str | None:
    """The path of the browser that starts."""
    with launched() as (_, path):
        return path


def _candidates() -> list[str | None]:
    """Only the browser of the environment variable LRNLIB_BROWSER, or all that may be installed."""
    if chosen := os.environ.get("LRNLIB_BROWSER"):
        if not Path(chosen).is_file():
            raise NoBrowser(f"LRNLIB_BROWSER is {chosen}, which is not a file")
        return [chosen]
    return [*filter(None, map(shutil.which, NAMES)), None]
