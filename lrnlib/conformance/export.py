"""Export the vectors as files for implementers in any language."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from lrnlib.conformance.adapters.base import version
from lrnlib.conformance.vector import PROPERTIES, Vector
from lrnlib.conformance.vectors import vectors
from lrnlib.conventions import CONVENTIONS
from lrnlib.parameters import Parameters

FORMULA = (
    "y[i] = x[i] / (bias + alpha * sum of x[j]**2 for j from max(0, i - depth_radius) to "
    "min(channels - 1, i + depth_radius)) ** beta, along the last axis; where depth_radius is a "
    "pair, from max(0, i - depth_radius[0]) to min(channels - 1, i + depth_radius[1])"
)
READING = {
    "files": "NumPy's npz: a zip of arrays in the npy format; x, expected and allowed; vectors "
    "of the gradient by x also have dy, the gradient by y",
    "layout": "all arrays are (batch, height, width, channels); for channels first, transpose "
    "by (0, 3, 1, 2)",
    "types": "x and dy have the dtype named, but bfloat16 is stored as float32, which holds "
    "each of its numbers; expected and allowed are float64",
    "to pass": "the result has the dtype of x; it is NaN exactly where expected is NaN, and "
    "elsewhere differs from it by at most allowed; the sign of a zero does not count",
    "left out": "properties without a vector here; those of bfloat16 need ml_dtypes",
    "parameters": "the four numbers of the formula, under lrnlib, and the same as arguments of "
    "each framework; null where it does not accept them, so that the vector does not apply there",
}


def export(directory: str | os.PathLike[str]) -> Path:
    """Write each vector as ``NAME.npz``, and a ``manifest.json`` that describes them.

    Parameters
    ----------
    directory : path-like
        A folder that does not exist yet, or is empty. After an error it is as it was before.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    FileExistsError
        If it is a file, or a folder that is not empty.
    """
    target = Path(directory).resolve()
    existed = target.exists()
    if existed and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(
            f"{os.fspath(directory)!r} exists and is not an empty folder; name another"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}.{os.getpid()}"
    temporary.mkdir()
    try:
        for vector in vectors():
            np.savez(temporary / f"{vector.name}.npz", **_arrays(vector))
        manifest = json.dumps(_manifest(), indent=2, ensure_ascii=False) + "\n"
        (temporary / "manifest.json").write_text(manifest, encoding="utf-8")
        if existed:
            _move_into(target, temporary)
        else:
            temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _move_into(target: Path, source: Path) -> None:
    """Move the files into an existing folder, which keeps its mode."""
    try:
        for path in source.iterdir():
            path.replace(target / path.name)
    except OSError:
        for path in target.iterdir():
            path.unlink()
        raise


def _arrays(vector: Vector) -> dict[str, Any]:
    def stored(array: Any) -> Any:
        return array.astype(np.float32) if vector.dtype == "bfloat16" else array

    arrays = {"x": stored(vector.x), "expected": vector.expected, "allowed": vector.tolerance}
    return arrays if vector.dy is None else arrays | {"dy": stored(vector.dy)}


def _manifest() -> dict[str, Any]:
    return {
        "format": 1,
        "lrnlib": version("lrnlib"),
        "formula": FORMULA,
        "how to read": READING,
        "properties": dict(PROPERTIES),
        "left out": [name for name in PROPERTIES if name not in {v.property for v in vectors()}],
        "vectors": [
            {
                "name": vector.name,
                "file": f"{vector.name}.npz",
                "property": vector.property,
                "asks for": "forward" if vector.dy is None else "gradient",
                "detects": vector.detects,
                "dtype": vector.dtype,
                "shape": list(vector.x.shape),
                "parameters": _for_all_frameworks(vector.parameters),
            }
            for vector in vectors()
        ],
    }


def _for_all_frameworks(p: Parameters) -> dict[str, Any]:
    arguments: dict[str, Any] = {"lrnlib": vars(p)}
    for framework in CONVENTIONS:
        try:
            arguments[framework] = p.to_framework(framework)
        except ValueError:  # out of the framework's range, or no such window
            arguments[framework] = None
    return arguments
