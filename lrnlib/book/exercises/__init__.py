"""Checks for the answers to the book's exercises, which say what is wrong.

Each takes an answer, a number, an array or a function, and returns a `Verdict`: its message
names the mistake where it is a known one.

>>> from lrnlib import check
>>> check.changed_channels([5, 6, 7])
This would be n = 3. With n = 5 a window reaches two places on each side.
>>> bool(check.changed_channels([4, 5, 6, 7]))
True
"""

from lrnlib.book.exercises._cupy import (
    additions_of_doubling,
    chunks_of_channels,
    float64_bound,
    lost_by_the_cheap_sum,
    mended_channels,
)
from lrnlib.book.exercises._formula import (
    changed_channels,
    even_window,
    limits_of_large_inputs,
    to_unit_length,
)
from lrnlib.book.exercises._frameworks import (
    mended_prefix_sum,
    port_of_caffenet,
    pytorch_window,
    split_channels,
    window_from_digits,
)
from lrnlib.book.exercises._gradient import (
    complex_steps,
    gradient_by_hand,
    gradient_reach,
    power_of_a_scale,
    second_derivative,
)
from lrnlib.book.exercises._grading import (
    Verdict,
)
from lrnlib.book.exercises._numpy import (
    largest_in_window,
    one_and_a_half,
    seven_operations,
    smallest_that_spoils,
)
from lrnlib.book.exercises._pitfalls import (
    beyond_overflow,
    infinite_gradients,
    running_sum_error,
    spoiled_channels,
)
from lrnlib.book.exercises._tensorflow import (
    channels_first,
    channels_of_the_port,
    response_by_default,
    result_types,
)
from lrnlib.book.exercises._worked_example import (
    exact_result,
    mirrored_pixel,
    narrower_window,
    ten_times,
)

__all__ = [
    "Verdict",
    "additions_of_doubling",
    "beyond_overflow",
    "changed_channels",
    "channels_first",
    "channels_of_the_port",
    "chunks_of_channels",
    "complex_steps",
    "even_window",
    "exact_result",
    "float64_bound",
    "gradient_by_hand",
    "gradient_reach",
    "infinite_gradients",
    "largest_in_window",
    "limits_of_large_inputs",
    "lost_by_the_cheap_sum",
    "mended_channels",
    "mended_prefix_sum",
    "mirrored_pixel",
    "narrower_window",
    "one_and_a_half",
    "port_of_caffenet",
    "power_of_a_scale",
    "pytorch_window",
    "response_by_default",
    "result_types",
    "running_sum_error",
    "second_derivative",
    "seven_operations",
    "smallest_that_spoils",
    "split_channels",
    "spoiled_channels",
    "ten_times",
    "to_unit_length",
    "window_from_digits",
]
