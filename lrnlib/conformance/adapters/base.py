"""The base class of adapters, and what several of them use."""

from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]

TO_FIRST, TO_LAST = (0, 3, 1, 2), (0, 2, 3, 1)


class Unavailable(Exception):
    """Raised by an adapter that cannot run here; the message says what is missing."""


class Adapter:
    """One implementation of LRN, for NumPy arrays with the channels last.

    To report on your own, put a subclass into a module that Python can import and run
    ``python -m lrnlib.conformance --frameworks module:Class``. The docstring names the function
    that it calls. Import the framework in ``__init__``, which may raise `Unavailable`.

    Attributes
    ----------
    package : str, default 'lrnlib'
        The package whose version the report shows.
    needs : sequence of str, default ()
        Modules without which it is skipped as not installed. Any other missing module is a
        failure.
    dtypes : sequence of str, default ('float32',)
        The dtypes that the framework supports, of float16, bfloat16, float32 and float64.
    convention : str, default ''
        The framework in ``lrnlib.conventions`` by whose rule it treats even windows. Vectors
        with a window that the rule does not give are left out; so are all even ones without.
    gradient : callable or None, default None
        ``gradient(dy, x, p)`` returns the gradient by `x`; None if there is no gradient.

    Examples
    --------
    >>> class Mine(Adapter):
    ...     '''A framework without normalization.'''
    ...     package = "mine"
    ...     def forward(self, x, p):
    ...         return x
    """

    package = "lrnlib"
    needs: Sequence[str] = ()
    dtypes: Sequence[str] = ("float32",)
    convention = ""
    gradient: Callable[[Array, Array, Parameters], Array] | None = None

    def takes(self, p: Parameters) -> bool:
        """Tell whether the framework has a window of these sides."""
        if isinstance(p.depth_radius, int):
            return True
        try:
            return bool(self.convention and p.to_framework(self.convention))
        except ValueError:  # it has no such window
            return False

    def forward(self, x: Array, p: Parameters) -> Array:
        """Return LRN of `x` along its last axis."""
        raise NotImplementedError


def channels_first(x: Array) -> Array:
    """Transpose (batch, height, width, channels) to contiguous (batch, channels, height, width)."""
    return np.ascontiguousarray(x.transpose(TO_FIRST))


def channels_last(y: Array) -> Array:
    """Transpose back, as a view."""
    return y.transpose(TO_LAST)


def version(package: str) -> str:
    """Return the installed version without a build such as +cpu; empty if not installed."""
    try:
        return metadata.version(package).partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""
