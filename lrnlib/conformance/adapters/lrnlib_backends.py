"""The backends of lrnlib."""

from collections.abc import Sequence

import lrnlib
from lrnlib.conformance.adapters.base import Adapter, Array, Unavailable
from lrnlib.parameters import Parameters


class Numpy(Adapter):
    """lrnlib.local_response_normalization, backend="numpy"."""

    backend = "numpy"
    dtypes: Sequence[str] = ("float16", "bfloat16", "float32", "float64")

    def takes(self, p: Parameters) -> bool:
        return True

    def forward(self, x: Array, p: Parameters) -> Array:
        y: Array = lrnlib.local_response_normalization(x, **vars(p), backend=self.backend)
        return y

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        grad = lrnlib.local_response_normalization_grad
        dx: Array = grad(dy, x, **vars(p), backend=self.backend)
        return dx


class Numba(Numpy):
    """lrnlib.local_response_normalization, backend="numba"."""

    backend = "numba"
    needs = ("numba",)


class Cupy(Numpy):
    """lrnlib.local_response_normalization of a CuPy array."""

    backend = "cupy"
    needs = ("cupy",)

    def __init__(self) -> None:
        import cupy

        try:
            self.cupy, _ = cupy, cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError:
            raise Unavailable("there is no GPU") from None

    def forward(self, x: Array, p: Parameters) -> Array:
        y: Array = self.cupy.asnumpy(super().forward(self.cupy.asarray(x), p))
        return y

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        arrays = self.cupy.asarray(dy), self.cupy.asarray(x)
        dx: Array = self.cupy.asnumpy(super().gradient(*arrays, p))
        return dx
