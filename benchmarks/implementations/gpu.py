"""lrnlib on CuPy, unfused CuPy, PyTorch, JAX, cuDNN and a copy on a GPU."""

from benchmarks import implementations
from benchmarks.accuracy import window_sum
from benchmarks.implementations import Lrnlib, OnCupy, cpu
from benchmarks.implementations.cudnn import Cudnn


class Copy(OnCupy, implementations.Copy):
    """cudaMemcpyAsync from one array to another on the same GPU."""

    @staticmethod
    def copy(out, a):
        out.data.copy_from_device_async(a.data, a.nbytes)


class LrnlibCupy(OnCupy, Lrnlib):
    """lrnlib on CuPy arrays, into an array given as `out`."""

    given_out = True


class Unfused(OnCupy):
    """The formula in whole CuPy arrays: a kernel and a pass over memory for each operation."""

    def _scale(self, a, case):
        return case.bias + case.alpha * window_sum(a * a, case.depth_radius, case.axis)

    def prepare(self, case, x, dy=None):
        if case.dtype == "bfloat16":  # with a Python number NumPy makes it float32
            raise NotImplementedError("it is not written for bfloat16")
        a = self.xp.asarray(x)
        if dy is None:
            return lambda: a / self._scale(a, case) ** case.beta
        da = self.xp.asarray(dy)

        def call():
            s = self._scale(a, case)
            scaled = da * s**-case.beta
            others = window_sum(scaled * a / s, case.depth_radius, case.axis)
            return scaled - 2 * case.alpha * case.beta * a * others

        return call


class Torch(cpu.Torch):
    device = "cuda"

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


class Jax(cpu.Jax):
    """jax.lax.reduce_window, compiled by jax.jit; the gradient is jax.vjp, compiled, which
    computes the window sums of x anew. Its stream is its own."""

    def __init__(self):
        super().__init__()
        if (found := self.jax.default_backend()) != "gpu":  # JAX would silently use the CPU
            raise NotImplementedError(f"JAX computes on the {found}: its CUDA plugin is not there")
        self._compiled = {}

    def _call(self, case, function, *arrays):
        if case not in self._compiled:
            self._compiled = {case: self.jax.jit(function)}
        compiled, arrays = self._compiled[case], [self.jax.device_put(a) for a in arrays]
        return lambda: compiled(*arrays)

    def wait(self, result):
        """Return when the last of the results is there."""
        result.block_until_ready()


class JaxShifted(Jax):
    """As jax, with the window sum written out as one addition for each channel of the window."""

    def _sum(self, a, case):
        axis, radius = case.axis % a.ndim, case.depth_radius
        padding = [(radius, radius) if at == axis else (0, 0) for at in range(a.ndim)]
        padded, channels = self.jax.numpy.pad(a, padding), a.shape[axis]
        slices = self.jax.lax.slice_in_dim
        return sum(slices(padded, k, k + channels, axis=axis) for k in range(case.window))

    def _lrn(self, case, x):
        return x / (case.bias + case.alpha * self._sum(x * x, case)) ** case.beta


IMPLEMENTATIONS = {
    "copy": Copy,
    "lrnlib": LrnlibCupy,
    "unfused": Unfused,
    "torch": Torch,
    "torch_compile": TorchCompile,
    "jax": Jax,
    "jax_shifted": JaxShifted,
    "cudnn": Cudnn,
}
