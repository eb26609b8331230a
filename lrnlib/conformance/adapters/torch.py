"""PyTorch: the function, and the older module CrossMapLRN2d."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrnlib.conformance.adapters.base import Adapter, Array, channels_first, channels_last
from lrnlib.parameters import Parameters


class Torch(Adapter):
    """torch.nn.functional.local_response_norm on a CPU; the gradient by autograd."""

    package = "torch"
    needs = ("torch",)
    convention = "pytorch"
    dtypes: Sequence[str] = ("float16", "bfloat16", "float32", "float64")

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def _lrn(self, t: Any, p: Parameters) -> Any:
        return self.torch.nn.functional.local_response_norm(t, **p.to_pytorch())

    def _to_tensor(self, x: Array) -> Any:
        """Return a tensor, channels first; torch.from_numpy does not accept bfloat16."""
        a = channels_first(x)
        if x.dtype != "bfloat16":
            return self.torch.from_numpy(a)
        return self.torch.from_numpy(a.view(np.int16)).view(self.torch.bfloat16)

    def _to_array(self, t: Any, x: Array) -> Array:
        """Return the tensor as an array of the dtype of `x`, channels last."""
        if t.dtype != self.torch.bfloat16:
            return channels_last(t.detach().numpy())
        return channels_last(t.detach().view(self.torch.int16).numpy().view(x.dtype))

    def forward(self, x: Array, p: Parameters) -> Array:
        return self._to_array(self._lrn(self._to_tensor(x), p), x)

    def gradient(self, dy: Array, x: Array, p: Parameters) -> Array:
        t = self._to_tensor(x).requires_grad_()
        self._lrn(t, p).backward(self._to_tensor(dy))
        return self._to_array(t.grad, x)


class TorchCrossMap(Torch):
    """torch.nn.CrossMapLRN2d on a CPU; the gradient by autograd."""

    dtypes: Sequence[str] = ("float32", "float64")
    convention = ""  # an even size has one channel less, and is still what alpha is divided by

    def _lrn(self, t: Any, p: Parameters) -> Any:
        return self.torch.nn.CrossMapLRN2d(**p.to_pytorch())(t)
