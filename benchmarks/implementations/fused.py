"""What LRN could take at best: a copy with all threads, and fused.c on the same threads."""

import ctypes
import os
import platform
import shutil
import subprocess
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.implementations import Copy, Implementation
from lrnlib.backends import _threads

SOURCE = Path(__file__).parents[1] / "fused.c"
# Square roots become vector instructions only where they need not set errno or raise.
FLAGS = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-shared")
WIDEST = {"x86_64": ("-mprefer-vector-width=512",)}  # else compilers stop at 8 of 16 lanes


def parts(count):
    """Where each thread begins and ends: as many as lrnlib has."""
    threads = _threads.available()
    return list(pairwise(count * k // threads for k in range(threads + 1)))


def copy_in_parts(out, a):
    """np.copyto, a part in each thread."""
    out, a = out.reshape(-1), a.reshape(-1)
    _threads.run([partial(np.copyto, out[b:e], a[b:e]) for b, e in parts(a.size)])


class CopyThreads(Copy):
    """np.copyto into an array given, on as many threads as lrnlib: the bound."""

    copy = staticmethod(copy_in_parts)


def compiler():
    """The system's C compiler, or the one that CC names."""
    names = (os.environ.get("CC"), "cc", "gcc", "clang")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise NotImplementedError("there is no C compiler: install one, or name it in CC")
    return found


def version():
    """The first line of what the compiler says of itself, or None."""
    try:
        command = [compiler(), "--version"]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    except (NotImplementedError, OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.splitlines()[0]


def compiled(folder):
    """fused.c as a function."""
    library = Path(folder) / "fused.so"
    flags = (*FLAGS, *WIDEST.get(platform.machine(), ()))
    command = [compiler(), *flags, str(SOURCE), "-o", str(library), "-lm"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"the C compiler failed: {(run.stderr.splitlines() or [''])[-1]}")
    function = ctypes.CDLL(str(library)).fused
    sizes, numbers = [ctypes.c_size_t] * 2, [ctypes.c_float] * 2
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *sizes, *numbers]
    return function


class FusedC(Implementation):
    """benchmarks/fused.c, one pass that the system's compiler vectorizes, on as many threads as
    lrnlib, into an array given. It has depth_radius 2, beta 0.75 and channels that come last."""

    given_out = True
    ops = ("forward",)

    def __init__(self):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            self._function = compiled(folder)

    def prepare(self, case, x, dy=None):
        if (case.depth_radius, case.beta, case.axis % x.ndim) != (2, 0.75, x.ndim - 1):
            raise NotImplementedError("it has depth_radius 2, beta 0.75 and channels last only")
        y, channels = self.new_out(x), x.shape[-1]
        numbers = channels, case.bias, case.alpha

        def part(begin, end):
            skipped = begin * channels * x.itemsize
            arrays = x.ctypes.data + skipped, y.ctypes.data + skipped
            if not self._function(*arrays, end - begin, *numbers):
                raise NotImplementedError(f"it has no room for {channels} channels")

        tasks = [partial(part, *each) for each in parts(x.size // channels)]

        def call():
            _threads.run(tasks)
            return y

        return call
