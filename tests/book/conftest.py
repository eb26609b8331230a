"""The browser, for every test of the book."""

from tests.book.browser import chromium, shared_page, show  # noqa: F401 (fixtures)
