"""Checks for the answers to the book's exercises, which say what is wrong.

Each takes an answer, a number, an array or a function, and returns a `Verdict`: its message
names the mistake where it is a known one.

>>> from lrnlib import check
>>> check.changed_channels([5, 6, 7])
This would be n = 3. With n = 5 a window reaches two places on each side.
>>> bool(check.changed_channels([4, 5, 6, 7]))
True
"""

from lrnlib.check._formula import (
    changed_channels,
    even_window,
    limits_of_large_inputs,
    to_unit_length,
)
from lrnlib.check._judge import Verdict
from lrnlib.check._numpy import (
    largest_in_window,
    one_and_a_half,
    seven_operations,
    smallest_that_spoils,
)
from lrnlib.check._tensorflow import (
    channels_first,
    channels_of_the_port,
    response_by_default,
    result_types,
)
from lrnlib.check._worked_example import exact_result, narrower_window, second_pixel, ten_times

__all__ = [
    "Verdict",
    "changed_channels",
    "channels_first",
    "channels_of_the_port",
    "even_window",
    "exact_result",
    "largest_in_window",
    "limits_of_large_inputs",
    "narrower_window",
    "one_and_a_half",
    "response_by_default",
    "result_types",
    "second_pixel",
    "seven_operations",
    "smallest_that_spoils",
    "ten_times",
    "to_unit_length",
]
