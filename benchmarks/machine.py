"""What the record says of the machine: what changes times, and nothing that names anyone."""

import importlib.metadata
import os
import platform
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "numpy",
    "numba",
    "tensorflow",
    "torch",
    "onnxruntime",
    "onnx",
    "jax",
    "jaxlib",
    "ml_dtypes",
    "triton",
    "nvidia-cudnn-cu12",
    "nvidia-cudnn-cu13",
)
THREADS = ("LRNLIB_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def machine():
    """The processor as the system names it, its cores and caches, and the memory."""
    return {
        "cpu": processor(),
        "architecture": platform.machine(),
        "cores": cores(),
        "memory_gib": memory(),
        "caches": caches(),
        "system": system(),
        "threads_set": {name: os.environ[name] for name in THREADS if name in os.environ},
    }


def processor():
    """The model's name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        found = re.search(r"model name\s*:\s*(.+)", information.read_text())
        if found:
            return found[1].strip()
    return platform.processor() or "unknown"


def cores():
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def memory():
    """GiB, or None where the system has no such call."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def caches():
    """The first core's caches by name, as 48K; none where the system does not say."""
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (
            (index / name).read_text().strip() for name in ("level", "type", "size")
        )
        found[f"L{level} {kind.lower()}"] = size
    return found


def system():
    """The operating system's name and version."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def versions():
    """Python's, lrnlib's, and those of the libraries that are installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = {"python": platform.python_version(), "lrnlib": project["version"]}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
