"""Checks for the answers to the book's exercises, which say what is wrong.

Each takes an answer, a number, an array or a function, and returns a `Verdict`: its message
names the mistake where it is a known one.
"""

from lrnlib.check._cupy import (
    additions_of_doubling,
    chunks_of_channels,
    float64_bound,
    lost_by_the_cheap_sum,
    mended_channels,
)
from lrnlib.check._formula import changed_channels
from lrnlib.check._frameworks import (
    mended_prefix_sum,
    port_of_caffenet,
    pytorch_window,
    split_channels,
    window_from_digits,
)
from lrnlib.check._gradient import (
    complex_steps,
    gradient_by_hand,
    gradient_reach,
    power_of_a_scale,
    second_derivative,
)
from lrnlib.check._judge import Verdict
from lrnlib.check._pitfalls import (
    beyond_overflow,
    infinite_gradients,
    running_sum_error,
    spoiled_channels,
)

__all__ = [
    "Verdict",
    "additions_of_doubling",
    "beyond_overflow",
    "changed_channels",
    "chunks_of_channels",
    "complex_steps",
    "float64_bound",
    "gradient_by_hand",
    "gradient_reach",
    "infinite_gradients",
    "lost_by_the_cheap_sum",
    "mended_channels",
    "mended_prefix_sum",
    "port_of_caffenet",
    "power_of_a_scale",
    "pytorch_window",
    "running_sum_error",
    "second_derivative",
    "split_channels",
    "spoiled_channels",
    "window_from_digits",
]
