"""A test vector: an input, the parameters, and the expected result with its tolerance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lrnlib import reference
from lrnlib.conformance.bounds import Array, Floats, tolerance
from lrnlib.parameters import Parameters

PROPERTIES = {
    "formula": "the window on either side, its clipped edges, and each of the four parameters",
    "axes": "channels are the last axis, and nothing is summed along another",
    "even": "windows of an even number of channels, by each framework's own rule",
    "channels": "fewer channels than the window, and hundreds of them",
    "outlier": "one large response harms nothing beyond its windows: no running sum",
    "nan-inf": "a NaN or an infinity reaches only the windows that hold it",
    "range": "inputs whose squares overflow or vanish, and whose results do not",
    "zeros": "windows of zeros",
    "float64": "double precision",
    "float16": "half precision: float32 inside and one rounding",
    "bfloat16": "the same for bfloat16",
    "gradient": "the gradient by the input",
}


@dataclass(frozen=True, eq=False)
class Vector:
    """A test vector: one input, the parameters, and the expected result.

    Attributes
    ----------
    name : str
        The name in the report and of the exported file.
    property : str
        One of `PROPERTIES`.
    detects : str
        The mistakes that it detects, as a sentence.
    x : numpy.ndarray
        The input, of rank 4 with the channels last.
    parameters : Parameters
        The four parameters.
    dy : numpy.ndarray or None
        The gradient with respect to the result; if given, the vector tests the gradient.
    direct : bool
        Whether the window sum must be direct; if not, the tolerance admits a running sum.
    """

    name: str
    property: str
    detects: str
    x: Array
    parameters: Parameters
    dy: Array | None = None
    direct: bool = False

    @cached_property
    def dtype(self) -> str:
        """The name of the input's dtype."""
        return str(self.x.dtype)

    @cached_property
    def expected(self) -> Floats:
        """The result of `reference`, in float64."""
        p = vars(self.parameters)
        a = self.x.astype(np.float64)
        if self.dy is None:
            return reference.local_response_normalization(a, **p)
        da = self.dy.astype(np.float64)
        return reference.local_response_normalization_grad(da, a, **p)

    @cached_property
    def tolerance(self) -> Floats:
        """How far each element may be from `expected`; see `bounds`."""
        return tolerance(self.x, self.parameters, self.expected, self.dy, self.direct)
