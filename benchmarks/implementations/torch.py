"""lrnlib's function for PyTorch and PyTorch's own: their parts of a training step on a CPU."""

from benchmarks.implementations import cpu


class Own(cpu.TorchBoth):
    """torch.nn.functional.local_response_norm; channels that come last are permuted views, which
    PyTorch calls channels_last. The gradient is the forward and the backward pass together."""

    ops = ("forward", "gradient")

    def prepare(self, case, x, dy=None):
        if dy is not None:
            return super().prepare(case, x, dy)
        return cpu.Torch.prepare(self, case, x)


class Lrnlib(Own):
    """lrnlib.torch.local_response_norm on Numba, called in the same way."""

    def lrn(self):
        import lrnlib.torch

        return lrnlib.torch.local_response_norm


IMPLEMENTATIONS = {"lrnlib": Lrnlib, "torch": Own}
