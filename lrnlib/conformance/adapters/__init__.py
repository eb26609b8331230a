"""Adapters: each calls a framework's LRN as its users do, with NumPy arrays in and out.

Arrays have the channels last. An adapter imports its framework when it is constructed, in a
process of its own.
"""

from collections.abc import Mapping
from importlib import import_module

from lrnlib.conformance.adapters.base import Adapter, Unavailable
from lrnlib.conformance.adapters.jax import Jax
from lrnlib.conformance.adapters.lrnlib_backends import Cupy, Numba, Numpy
from lrnlib.conformance.adapters.lrnlib_layers import LrnlibKeras, LrnlibTorch
from lrnlib.conformance.adapters.onnx import Onnx, Onnxruntime
from lrnlib.conformance.adapters.tensorflow import (
    Tensorflow,
    TensorflowGraph,
    TensorflowXla,
    Tflite,
    TfliteReference,
)
from lrnlib.conformance.adapters.torch import Torch, TorchCrossMap

__all__ = ["FRAMEWORKS", "Adapter", "Unavailable", "adapter_of"]

FRAMEWORKS: Mapping[str, type[Adapter]] = {
    "lrnlib-numpy": Numpy,
    "lrnlib-numba": Numba,
    "lrnlib-cupy": Cupy,
    "lrnlib-torch": LrnlibTorch,
    "lrnlib-keras": LrnlibKeras,
    "tensorflow-eager": Tensorflow,
    "tensorflow-graph": TensorflowGraph,
    "tensorflow-xla": TensorflowXla,
    "tflite-optimized": Tflite,
    "tflite-reference": TfliteReference,
    "torch-functional": Torch,
    "torch-crossmap": TorchCrossMap,
    "onnxruntime": Onnxruntime,
    "onnx-reference": Onnx,
    "jax-written-out": Jax,
}


def adapter_of(name: str) -> type[Adapter]:
    """Return the adapter of that name, or of your own as ``module:Class``."""
    if not isinstance(name, str):
        raise TypeError(f"framework must be a str, got {name!r} of type {type(name).__name__}")
    module, colon, attribute = name.partition(":")
    if colon:
        made: type[Adapter] = getattr(import_module(module), attribute)
        return made
    if name not in FRAMEWORKS:
        names = ", ".join(FRAMEWORKS)
        raise ValueError(f"framework must be one of {names}, or module:Class, got {name!r}")
    return FRAMEWORKS[name]
