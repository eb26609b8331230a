"""The browser, for every test of the book."""

from tests.book.browser import chromium, show  # noqa: F401 (fixtures)
