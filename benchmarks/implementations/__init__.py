"""What is measured: for a case, each implementation makes the call that its users would write."""

import numpy as np

import lrnlib


class Implementation:
    """One way to compute LRN. It imports its library when it is made."""

    given_out = False  # whether the result goes into an array that existed before the call
    ops = ("forward", "gradient")  # what it is measured in
    copies = False  # whether it computes no LRN, but copies `x`
    wait = None  # waits for a result that is computed on a CUDA stream of its own
    xp = np  # the library of its arrays

    def prepare(self, case, x, dy=None):
        """A call without arguments that computes LRN of `x`, or with `dy` the gradient by `x`."""
        raise NotImplementedError

    def array(self, result):
        """The result of a call as a NumPy array in the layout of `x`."""
        return np.asarray(result)

    def new_out(self, x):
        """An array whose pages exist before the first call; a value left unwritten stays NaN."""
        return self.xp.asarray(np.full_like(x, np.nan))

    def release(self):
        """Give unused GPU memory back for the next implementation."""


class OnCupy(Implementation):
    """Computes on CuPy arrays."""

    def __init__(self):
        import cupy

        self.xp = cupy

    def array(self, result):
        return result.get()

    def release(self):
        self.xp.get_default_memory_pool().free_all_blocks()


class Copy(Implementation):
    """np.copyto into an array given, on one thread: reads 4 and writes 4 bytes an element."""

    given_out = copies = True
    copy = staticmethod(np.copyto)

    def prepare(self, case, x, dy=None):
        a, out = self.xp.asarray(x), self.new_out(x)

        def call():
            self.copy(out, a)
            return out

        return call


class Lrnlib(Implementation):
    """lrnlib's two functions."""

    backend = None

    def prepare(self, case, x, dy=None):
        options = case.lrn_parameters.to_tensorflow() | {"axis": case.axis}
        options |= {"backend": self.backend} if self.backend else {}
        options |= {"out": self.new_out(x)} if self.given_out else {}
        a = self.xp.asarray(x)
        if dy is None:
            return lambda: lrnlib.local_response_normalization(a, **options)
        da = self.xp.asarray(dy)
        return lambda: lrnlib.local_response_normalization_grad(da, a, **options)
