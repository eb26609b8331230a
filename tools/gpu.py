"""Whether CuPy has a GPU here, and what a record must say of it."""

import datetime
import hashlib
import importlib.util
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "lrnlib/backends/lrn.cu"


def missing() -> str | None:
    """Why nothing can run on a GPU here; None where something can."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    import cupy

    return None if cupy.is_available() else "CuPy finds none"


def provenance() -> dict[str, str]:
    """On what, when and from which code outputs are made that need a GPU."""
    import cupy

    runtime = cupy.cuda.runtime
    return {
        "device": runtime.getDeviceProperties(0)["name"].decode(),
        "date": datetime.date.today().isoformat(),
        "driver": _said_by("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"),
        "cuda": _version(runtime.driverGetVersion()),
        "cupy": cupy.__version__,
        "commit": _said_by("git", "-C", str(ROOT), "rev-parse", "HEAD"),
        "lrn.cu": hashlib.sha256(KERNELS.read_bytes()).hexdigest(),
    }


def _version(number: int) -> str:
    """13000 as 13.0, as CUDA counts."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _said_by(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.splitlines()[0] if said else "unknown"
