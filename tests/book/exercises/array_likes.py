"""Array-likes that stand in for other libraries' tensors."""

import numpy as np


class Tensor:
    """Converts to a NumPy array, as TensorFlow's and PyTorch's tensors do."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


class RecordingTensor(Tensor):
    """Refuses to convert, as PyTorch's tensors do while they record a gradient."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
