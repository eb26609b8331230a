"""An array-like that stands in for other libraries' tensors."""

import numpy as np


class Tensor:
    """Converts to a NumPy array; one made of an error raises it, as PyTorch's may."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.values, Exception):
            raise self.values
        return np.array(self.values, dtype)
