"""The answer boxes, for the tests of what they say."""

from tests.book.exercises.boxes import open_boxes, verdicts  # noqa: F401 (fixtures)
