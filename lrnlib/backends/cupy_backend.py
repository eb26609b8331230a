"""LRN on a GPU: the kernels of `lrn.cu`, compiled and launched by CuPy."""

import math
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import cupy
import numpy as np

from lrnlib.backends import _extended_range, _launch_config
from lrnlib.parameters import Parameters

Array = Any  # cupy.ndarray, which has no types

TYPES = {"bfloat16": "Bfloat16", "float16": "Half", "float32": "float", "float64": "double"}
POWERS = {0.5: 2, 0.75: 3, 1.0: 4}  # beta to the template argument P; 0 for any other beta
MIN_COMPUTE_CAPABILITY = 7, 0


def forward(x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write LRN of `x` along `axis` into `out`, which shares no memory with `x`."""
    _run(_launch_config.forward, (x,), axis, p, out)


def gradient(dy: Array, x: Array, axis: int, p: Parameters, out: Array) -> None:
    """Write the gradient of LRN into `out`, which shares no memory with `x` or `dy`."""
    _run(_launch_config.gradient, (x, dy), axis, p, out)


def _run(
    plan: Callable[..., list[_launch_config.Launch]],
    inputs: tuple[Array, ...],
    axis: int,
    p: Parameters,
    out: Array,
) -> None:
    """Launch on the current device and stream; do not wait for the result."""
    if not out.size:
        return
    processors = _multiprocessors(out.device.id)
    inputs = tuple(map(cupy.ascontiguousarray, inputs))  # the kernels ignore strides
    result = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    addresses = [array.data.ptr for array in (*inputs, result)]
    shape = _launch_config.Shape(
        math.prod(out.shape[:axis]),
        out.shape[axis],
        math.prod(out.shape[axis + 1 :]),
        out.dtype.itemsize,
        math.gcd(16, *addresses),
    )
    before, after = (min(side, shape.channels - 1) for side in p.reach)
    template = TYPES[out.dtype.name], POWERS.get(p.beta, 0)
    launches = plan(shape, (before, after), template, processors)
    constants = _kernel_constants(p, np.dtype(f"f{shape.computed_itemsize}"))
    arrays = [inputs[0], inputs[-1], result]  # forward kernels do not read the second one
    if launches[0].name.startswith("any_window"):
        both = len(launches) > 1  # the first one writes the terms that the second one sums
        arrays.append(cupy.empty(out.shape, f"f{shape.computed_itemsize}") if both else result)
    for launch in launches:
        kernel = _kernel(launch.name, out.device.id)
        args = (*arrays, *launch.sizes, constants)
        kernel(launch.grid, launch.block, args, shared_mem=launch.shared)
    if result is not out:
        out[...] = result


@lru_cache
def _kernel_constants(p: Parameters, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Return the struct Constants of lrn.cu; the order of its fields is the same."""
    exact = dict(exact_bias=p.bias, exact_alpha=p.alpha, exact_beta=p.beta)
    in_dtype = _extended_range.kernel_constants(p, dtype)
    in_dtype["min_normal"] *= p.alpha != 0  # without alpha no term can underflow
    fields = [(name, "f8") for name in exact] + [(name, dtype.str) for name in in_dtype]
    values = (*exact.values(), *in_dtype.values())
    return np.array([values], np.dtype(fields, align=True))


@cache
def _kernel(name: str, device: int) -> Callable[..., None]:
    """Return the kernel, compiled for the current device; CuPy also caches it on disk."""
    source = files("lrnlib.backends").joinpath("lrn.cu").read_text(encoding="utf-8")
    module = cupy.RawModule(code=source, options=("-std=c++17",), name_expressions=(name,))
    kernel: Callable[..., None] = module.get_function(name)
    return kernel


@cache
def _multiprocessors(device: int) -> int:
    """Return how many multiprocessors a GPU has; raise RuntimeError if it is too old."""
    found = cupy.cuda.Device(device).compute_capability  # "90" means 9.0
    if (int(found[:-1]), int(found[-1])) < MIN_COMPUTE_CAPABILITY:
        needed = ".".join(map(str, MIN_COMPUTE_CAPABILITY))
        raise RuntimeError(
            f"CuPy arrays need a GPU of compute capability {needed} or higher, "
            f"device {device} has {found[:-1]}.{found[-1]}; use NumPy arrays instead"
        )
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return count
