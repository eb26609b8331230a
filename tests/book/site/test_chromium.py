"""Which installed browser starts, and the message if none does."""

import os

import pytest

from tests.book.browser import launched, leave_out
from tools.site import chromium
from tools.site.chromium import NoBrowser

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stubs need a POSIX shell")

# Ubuntu's /usr/bin/chromium-browser if the snap is not installed.
STUB = """\
#!/bin/sh
echo "Command '$0' requires the chromium snap to be installed." >&2
echo
exit 1
"""


def program(folder, text):
    """Write a program in place of a browser."""
    path = folder / "browser"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("text", "end"),
    [(STUB, r"closed, Command '.*' requires the chromium snap .*\."), ("#!/bin/sh\n", "closed")],
)
def test_what_a_program_writes_is_the_reason(tmp_path, monkeypatch, text, end):
    """Playwright itself only reports that the program ended."""
    monkeypatch.setenv("LRNLIB_BROWSER", path := program(tmp_path, text))
    with pytest.raises(NoBrowser, match=f"^no browser starts: {path}: .*{end}$"):
        chromium.executable()


def test_a_program_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    """The next browser is started if the first does not start."""
    try:
        real = chromium.executable()
    except NoBrowser as error:
        leave_out(str(error))
    monkeypatch.delenv("LRNLIB_BROWSER", raising=False)
    monkeypatch.setattr(chromium, "NAMES", (program(tmp_path, STUB), real or ""))
    assert chromium.executable() == real
    with launched() as browser:
        assert browser.is_connected()
    assert not browser.is_connected()


def test_a_browser_that_is_chosen_and_not_there_is_named(tmp_path, monkeypatch):
    """A fallback would hide the mistake."""
    monkeypatch.setenv("LRNLIB_BROWSER", str(tmp_path))
    with pytest.raises(NoBrowser, match=f"LRNLIB_BROWSER is {tmp_path}, which is not a file"):
        chromium.executable()
