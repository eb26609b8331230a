"""What the record says about the machine: what changes times, and nothing that names anyone."""

import contextlib
import importlib.metadata
import os
import platform
import re
import tomllib
from pathlib import Path

from tools.gpu import ROOT, cuda_version, output_of, provenance

LIBRARIES = (
    "numpy",
    "numba",
    "tensorflow",
    "keras",
    "torch",
    "onnxruntime",
    "onnx",
    "jax",
    "dask",
    "distributed",
    "zarr",
)
PARTS = ("jaxlib", "ml_dtypes", "triton", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
CUPY = ("cupy", "cupy-cuda12x", "cupy-cuda13x")  # its package has several names
THREAD_VARIABLES = ("LRNLIB_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def machine():
    """The processor as the system names it, its cores and caches, and the memory."""
    return {
        "cpu": _processor(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gib": _memory(),
        "caches": _caches(),
        "system": _system(),
        "threads_set": {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ},
    }


def _processor():
    with contextlib.suppress(OSError):
        if found := re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()):
            return found[1].strip()
    return platform.processor() or "unknown"


def _memory():
    """GiB, or None where the system has no such call."""
    with contextlib.suppress(AttributeError, ValueError):
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _caches():
    """The first core's caches by name, such as 48K; none where the system does not tell."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        names = ("level", "type", "size")
        level, kind, size = ((index / name).read_text().strip() for name in names)
        found[f"L{level} {kind.lower()}"] = size
    return found


def last_level_cache():
    """The bytes of the largest cache, or of a common one where the system does not tell."""
    sizes = [size.removesuffix("K") for size in _caches().values()]
    return max((1024 * int(size) for size in sizes if size.isdecimal()), default=2**25)


def _system():
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{platform.system()} {platform.release()}"


def versions():
    """Python's, lrnlib's, and those of the libraries that are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {"python": platform.python_version(), "lrnlib": project["version"]}
    for name in (*LIBRARIES, *PARTS, *CUPY):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def gpu():
    """The GPU, its driver, the runtime and the compiler, and the source of the kernels."""
    import cupy

    device, runtime, found = cupy.cuda.Device(), cupy.cuda.runtime, provenance()
    capability = device.compute_capability  # "90" is 9.0
    hardware = {
        "device": found["device"],
        "compute_capability": f"{capability[:-1]}.{capability[-1]}",
        "multiprocessors": device.attributes["MultiProcessorCount"],
        "memory_gib": round(runtime.memGetInfo()[1] / 2**30, 1),
        "l2_mib": round(device.attributes["L2CacheSize"] / 2**20, 1),
        "driver": found["driver"],
        "driver_cuda": found["cuda"],
        "runtime": cuda_version(runtime.runtimeGetVersion()),
        "nvrtc": ".".join(map(str, cupy.cuda.nvrtc.getVersion())),
    }
    status = output_of("git", "status", "--porcelain")
    changed = None if status is None else bool(status)
    source = {"commit": found["commit"], "changed": changed, "lrn.cu": found["lrn.cu"]}
    return {"gpu": hardware, **source}
