"""What the record says about the machine: what changes times, and nothing that names anyone."""

import importlib.metadata
import os
import platform
import re
import subprocess
import tomllib
from pathlib import Path

from tools.gpu import cuda_version, provenance

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "numba", "tensorflow", "torch", "onnxruntime", "onnx", "jax", "jaxlib")
PARTS = ("ml_dtypes", "triton", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
CUPY = ("cupy", "cupy-cuda12x", "cupy-cuda13x")  # its package has several names
THREADS = ("LRNLIB_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def machine():
    """The processor as the system names it, its cores and caches, and the memory."""
    return {
        "cpu": _processor(),
        "architecture": platform.machine(),
        "cores": cores(),
        "memory_gib": _memory(),
        "caches": _caches(),
        "system": _system(),
        "threads_set": {name: os.environ[name] for name in THREADS if name in os.environ},
    }


def _processor():
    information = Path("/proc/cpuinfo")
    if information.exists() and (
        found := re.search(r"model name\s*:\s*(.+)", information.read_text())
    ):
        return found[1].strip()
    return platform.processor() or "unknown"


def cores():
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory():
    """GiB, or None where the system has no such call."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _caches():
    """The first core's caches by name, such as 48K; none where the system does not tell."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (index / name).read_text().strip() for name in ("level", "type", "size")
        )
        found[f"L{level} {kind.lower()}"] = size
    return found


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def versions():
    """Python's, lrnlib's, and those of the libraries that are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {"python": platform.python_version(), "lrnlib": project["version"]}
    for name in (*LIBRARIES, *PARTS, *CUPY):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def gpu():
    """The GPU, its driver, the runtime and the compiler."""
    import cupy

    device, runtime, found = cupy.cuda.Device(), cupy.cuda.runtime, provenance()
    capability = device.compute_capability  # "90" is 9.0
    return {
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


def slug(device):
    """A GPU's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


def source():
    """The commit, whether files differ from it, and the hash of the kernels."""
    found = provenance()
    return {"commit": found["commit"], "changed": _changed(), "lrn.cu": found["lrn.cu"]}


def _changed():
    """Whether git knows of changes; None where there is no git."""
    try:
        status = subprocess.run(["git", "status", "--porcelain"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return bool(status.stdout)
