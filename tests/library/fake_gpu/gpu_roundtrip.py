"""The public functions for NumPy arrays that are computed as CuPy arrays.

So one test body serves every backend. Views stay views: arrays that overlap in the host's
memory overlap in the GPU's, and lie in it with the same strides.
"""

import functools
import sys

import numpy as np

try:
    from numpy.lib.array_utils import byte_bounds
except ImportError:  # NumPy 1
    from numpy import byte_bounds


def gpu_roundtrip(function):
    """`function`, which for backend='cupy' moves its arrays copies and back."""

    @functools.wraps(function)
    def roundtrip(*args, out=None, backend=None, **kwargs):
        if backend != "cupy":
            return function(*args, out=out, backend=backend, **kwargs)
        copies, dtype = Copies(), getattr(args[0], "dtype", None)
        args = [copies.put(a) if _is_supported(a) else a for a in args]
        given = copies.put(out) if _is_supported(out) else out
        result = function(*args, out=given, backend=backend, **kwargs)
        x = args[0]
        assert (type(result), result.dtype, result.shape) == (type(x), x.dtype, x.shape)
        if out is None:
            assert result.flags.c_contiguous
            return result.get().astype(dtype, copy=False)
        assert result is given
        out[...] = result.get().astype(out.dtype, copy=False)
        copies.fetch()
        return out

    return roundtrip


def _is_supported(a):
    return type(a) is np.ndarray and a.dtype.name in ("bfloat16", "float16", "float32", "float64")


class Copies:
    """The GPU's copies of blocks of the host's memory."""

    def __init__(self):
        self.blocks = {}  # by their addresses: the host's bytes, and the GPU's

    def put(self, a):
        """An array on the GPU that lies in its block as `a` lies in the host's."""
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
        """Bring back what a call has written, wherever it has."""
        for raw, block in self.blocks.values():
            if raw.flags.writeable:
                raw[...] = block.get()


def _view_on_block(cupy, block, offset, a):
    """The elements of a block of bytes that begin at `offset` and lie as those of `a`."""
    if hasattr(block, "host"):  # the stand-in
        view = np.ndarray(a.shape, a.dtype, block.memory.bytes.data, offset, a.strides)
        return block.view_of(view)
    return cupy.ndarray(a.shape, a.dtype, memptr=block.data + offset, strides=a.strides)
