"""lrnlib's backends, TensorFlow, PyTorch, onnxruntime, JAX, copies and fused C on a CPU."""

import ml_dtypes
import numpy as np

import lrnlib
from benchmarks.implementations import Copy, Implementation, Lrnlib
from benchmarks.implementations.fused import CopyThreads, FusedC
from lrnlib.conformance.adapters.base import TO_FIRST, TO_LAST
from lrnlib.conformance.adapters.jax import Jax as JaxAdapter
from lrnlib.conformance.adapters.onnx import Onnxruntime as OnnxruntimeAdapter


class Numpy(Lrnlib):
    """lrnlib, backend "numpy", which returns a new array."""

    backend = "numpy"

    def __init__(self):
        lrnlib.lrn(np.ones(3, np.float32), backend=self.backend)


class NumpyOut(Numpy):
    """lrnlib, backend "numpy", into an array given as `out`."""

    given_out = True


class Numba(Numpy):
    """lrnlib, backend "numba", which returns a new array."""

    backend = "numba"


class NumbaOut(Numba):
    """lrnlib, backend "numba", into an array given as `out`."""

    given_out = True


class Tensorflow(Implementation):
    """tf.nn.lrn, eager; the gradient is tf.raw_ops.LRNGrad with y given. Channels that come
    first are transposed to the end and back: x and y of the gradient before it is timed."""

    def __init__(self):
        import tensorflow

        self.tf = tensorflow

    def prepare(self, case, x, dy=None):
        arguments = case.lrn_parameters.to_tensorflow()
        t = self.tf.constant(x)

        def transpose(t, order):
            return t if case.axis == -1 else self.tf.transpose(t, order)

        if dy is None:
            lrn = self.tf.nn.lrn
            return lambda: transpose(lrn(transpose(t, TO_LAST), **arguments), TO_FIRST)
        dt, a = self.tf.constant(dy), transpose(t, TO_LAST)
        arguments |= {"input_image": a, "output_image": self.tf.nn.lrn(a, **arguments)}
        grad = self.tf.raw_ops.LRNGrad
        return lambda: transpose(grad(input_grads=transpose(dt, TO_LAST), **arguments), TO_FIRST)


class Torch(Implementation):
    """torch.nn.functional.local_response_norm; channels that come last are permuted views,
    which PyTorch calls channels_last. The gradient is autograd's backward pass alone, its
    graph retained."""

    device = "cpu"

    def __init__(self):
        import torch

        self.torch = torch

    def lrn(self):
        return self.torch.nn.functional.local_response_norm

    def _function(self, case):
        arguments = case.lrn_parameters.to_pytorch()
        lrn = self.lrn()
        if case.axis == 1:
            return lambda t: lrn(t, **arguments)
        return lambda t: lrn(t.permute(TO_FIRST), **arguments).permute(TO_LAST)

    def _tensor(self, a):
        if a.dtype == ml_dtypes.bfloat16:  # from_numpy does not know it
            return self.torch.from_numpy(a.view(np.int16)).to(self.device).view(self.torch.bfloat16)
        return self.torch.from_numpy(a).to(self.device)

    def prepare(self, case, x, dy=None):
        function, t = self._function(case), self._tensor(x)
        if dy is None:
            return lambda: function(t)
        y, dt = function(t.requires_grad_()), self._tensor(dy)
        return lambda: self.torch.autograd.grad(y, t, dt, retain_graph=True)[0]

    def array(self, result):
        host = result.detach().cpu()
        if host.dtype == self.torch.bfloat16:
            return host.view(self.torch.int16).numpy().view(ml_dtypes.bfloat16)
        return host.numpy()


class TorchBoth(Torch):
    """As torch; the gradient is the forward and the backward pass together."""

    ops = ("gradient",)

    def prepare(self, case, x, dy=None):
        t, dt, function = self._tensor(x).requires_grad_(), self._tensor(dy), self._function(case)
        return lambda: self.torch.autograd.grad(function(t), t, dt)[0]


class Onnxruntime(Implementation):
    """A model of one LRN node, channels first; channels that come last are a permuted view,
    which onnxruntime copies. It has no gradient."""

    def __init__(self):
        self._adapter = OnnxruntimeAdapter()

    def prepare(self, case, x, dy=None):
        if dy is not None:
            raise NotImplementedError("it has no gradient")
        session = self._adapter.session(self._adapter.model(case.lrn_parameters, np.float32))
        if case.axis == 1:
            return lambda: session.run(None, {"x": x})[0]
        return lambda: session.run(None, {"x": x.transpose(TO_FIRST)})[0].transpose(TO_LAST)


class Jax(Implementation):
    """jax.lax.reduce_window, compiled by jax.jit; the gradient is jax.vjp, compiled, which
    computes the window sums of x anew."""

    def __init__(self):
        import jax

        self.jax, self._adapter = jax, JaxAdapter()

    def _lrn(self, case, x):
        return self._adapter.lrn(x, case.lrn_parameters, case.axis)

    def _call(self, case, function, *arrays):
        arrays = [self.jax.device_put(a) for a in arrays]
        compiled = self.jax.jit(function).lower(*arrays).compile()
        return lambda: compiled(*arrays).block_until_ready()

    def prepare(self, case, x, dy=None):
        def lrn(t):
            return self._lrn(case, t)

        def vjp(t, dt):
            return self.jax.vjp(lrn, t)[1](dt)[0]

        return self._call(case, lrn, x) if dy is None else self._call(case, vjp, x, dy)


IMPLEMENTATIONS = {
    "copy": Copy,
    "copy_threads": CopyThreads,
    "fused_c": FusedC,
    "numpy": Numpy,
    "numpy_out": NumpyOut,
    "numba": Numba,
    "numba_out": NumbaOut,
    "tensorflow": Tensorflow,
    "torch": Torch,
    "torch_both": TorchBoth,
    "onnxruntime": Onnxruntime,
    "jax": Jax,
}
