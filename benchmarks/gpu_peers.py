"""Who is measured on a GPU: each subject makes, for a case, the call that its users would write."""

import numpy as np

import lrnlib
from benchmarks import peers
from benchmarks.cases import DTYPES
from benchmarks.gpu_cudnn import Cudnn
from benchmarks.peers import tensorflow_parameters


class Subject(peers.Subject):
    """What the timing asks of a subject beyond its calls."""

    wait = None  # what to call with a result whose stream is not the one that events are on

    def release(self):
        """Give unused memory back, for the next subject."""


class Cupy(Subject):
    """Makes CuPy's arrays."""

    def __init__(self):
        import cupy

        self.xp = cupy

    def _out(self, x):
        """An array of NaN: what is not written is found."""
        return self.xp.asarray(np.full_like(x, np.nan))

    def array(self, result):
        return result.get()

    def release(self):
        self.xp.get_default_memory_pool().free_all_blocks()


class Copy(Cupy):
    """cudaMemcpyAsync from one array to another on the same GPU."""

    def forward(self, case, x):
        a, out = self.xp.asarray(x), self._out(x)

        def call():
            out.data.copy_from_device_async(a.data, a.nbytes)
            return out

        return call

    def gradient(self, case, dy, x):
        return self.forward(case, x)


class Lrnlib(Cupy):
    """lrnlib on CuPy arrays, into an array given as `out`."""

    def forward(self, case, x):
        a, out = self.xp.asarray(x), self._out(x)
        options = tensorflow_parameters(case) | {"axis": case.axis, "out": out}
        return lambda: lrnlib.local_response_normalization(a, **options)

    def gradient(self, case, dy, x):
        da, a, out = self.xp.asarray(dy), self.xp.asarray(x), self._out(x)
        options = tensorflow_parameters(case) | {"axis": case.axis, "out": out}
        return lambda: lrnlib.local_response_normalization_grad(da, a, **options)


class Unfused(Cupy):
    """The formula in whole CuPy arrays: a kernel and a pass over memory for each operation."""

    def _array(self, a):
        if a.dtype == DTYPES["bfloat16"]:  # of which and a number NumPy's rules make a float32
            raise NotImplementedError("it is not written for bfloat16")
        return self.xp.asarray(a)

    def _sum(self, a, case):
        """The sum over each clipped window, one shift after another."""
        before, total = (slice(None),) * (case.axis % a.ndim), a.copy()
        for shift in range(1, min(case.depth_radius, a.shape[case.axis] - 1) + 1):
            from_, to = (*before, slice(shift, None)), (*before, slice(None, -shift))
            total[from_] += a[to]
            total[to] += a[from_]
        return total

    def forward(self, case, x):
        a = self._array(x)
        return lambda: a / (case.bias + case.alpha * self._sum(a * a, case)) ** case.beta

    def gradient(self, case, dy, x):
        da, a = self._array(dy), self._array(x)

        def call():
            s = case.bias + case.alpha * self._sum(a * a, case)
            scaled = da * s**-case.beta
            others = self._sum(scaled * a / s, case)
            return scaled - 2 * case.alpha * case.beta * a * others

        return call


class Torch(Subject, peers.Torch):
    """torch.nn.functional.local_response_norm; channels that come last are permuted views,
    which PyTorch calls channels_last. The gradient is autograd's backward pass alone."""

    device = "cuda"

    def _tensor(self, a):
        if a.dtype == DTYPES["bfloat16"]:  # which from_numpy does not know
            return self.torch.from_numpy(a.view(np.int16)).to(self.device).view(self.torch.bfloat16)
        return self.torch.from_numpy(a).to(self.device)

    def forward(self, case, x):
        function, t = self._function(case), self._tensor(x)
        return lambda: function(t)

    def gradient(self, case, dy, x):
        t, dt = self._tensor(x).requires_grad_(), self._tensor(dy)
        y = self._function(case)(t)
        return lambda: self.torch.autograd.grad(y, t, dt, retain_graph=True)[0]

    def array(self, result):
        host = result.detach().cpu()
        if host.dtype == self.torch.bfloat16:
            return host.view(self.torch.int16).numpy().view(DTYPES["bfloat16"])
        return host.numpy()

    def release(self):
        self.torch.cuda.empty_cache()


class TorchCompile(Torch):
    """As torch, compiled by torch.compile for each case alone."""

    def __init__(self):
        super().__init__()
        import torch._functorch.config

        # Compiled backward passes reuse what was saved for them, and could not be repeated.
        torch._functorch.config.donated_buffer = False
        self._compiled = {}

    def _function(self, case):
        if case not in self._compiled:
            self.torch._dynamo.reset()  # else a second shape is compiled for all shapes
            function = super()._function(case)
            self._compiled = {case: self.torch.compile(function, dynamic=False)}
        return self._compiled[case]


class Jax(Subject, peers.Jax):
    """jax.lax.reduce_window, compiled by jax.jit; the gradient is jax.vjp, compiled, which
    computes the window sums of x anew. Its stream is its own."""

    platform = "gpu"

    def __init__(self):
        super().__init__()
        if (found := self.jax.default_backend()) != self.platform:  # JAX itself would go on
            raise NotImplementedError(f"JAX computes on the {found}: its CUDA plugin is not there")
        self._made = {}

    def _compiled(self, function, *arrays):
        arrays = [self.jax.device_put(a) for a in arrays]
        return lambda: function(*arrays)

    def _jitted(self, case, function):
        if case not in self._made:
            self._made = {case: self.jax.jit(function)}
        return self._made[case]

    def forward(self, case, x):
        return self._compiled(self._jitted(case, lambda t: self._lrn(case, t)), x)

    def gradient(self, case, dy, x):
        def pulled(dt, t):
            return self.jax.vjp(lambda u: self._lrn(case, u), t)[1](dt)[0]

        return self._compiled(self._jitted(case, pulled), dy, x)

    def wait(self, result):
        """Return when the last of the results is there."""
        result.block_until_ready()


class JaxShifted(Jax):
    """As jax, with the window sum written out as one addition for each channel of the window."""

    def _sum(self, a, case):
        axis, radius = case.axis % a.ndim, case.depth_radius
        around = [(radius, radius) if at == axis else (0, 0) for at in range(a.ndim)]
        padded, channels = self.jax.numpy.pad(a, around), a.shape[axis]
        slices = self.jax.lax.slice_in_dim
        return sum(slices(padded, k, k + channels, axis=axis) for k in range(case.window))

    def _lrn(self, case, x):
        return x / (case.bias + case.alpha * self._sum(x * x, case)) ** case.beta


SUBJECTS = {
    "copy": Copy,
    "lrnlib": Lrnlib,
    "unfused": Unfused,
    "torch": Torch,
    "torch_compile": TorchCompile,
    "jax": Jax,
    "jax_shifted": JaxShifted,
    "cudnn": Cudnn,
}
