"""Which backend computes for an array."""

import importlib
from types import ModuleType

import numpy as np

from lrnlib._messages import got

BACKENDS = ("numpy", "numba")


def backend_for(x: object, name: str | None) -> ModuleType:
    """The backend module for an array of `x`'s type, or of that name."""
    if not isinstance(x, np.ndarray) or isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"x must be a numpy.ndarray, got {type(x).__name__}; convert it, "
            "as numpy.asarray(x) does a list or a tensor and x.filled(0) a masked array"
        )
    if not (name is None or (isinstance(name, str) and name in BACKENDS)):
        raise ValueError(f"backend must be None, {' or '.join(map(repr, BACKENDS))}, {got(name)}")
    return importlib.import_module(f"lrnlib.backends.{name or BACKENDS[0]}_backend")
