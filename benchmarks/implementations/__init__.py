"""What is measured: for a case, each implementation makes the call that its users would write."""

import numpy as np

import lrnlib


class Implementation:
    """One way to compute LRN. It imports its library when it is made."""

    given_out = False  # whether the result goes into an array that existed before the call
    checks_accuracy = True  # False where another implementation has the same results
    ops = ("forward", "gradient")  # what it is measured in
    wait = None  # waits for a result that is computed on a CUDA stream of its own
    xp = np  # the library of its arrays

    def forward(self, case, x):
        """A call without arguments that computes LRN of `x`."""
        raise NotImplementedError("it has no forward call of its own")

    def gradient(self, case, dy, x):
        """A call without arguments that computes the gradient with respect to `x`."""
        raise NotImplementedError("it has no gradient")

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
    """The copy of an array into another one, by `copy(to, from)`."""

    given_out = True
    checks_accuracy = False
    copy = staticmethod(np.copyto)

    def forward(self, case, x):
        a, out = self.xp.asarray(x), self.new_out(x)

        def call():
            self.copy(out, a)
            return out

        return call

    def gradient(self, case, dy, x):
        return self.forward(case, x)


class Lrnlib(Implementation):
    """lrnlib's two functions."""

    backend = None

    def _options(self, case, x):
        options = case.lrn_parameters.to_tensorflow() | {"axis": case.axis}
        if self.backend:
            options["backend"] = self.backend
        return options | ({"out": self.new_out(x)} if self.given_out else {})

    def forward(self, case, x):
        a, options = self.xp.asarray(x), self._options(case, x)
        return lambda: lrnlib.local_response_normalization(a, **options)

    def gradient(self, case, dy, x):
        da, a, options = self.xp.asarray(dy), self.xp.asarray(x), self._options(case, x)
        return lambda: lrnlib.local_response_normalization_grad(da, a, **options)
