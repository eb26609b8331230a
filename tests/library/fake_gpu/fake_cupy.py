"""A fake CuPy whose arrays are in host memory and whose kernels run on the CPU.

It has the part of CuPy that lrnlib uses and is as strict: it refuses NumPy arrays, launches
beyond a GPU's limits, and arguments whose type is not that of the kernel's parameter.
"""

import sys
from importlib.machinery import ModuleSpec
from operator import attrgetter
from types import ModuleType, SimpleNamespace

import numpy as np

from tests.library.fake_gpu import host_kernels

GUARD = 64  # bytes of NaN before and after each array, to detect writes there
MAX_SHARED, MAX_GRID = 48 * 1024, (2**31 - 1, 2**16 - 1)

cupy = ModuleType("cupy", __doc__)
cupy.__spec__ = ModuleSpec("cupy", None)


CUDARuntimeError = type("CUDARuntimeError", (RuntimeError,), {})
OutOfMemoryError = type("OutOfMemoryError", (MemoryError,), {})


class Device:
    """A GPU with its number and attributes; one of them is current."""

    compute_capability = "90"
    current = 0

    def __init__(self, number=None):
        self.id = Device.current if number is None else number
        self.attributes = {"MultiProcessorCount": 1}

    def __eq__(self, other):
        return self.id == other.id

    def __enter__(self):
        self.before, Device.current = Device.current, self.id

    def __exit__(self, *_):
        Device.current = self.before


class Memory:
    """Bytes between two guards. All are 0xFF at first, which is NaN in every dtype."""

    def __init__(self, size):
        self.raw = np.full(size + 2 * GUARD + 512, 0xFF, np.uint8)
        self.begin = GUARD + -(self.raw.ctypes.data + GUARD) % 256
        self.end = self.begin + size
        self.bytes = self.raw[self.begin : self.end]
        self.device = Device()

    def check(self):
        """Fail if a kernel has written to a guard."""
        assert np.all(self.raw[: self.begin] == 0xFF), "written before the array"
        assert np.all(self.raw[self.end :] == 0xFF), "written beyond the array"


class ndarray:
    """The part of cupy.ndarray that lrnlib and its tests use."""

    def __init__(self, shape, dtype=float, host=None, memory=None):
        dtype = np.dtype(dtype)
        if memory is None:
            memory = Memory(int(np.prod(shape, dtype=object)) * dtype.itemsize)
            host = memory.bytes.view(dtype).reshape(shape)
        self.host, self.memory = host, memory

    shape, dtype, ndim, size, strides = (
        property(attrgetter(f"host.{k}")) for k in ("shape", "dtype", "ndim", "size", "strides")
    )
    flags = property(lambda self: SimpleNamespace(c_contiguous=self.host.flags.c_contiguous))
    device = property(lambda self: self.memory.device)
    data = property(lambda self: SimpleNamespace(ptr=self.host.ctypes.data))

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __getitem__(self, key):
        return self.view_of(self.host[key])

    def __setitem__(self, key, value):
        if isinstance(value, np.ndarray):
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        self.host[key] = value.host if isinstance(value, ndarray) else value

    def view_of(self, host):
        """Return an array in the same memory, with the layout of `host`."""
        return ndarray(host.shape, host.dtype, host, self.memory)

    def view(self, dtype):
        """Return an array in the same memory, of another dtype of that size."""
        return self.view_of(self.host.view(dtype))

    def reshape(self, *shape):
        """Return an array in the same memory, with another shape."""
        return self.view_of(self.host.reshape(shape))

    def astype(self, dtype):
        return _copy_of(self.host.astype(dtype))

    def copy(self):
        """Return a C-contiguous copy."""
        return _copy_of(self.host)

    def get(self):
        """Return a NumPy copy."""
        return self.host.copy()


def asarray(a, dtype=None):
    return a if isinstance(a, ndarray) else _copy_of(np.asarray(a, dtype))


def ascontiguousarray(a):
    return a if a.flags.c_contiguous else _copy_of(a.host)


def concatenate(arrays, axis=0, *, dtype=None):
    return _copy_of(np.concatenate([a.host for a in arrays], axis, dtype=dtype))


def _copy_of(host):
    new = ndarray(host.shape, host.dtype)
    new.host[...] = host
    return new


def from_dlpack(tensor):
    """Return an array in the memory of another library's, as on a GPU."""
    host = tensor.numpy()
    array = ndarray(host.shape, host.dtype, host, Memory(0))
    array.owner = tensor
    return array


class ExternalStream:
    """A stream of another library, which may be the current one."""

    current = None

    def __init__(self, address, device=None):
        self.address, self.device = address, device

    def __enter__(self):
        self.before, ExternalStream.current = ExternalStream.current, self

    def __exit__(self, *_):
        ExternalStream.current = self.before


class RawModule:
    """The kernels of lrn.cu, by their names in C++."""

    def __init__(self, *, code, options=(), name_expressions=None):
        assert code == host_kernels.SOURCE.read_text()
        assert not any("fast" in option for option in options)
        self.names = name_expressions

    def get_function(self, name):
        assert name in self.names

        def kernel(grid, block, args, *, shared_mem=0):
            blocks = np.array(grid)
            assert np.all((blocks >= 1) & (blocks <= MAX_GRID)), f"grid {grid}"
            max_threads = host_kernels.MAX_THREADS[name.partition("<")[0]]
            assert 1 <= np.prod(block) <= max_threads, f"block {block}"
            assert shared_mem <= MAX_SHARED, f"{shared_mem} bytes of shared memory"
            arrays = [a for a in args if isinstance(a, ndarray)]
            assert all(a.device.id == Device.current for a in arrays), "another device is current"
            host_kernels.launch(name, grid, block, list(map(argument, args)), shared_mem)
            for array in arrays:
                array.memory.check()

        return kernel


def argument(value):
    """Return kind and bytes of an argument, as CuPy converts an array or a number."""
    if isinstance(value, ndarray):
        return b"p", value.data.ptr.to_bytes(8, sys.byteorder)
    if isinstance(value, np.ndarray):
        return b"s", value.tobytes()
    value = np.asarray(value)  # an int becomes int64 and a float float64, as in CuPy
    return {"i": b"i", "f": b"f"}[value.dtype.kind], value.tobytes()


runtime = SimpleNamespace(CUDARuntimeError=CUDARuntimeError, getDeviceCount=lambda: 1)
cupy.__dict__.update(
    __version__="0",
    ndarray=ndarray,
    empty=ndarray,
    asarray=asarray,
    from_dlpack=from_dlpack,
    asnumpy=lambda a: a.get(),
    ascontiguousarray=ascontiguousarray,
    concatenate=concatenate,
    RawModule=RawModule,
    is_available=lambda: True,
    cuda=SimpleNamespace(Device=Device, ExternalStream=ExternalStream, runtime=runtime),
)
ndarray.__module__ = "cupy"
