"""Whether CuPy has a GPU here, and what a record must say about it."""

import datetime
import hashlib
import importlib.util
import subprocess
from pathlib import Path

from lrnlib.book import records

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "lrnlib/backends/lrn.cu"
DRIVER = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")


def missing() -> str | None:
    """Why nothing can run on a GPU here; None where something can."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    import cupy

    return None if cupy.is_available() else "CuPy finds none"


def provenance() -> dict[str, str]:
    """The GPU, the day, the versions and the code that outputs of a GPU come from."""
    import cupy

    runtime = cupy.cuda.runtime
    return {
        "device": runtime.getDeviceProperties(0)["name"].decode(),
        "date": datetime.date.today().isoformat(),
        "driver": (output_of(*DRIVER) or "unknown").splitlines()[0],  # a line for each GPU
        "cuda": cuda_version(runtime.driverGetVersion()),
        "cupy": cupy.__version__,
        "commit": output_of("git", "-C", str(ROOT), "rev-parse", "HEAD") or "unknown",
        "lrn.cu": sha256(KERNELS),
    }


def stale_reason(kernels: Path = KERNELS, folder: Path = records.FOLDER) -> str | None:
    """Why the newest GPU records do not cover these kernels; None where they do."""
    newest = records.newest("gpu", folder)
    if not newest:
        return "no GPU has run lrn.cu yet: `make gpu` on a machine with one"
    here, there = sha256(kernels), [record["lrn.cu"] for record in newest]
    if here in there:
        return None
    return (
        f"lrn.cu has changed since the newest record, of {newest[0]['date']}: its sha256 is "
        f"{here}, the record's {there[0]}; `make gpu` on a machine with a GPU"
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cuda_version(number: int) -> str:
    """13000, as CUDA counts, is 13.0."""
    return f"{number // 1000}.{number % 1000 // 10}"


def output_of(*command: str) -> str | None:
    """What a command prints; None if it fails."""
    try:
        run = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()
