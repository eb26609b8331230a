"""cuDNN's LRN, called through its C library: CuPy 14 has no module for it."""

import contextlib
import ctypes
import importlib.util
from ctypes import byref, c_char_p, c_double, c_float, c_size_t, c_void_p
from pathlib import Path

import numpy as np

from benchmarks.implementations import OnCupy
from lrnlib.conformance.adapters.base import TO_FIRST

NAME = "libcudnn.so.9"
FORMATS = {1: 0, -1: 1}  # by the axis of the channels: CUDNN_TENSOR_NCHW and _NHWC
DTYPES = {"float32": 0, "float16": 2, "bfloat16": 9}
ACROSS_CHANNELS = 0  # CUDNN_LRN_CROSS_CHANNEL_DIM1


def load():
    """The library: the one that PyTorch or JAX has loaded, the system's, or that of the wheel."""
    spec = importlib.util.find_spec("nvidia")
    folders = spec.submodule_search_locations if spec else ()
    wheels = [Path(folder) / "cudnn/lib" / NAME for folder in folders]
    for path in (NAME, *filter(Path.exists, wheels)):
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(str(path))
            library.cudnnGetVersion.restype = c_size_t
            library.cudnnGetErrorString.restype = c_char_p  # the others return a status, an int
            return library
    raise NotImplementedError(f"{NAME} is neither loaded nor in the nvidia-cudnn wheel")


def version():
    """The version of the loaded library, 9.19.0 for 91900; None where there is none."""
    with contextlib.suppress(NotImplementedError):
        number = load().cudnnGetVersion()
        return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


class Library:
    """cuDNN's functions, whose errors are raised with cuDNN's own message."""

    def __init__(self):
        self._library = load()

    def __getattr__(self, name):
        function = getattr(self._library, name)

        def call(*arguments):
            if status := function(*arguments):
                buffer = ctypes.create_string_buffer(256)
                self._library.cudnnGetLastErrorString(buffer, c_size_t(len(buffer)))
                error = self._library.cudnnGetErrorString(status) + b" " + buffer.value
                message = " ".join(error.decode(errors="replace").split())
                raise NotImplementedError(f"{name}: {message[:200]}")

        return call

    def new(self, what):
        """A handle or a descriptor, which is small and lives as long as the process."""
        made = c_void_p()
        getattr(self, f"cudnnCreate{what}")(byref(made))
        return made


class Cudnn(OnCupy):
    """cudnnLRNCrossChannelForward and Backward, in NCHW or NHWC as the case has its channels.
    The gradient has y given; cuDNN's alpha is divided by the window, of at most 16 channels."""

    one, zero = c_float(1), c_float(0)

    def __init__(self):
        super().__init__()
        self.cudnn = Library()
        self.handle = self.cudnn.new("")

    def _call(self, name, case, x, *inputs):
        """A call of the function of that name; it holds the arrays whose addresses it passes."""
        lrn, tensor = self.cudnn.new("LRNDescriptor"), self.cudnn.new("TensorDescriptor")
        parameters = map(c_double, (case.alpha * case.window, case.beta, case.bias))
        self.cudnn.cudnnSetLRNDescriptor(lrn, case.window, *parameters)
        sizes = case.shape if case.axis == 1 else np.take(case.shape, TO_FIRST)
        kind = FORMATS[case.axis], DTYPES[case.dtype]
        self.cudnn.cudnnSetTensor4dDescriptor(tensor, *kind, *map(int, sizes))
        out = self.new_out(x)
        pointers = (part for array in inputs for part in (tensor, c_void_p(array.data.ptr)))
        arguments = (self.handle, lrn, ACROSS_CHANNELS, byref(self.one), *pointers)
        arguments = (*arguments, byref(self.zero), tensor, c_void_p(out.data.ptr))
        function = getattr(self.cudnn, name)

        def call(held=inputs):
            function(*arguments)
            return out

        return call

    def prepare(self, case, x, dy=None):
        a = self.xp.asarray(x)
        forward = self._call("cudnnLRNCrossChannelForward", case, x, a)
        if dy is None:
            return forward
        da = self.xp.asarray(dy)
        return self._call("cudnnLRNCrossChannelBackward", case, x, forward(), da, a)
