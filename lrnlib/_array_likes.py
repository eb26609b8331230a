"""Array-likes as NumPy arrays, and advice that works for what is not converted."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._validation import describe, type_name

ALLOWED = "must be a numpy.ndarray, a cupy.ndarray or an array-like"
LAYER = "lrnlib.keras.LocalResponseNormalization"
TF_NAMES = {"EagerTensor": "Tensor", "SymbolicTensor": "Tensor", "ResourceVariable": "Variable"}


def to_numpy(name: str, x: Any) -> npt.NDArray[Any]:
    """Return an array-like as an array, as NumPy's functions take it; raise for a tensor.

    Libraries not named here decide for themselves in their `__array__`: it copies from the
    memory of a CPU, and raises where a copy would be a surprise. What lies on a GPU is refused.
    """
    for base in type(x).__mro__:
        if advise := FOREIGN.get(base.__module__.partition(".")[0]):
            what, advice = advise(name, x)
            raise TypeError(f"{name} {ALLOWED}, got a {what}; {advice}")
    if hasattr(x, "__cuda_array_interface__"):
        raise TypeError(
            f"{name} {ALLOWED}, got {type_name(x)} on a GPU; convert it with cupy.asarray({name})"
        )
    if hasattr(x, "__next__"):
        raise TypeError(f"{name} {ALLOWED}, got {type_name(x)}; make it a list with list({name})")
    try:
        array = np.asarray(x)
    except Exception as error:  # whatever another library's __array__ raises
        reason = str(error).partition("\n")[0]
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(
            f"{name} {ALLOWED}, {_got(x)}; "
            f"numpy.asarray({name}) raises {type(error).__name__}: {reason}"
        ) from error
    if isinstance(array, np.ma.MaskedArray) or array.dtype != object:
        return array
    raise _objects(name, x)


def masked(name: str) -> TypeError:
    """Return the error for a masked array: its neighbours would depend on what is hidden."""
    return TypeError(
        f"{name} {ALLOWED}, got a masked array, whose hidden values would count in their "
        f"neighbours' windows; choose what counts in their place, as 0 with {name}.filled(0)"
    )


def unsupported_dtype(name: str, x: Any) -> TypeError:
    """Return the error for an array of a dtype that LRN is not computed in."""
    kind, advice = x.dtype.kind, ""
    if kind == "O":
        return _objects(name, x)
    if kind == "c":
        cast = ".astype(numpy.float64)" if x.dtype.type is np.clongdouble else ""
        advice = (
            f"; LRN is of real numbers: take numpy.abs({name}){cast}, or numpy.real({name}){cast} "
            f"and numpy.imag({name}){cast} one after the other"
        )
    elif kind in "SUT":
        advice = _first_that_works({_cast(name, "float64"): lambda: x.astype(np.float64)})
    elif kind == "m":
        advice = f"; divide it by its unit, as {name} / numpy.timedelta64(1, 's')"
    elif x.dtype.names:
        advice = _a_field(name, x.dtype)
    elif x.dtype.type is np.longdouble:
        advice = f"; convert it with {_cast(name, 'float64')}, which loses digits"
    elif x.dtype.type.__module__ == "ml_dtypes":
        advice = f"; convert it with {_cast(name, 'float32')}, which loses none"
    return TypeError(
        f"{name} must be of bfloat16, float16, float32, float64, integers or booleans, "
        f"got {x.dtype}{advice}"
    )


def _objects(name: str, x: Any) -> TypeError:
    advice = _first_that_works(
        {
            f"{name}.toarray()": lambda: x.toarray(),  # a sparse array
            _cast(name, "float64"): lambda: np.asarray(x, np.float64),
            f"{name}.to_numpy('float64', na_value=numpy.nan)": lambda: x.to_numpy(
                "float64", na_value=np.nan
            ),
        },
    )
    return TypeError(f"{name} {ALLOWED} of real numbers, {_got(x)}{advice}")


def _got(x: object) -> str:
    if isinstance(x, np.ndarray):
        return "got a numpy.ndarray of objects"
    return describe(x) if isinstance(x, list | tuple) else f"got {type_name(x)}"


def _cast(name: str, dtype: str) -> str:
    return f"numpy.asarray({name}, dtype=numpy.{dtype})"  # of a list as well


def _first_that_works(conversions: dict[str, Callable[[], Any]]) -> str:
    """Return the advice to convert in the first way that does: each is tried."""
    for how, convert in conversions.items():
        try:
            array = convert()
        except Exception:  # of another library, or of the values
            continue
        if array.ndim > 0 and array.dtype.kind in "biuf":
            return f"; convert it with {how}"
    return ""


def _a_field(name: str, dtype: np.dtype[Any]) -> str:
    fields = [field for field in dtype.names or () if dtype[field].kind in "biuf"]
    return f"; choose a field, as {name}[{fields[0]!r}]" if fields else ""


def _torch(name: str, x: Any) -> tuple[str, str]:
    dtype = str(x.dtype).removeprefix("torch.")
    convert = f"abs({name})" if x.is_complex() else name
    dense = x.layout == sys.modules["torch"].strided
    convert += "" if dense else ".to_dense()"
    convert += ".detach().cpu()"
    convert += ".resolve_neg()" if x.is_neg() else ""
    convert += ".float()" if dtype.startswith(("bfloat", "float8")) else ""
    keep = dense and dtype in ("bfloat16", "float16", "float32", "float64")
    layer = ", or keep it: lrnlib.torch.local_response_norm takes tensors" if keep else ""
    return f"torch.Tensor of {dtype}", f"convert it with {convert}.numpy(){layer}"


def _tensorflow(name: str, x: Any) -> tuple[str, str]:
    kind = type(x).__name__
    what = f"tensorflow.{TF_NAMES.get(kind, kind)}"
    if kind == "RaggedTensor":
        return what, f"convert it with {name}.to_tensor().numpy(), which pads with 0"
    if kind == "SparseTensor":
        return what, f"convert it with tensorflow.sparse.to_dense({name}).numpy()"
    if not hasattr(x, "numpy"):
        return f"symbolic {what}", f"in a tf.function, call {LAYER}(…)"
    if x.dtype.name == "string":
        return f"{what} of {x.dtype.name}", "strings have no LRN"
    convert = f"abs({name})" if x.dtype.is_complex else name
    return f"{what} of {x.dtype.name}", f"convert it with {convert}.numpy()"


def _jax(name: str, x: Any) -> tuple[str, str]:
    if any(base.__name__ == "Tracer" for base in type(x).__mro__):
        return "traced jax.Array", f"in jax.jit or jax.grad, call {LAYER}(…) with Keras's JAX"
    convert = f"abs({name})" if x.dtype.kind == "c" else name
    return f"jax.Array of {x.dtype}", f"convert it with numpy.asarray({convert})"


def _keras(name: str, x: Any) -> tuple[str, str]:
    if hasattr(x, "value"):
        return "keras.Variable", f"convert it with keras.ops.convert_to_numpy({name})"
    return "KerasTensor", f"in a model, call {LAYER}(…)"


def _dask(name: str, x: Any) -> tuple[str, str]:
    return f"Dask {type(x).__name__}", f"compute it first, with {name}.compute()"


# How to convert what another library calls an array: by the package that defines its type.
FOREIGN = {
    "torch": _torch, "tensorflow": _tensorflow, "jax": _jax, "jaxlib": _jax, "keras": _keras,
    "dask": _dask, "dask_expr": _dask,
}  # fmt: skip
