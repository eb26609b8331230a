"""Checks for the answers to the book's exercises, which say what is wrong.

Each takes an answer, a number, an array or a function, and returns a `Verdict`: its message
names the mistake where it is a known one.
"""

from lrnlib.check._formula import changed_channels
from lrnlib.check._judge import Verdict

__all__ = [
    "Verdict",
    "changed_channels",
]
