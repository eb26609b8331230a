"""The GPU: what it is called, and how long its work takes by its own clock."""

import os
import re
import subprocess
import time
from typing import NamedTuple

from tools.gpu import missing, provenance

# JAX would take three quarters of the memory at once, and leave none for the others.
QUIET = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
HOLD = r"""
extern "C" __global__ void hold(long long nanoseconds) {
  long long now, end;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(end));
  end += nanoseconds;
  do asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)); while (now < end);
}
"""


class NoGpu(Exception):
    """There is nothing to measure on; the message says what is missing."""


class Timing(NamedTuple):
    """Seconds of one call: of the GPU's, and of the host's until the call returned."""

    device: float
    host: float
    queued: bool | None  # all of it before the GPU began; None on a stream that cannot be held


class Device:
    """The current GPU, measured by events on the stream that CuPy and PyTorch share."""

    def __init__(self):
        if reason := missing():
            raise NoGpu(reason)
        import cupy

        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        self._cupy = cupy
        self._device = cupy.cuda.Device()
        self._hold = cupy.RawKernel(HOLD, "hold")
        self.cache = self._device.attributes["L2CacheSize"]

    def measure(self, call, count, hold, wait=None):
        """The time of `count` calls, queued while the GPU does nothing for `hold` seconds.

        `wait` is for results on a stream of their own, which cannot be held: it returns when
        the last result is there, and the first event is recorded by a GPU that is idle.
        """
        cuda = self._cupy.cuda
        start, end = cuda.Event(), cuda.Event()
        self._device.synchronize()
        if wait is None:
            self._hold((1,), (1,), (self._cupy.int64(hold * 1e9),))
        start.record()
        before = time.perf_counter()
        for _ in range(count):
            result = call()
        host = time.perf_counter() - before
        queued = not start.done if wait is None else None
        if wait is not None:
            wait(result)
        end.record()
        end.synchronize()
        seconds = cuda.get_elapsed_time(start, end) / 1000
        return Timing(seconds / count, host / count, queued)

    def versions(self):
        """CuPy's, whose packages have several names."""
        return {"cupy": self._cupy.__version__}

    def describe(self):
        """What changes times: the GPU, its driver, the runtime and the compiler."""
        runtime = self._cupy.cuda.runtime
        memory = runtime.memGetInfo()[1]
        found = provenance()
        capability = self._device.compute_capability  # "90" is 9.0
        return {
            "device": found["device"],
            "compute_capability": f"{capability[:-1]}.{capability[-1]}",
            "multiprocessors": self._device.attributes["MultiProcessorCount"],
            "memory_gib": round(memory / 2**30, 1),
            "l2_mib": round(self.cache / 2**20, 1),
            "driver": found["driver"],
            "driver_cuda": found["cuda"],
            "runtime": _version(runtime.runtimeGetVersion()),
            "nvrtc": ".".join(map(str, self._cupy.cuda.nvrtc.getVersion())),
        }


def _version(number):
    """13000 as 13.0, as CUDA counts."""
    return f"{number // 1000}.{number % 1000 // 10}"


def slug(device):
    """A GPU's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


def source():
    """The commit, whether files differ from it, and the hash of the kernels."""
    found = provenance()
    return {"commit": found["commit"], "changed": _changed(), "lrn.cu": found["lrn.cu"]}


def _changed():
    """Whether git knows of changes; None where there is no git to ask."""
    try:
        said = subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return bool(said.stdout)
