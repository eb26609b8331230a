"""Draws the figure of the README: `python -m lrnlib.book.figures FILE.svg`."""

import sys

from lrnlib.book.figures import draw

draw(sys.argv[1])
