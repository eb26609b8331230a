"""Serve the built book as GitHub Pages does: below a path, and compressed."""

import contextlib
import functools
import gzip
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tools.downloads.pages import settings
from tools.repository import ROOT

BUILT = ROOT / "_build" / "html"
TOOLS = ROOT / "tools/site/web" / "node_modules"
PREFIX = urlsplit(settings()["html"]["baseurl"]).path
REQUIRED = "LRNLIB_REQUIRE_SITE"


class Pages(http.server.SimpleHTTPRequestHandler):
    """Files below PREFIX, compressed, since Lighthouse measures downloads."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = Path(self.directory, path.removeprefix(PREFIX))
        if not path.startswith(PREFIX) or not file.is_file():
            self.send_error(404)
            return
        body = gzip.compress(file.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(file))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Log nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of the folder, on a free local port."""
    pages = functools.partial(Pages, directory=folder)
    server = http.server.ThreadingHTTPServer(("localhost", 0), pages)
    # It looks for the end of its work every `poll_interval` seconds.
    options = {"poll_interval": 0.02}
    threading.Thread(target=server.serve_forever, kwargs=options, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()


def pages(folder: Path = BUILT) -> list[str]:
    """Every page of the book except index.html, which only redirects."""
    files = (path.relative_to(folder) for path in sorted(folder.rglob("*.html")))
    return [f.as_posix() for f in files if f.parts[0] != "_static" and f.name != "index.html"]


def need(path: Path, remedy: str) -> Path:
    """A file that a test needs; without it, `make site` fails and other runs skip the test."""
    if not path.exists():
        stop = pytest.fail if os.environ.get(REQUIRED) else pytest.skip
        stop(f"there is no {path.relative_to(ROOT)}: {remedy}")
    return path


class Visit:
    """A page in the browser; `wrong` lists third-party requests and errors."""

    def __init__(self, context, address: str, url: str, until: str = "networkidle") -> None:
        self.wrong: list[str] = []
        self.page = context.new_page()
        self.page.route("**/*", functools.partial(self._block_others, address))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("response", self._response)
        self.page.goto(url, wait_until=until)

    def _block_others(self, address: str, route) -> None:
        url = route.request.url
        if url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            self.wrong.append(f"requested {url}")
            route.abort()

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")
