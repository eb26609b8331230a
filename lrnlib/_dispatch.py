"""Choose the backend by the library of the array: NumPy or CuPy."""

import importlib
import sys
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import numpy as np

from lrnlib._array_likes import masked, to_numpy, unsupported_dtype
from lrnlib._validation import describe, type_name

BACKENDS = {"numpy": ("numpy", "numba"), "cupy": ("cupy",)}  # the first is the default
NAMES = [name for names in BACKENDS.values() for name in names]
DTYPES = ("bfloat16", "float16", "float32", "float64")
COMPUTED = {np.float16, np.float32, np.float64}  # the types of most: found faster than a name


def backend_for(x: object, name: str | None) -> ModuleType:
    """Return the backend module of that name; by default that of `x`'s library."""
    if not (name is None or (isinstance(name, str) and name in NAMES)):
        raise ValueError(
            f"backend must be None, {', '.join(map(repr, NAMES[:-1]))} or {NAMES[-1]!r}, "
            f"{describe(name)}"
        )
    if name == "cupy":
        _check_gpu()
    names = BACKENDS[array_namespace(x).__name__]
    if name is not None and name not in names:
        needed, convert = ("cupy", "asarray") if name == "cupy" else ("numpy", "asnumpy")
        raise TypeError(
            f"x must be a {needed}.ndarray for backend={name!r}, got {type_name(x)}; "
            f"convert it with cupy.{convert}(x)"
        )
    return importlib.import_module(f"lrnlib.backends.{name or names[0]}_backend")


def dask_backend_for(x: object) -> ModuleType | None:
    """Return the backend of Dask arrays if `x` is one; Dask is not imported to find out."""
    dask: Any = sys.modules.get("dask.array")
    if dask is None or not isinstance(x, dask.Array):
        return None
    return importlib.import_module("lrnlib.backends.dask_backend")


def as_array(name: str, x: object) -> Any:
    """Return `x` as an array of NumPy or CuPy of a dtype that is computed in, or raise.

    Such an array is returned as it is. Integers and booleans become float64; an array-like
    becomes a NumPy array, which may share its memory.
    """
    array: Any = x
    if type(x) is not np.ndarray:
        array = _array_of_a_library(name, x)
    if array.dtype.type in COMPUTED or array.dtype.name in DTYPES:
        return array
    if array.dtype.kind not in "biu":
        raise unsupported_dtype(name, array)
    with nullcontext() if isinstance(array, np.ndarray) else array.device:
        return array.astype(np.float64)


def _array_of_a_library(name: str, x: object) -> Any:
    cupy: Any = sys.modules.get("cupy")
    if cupy is not None and isinstance(x, cupy.ndarray):
        return x
    array = x if isinstance(x, np.ndarray) else to_numpy(name, x)
    if isinstance(array, np.ma.MaskedArray):
        raise masked(name)
    return array


def array_namespace(x: object) -> Any:
    """Return the module numpy or cupy for an array of that library."""
    return np if isinstance(x, np.ndarray) else sys.modules["cupy"]


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
