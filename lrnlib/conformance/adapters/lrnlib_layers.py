"""The layers of lrnlib for other frameworks."""

import os
from collections.abc import Sequence
from typing import Any

from lrnlib.conformance.adapters.base import Adapter, Array, Unavailable
from lrnlib.conformance.adapters.torch import Torch
from lrnlib.parameters import Parameters


class LrnlibTorch(Torch):
    """lrnlib.torch.local_response_norm on a CPU; the gradient by autograd."""

    package = "lrnlib"

    def __init__(self) -> None:
        super().__init__()
        import lrnlib.torch

        self.lrnlib = lrnlib.torch

    def _lrn(self, t: Any, p: Parameters) -> Any:
        return self.lrnlib.local_response_norm(t, **p.to_pytorch())


class LrnlibKeras(Adapter):
    """lrnlib.keras.LocalResponseNormalization on TensorFlow; the gradient by tf.GradientTape."""

    needs = ("keras", "tensorflow")
    dtypes: Sequence[str] = ("float16", "bfloat16", "float32", "float64")

    def takes(self, p: Parameters) -> bool:
        return True

    def __init__(self) -> None:
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import keras
        import tensorflow as tf

        import lrnlib.keras

        if (backend := keras.backend.backend()) != "tensorflow":
            raise Unavailable(f"Keras was imported on {backend} before")
        self.tf, self.lrnlib = tf, lrnlib.keras

    def _layer(self, x: Array, p: Parameters) -> Any:
        return self.lrnlib.LocalResponseNormalization(**vars(p), dtype=str(x.dtype))

    def forward(self, x: Array, p: Parameters) -> Array:
        y: Array = self._layer(x, p)(self.tf.constant(x)).numpy()
        return y

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        layer, t = self._layer(x, p), self.tf.constant(x)
        with self.tf.GradientTape() as tape:
            tape.watch(t)
            y = layer(t)
        dx: Array = tape.gradient(y, t, output_gradients=self.tf.constant(dy)).numpy()
        return dx
