"""Local Response Normalization for NumPy, with TensorFlow's parameter names."""

from lrnlib._api import (
    local_response_normalization,
    local_response_normalization_grad,
    lrn,
)
from lrnlib.book.explorer import Explorer, explorer
from lrnlib.explain import Explanation, explain
from lrnlib.parameters import Parameters

__all__ = [
    "Explanation",
    "Explorer",
    "Parameters",
    "explain",
    "explorer",
    "local_response_normalization",
    "local_response_normalization_grad",
    "lrn",
]
