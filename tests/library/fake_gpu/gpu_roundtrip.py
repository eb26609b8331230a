"""Run a public function on CuPy copies of NumPy arrays, so that one test serves all backends.

Views stay views: arrays that overlap on the host overlap on the GPU, with the same strides.
"""

import functools
import sys

import numpy as np

from lrnlib._dispatch import DTYPES

try:
    from numpy.lib.array_utils import byte_bounds
except ImportError:  # NumPy 1
    from numpy import byte_bounds


def gpu_roundtrip(function):
    """Wrap `function` so that backend='cupy' copies its arrays to the GPU and back."""

    @functools.wraps(function)
    def roundtrip(*args, out=None, backend=None, **kwargs):
        if backend != "cupy":
            return function(*args, out=out, backend=backend, **kwargs)
        copies, dtype = Copies(), getattr(args[0], "dtype", None)
        args, gpu_out = [copies.put(a) for a in args], copies.put(out)
        result = function(*args, out=gpu_out, backend=backend, **kwargs)
        x = args[0]
        assert (type(result), result.dtype, result.shape) == (type(x), x.dtype, x.shape)
        if out is None:
            assert result.flags.c_contiguous
            return result.get().astype(dtype, copy=False)
        assert result is gpu_out
        out[...] = result.get().astype(out.dtype, copy=False)
        copies.fetch()
        return out

    return roundtrip


class Copies:
    """GPU copies of the memory blocks that NumPy arrays are views of."""

    def __init__(self):
        self.blocks = {}  # address: bytes on the host and bytes on the GPU

    def put(self, a):
        """Return an array that is the same view of the GPU's block as `a` of the host's.

        Anything but an array that lrnlib accepts is returned as it is.
        """
        if type(a) is not np.ndarray or a.dtype.name not in DTYPES:
            return a
        cupy = sys.modules["cupy"]
        block = a
        while isinstance(block.base, np.ndarray):
            block = block.base
        first = byte_bounds(block)[0]
        if not a.flags.aligned or not a.dtype.isnative or not block.flags.c_contiguous:
            return cupy.asarray(np.array(a, a.dtype.newbyteorder("="), order="C"))
        if first not in self.blocks:
            raw = np.lib.stride_tricks.as_strided(block, (block.size,), (block.itemsize,))
            raw = raw.view(np.uint8)
            self.blocks[first] = raw, cupy.asarray(raw)
        return _view_on_block(cupy, self.blocks[first][1], a.ctypes.data - first, a)

    def fetch(self):
        """Copy all blocks back to the host."""
        for raw, block in self.blocks.values():
            if raw.flags.writeable:
                raw[...] = block.get()


def _view_on_block(cupy, block, offset, a):
    """Return a view with offset, shape, dtype and strides as given on a block of bytes."""
    if hasattr(block, "host"):  # the fake CuPy
        view = np.ndarray(a.shape, a.dtype, block.memory.bytes.data, offset, a.strides)
        return block.view_of(view)
    return cupy.ndarray(a.shape, a.dtype, memptr=block.data + offset, strides=a.strides)
