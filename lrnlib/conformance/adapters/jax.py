"""JAX has no LRN: the formula as its users write it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrnlib.conformance.adapters.base import Adapter, Array
from lrnlib.parameters import Parameters


class Jax(Adapter):
    """JAX, which has no LRN, by jax.lax.reduce_window; the gradient by jax.vjp."""

    package = "jax"
    needs = ("jax",)
    dtypes: Sequence[str] = ("float16", "bfloat16", "float32")

    def __init__(self) -> None:
        import jax

        self.jax = jax

    def takes(self, p: Parameters) -> bool:
        return True

    def lrn(self, x: Any, p: Parameters, axis: int = -1) -> Any:
        """Return LRN along one axis."""
        lax = self.jax.lax
        axes = [i == axis % x.ndim for i in range(x.ndim)]
        window = [sum(p.reach) + 1 if channels else 1 for channels in axes]
        padding = [p.reach if channels else (0, 0) for channels in axes]
        sums = lax.reduce_window(x * x, 0.0, lax.add, window, [1] * x.ndim, padding)
        return x / (p.bias + p.alpha * sums) ** p.beta

    def forward(self, x: Array, p: Parameters) -> Array:
        return np.asarray(self.jax.jit(lambda t: self.lrn(t, p))(x))

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        def vjp(dt: Any, t: Any) -> Any:
            return self.jax.vjp(lambda u: self.lrn(u, p), t)[1](dt)[0]

        return np.asarray(self.jax.jit(vjp)(dy, x))
