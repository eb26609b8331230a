"""Which library an array is of, and which backend computes for it."""

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy as np

from lrnlib._validation import got, type_name

BACKENDS = {"numpy": ("numpy", "numba"), "cupy": ("cupy",)}  # the first is the default
NAMES = [name for names in BACKENDS.values() for name in names]


def backend_for(x: object, name: str | None) -> ModuleType:
    """The backend module of that name, or the one for arrays of `x`'s library."""
    if not (name is None or (isinstance(name, str) and name in NAMES)):
        raise ValueError(
            f"backend must be None, {', '.join(map(repr, NAMES[:-1]))} or {NAMES[-1]!r}, "
            f"{got(name)}"
        )
    if name == "cupy":
        _check_gpu()
    names = BACKENDS[library_of(x).__name__]
    if name is not None and name not in names:
        needed, convert = ("cupy", "asarray") if name == "cupy" else ("numpy", "asnumpy")
        raise TypeError(
            f"x must be a {needed}.ndarray for backend={name!r}, got {type_name(x)}; "
            f"convert it with cupy.{convert}(x)"
        )
    return importlib.import_module(f"lrnlib.backends.{name or names[0]}_backend")


def library_of(x: object) -> Any:
    """numpy or cupy, the module that made an array; anything else is an error."""
    cupy: Any = sys.modules.get("cupy")
    if cupy is not None and isinstance(x, cupy.ndarray):
        return cupy
    if not isinstance(x, np.ndarray) or isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"x must be a numpy.ndarray or a cupy.ndarray, got {type_name(x)}; convert it, "
            "as numpy.asarray(x) does a list or a tensor and x.filled(0) a masked array"
        )
    return np


def _check_gpu() -> None:
    try:
        import cupy
    except ModuleNotFoundError as error:
        raise ImportError(
            "backend='cupy' needs CuPy, which is not installed: pip install cupy-cuda13x, "
            "or cupy-cuda12x for a driver of CUDA 12"
        ) from error
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise RuntimeError(f"backend='cupy' needs a GPU and its driver: {error}") from error
    if devices == 0:
        raise RuntimeError("backend='cupy' needs a GPU, and CUDA finds none")
