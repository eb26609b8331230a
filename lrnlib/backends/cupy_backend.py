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
Numbers = np.ndarray[Any, Any]

TYPES = {"bfloat16": "Bfloat16", "float16": "Half", "float32": "float", "float64": "double"}
POWERS = {0.5: 2, 0.75: 3, 1.0: 4}  # beta to the template argument P; 0 is any other
OLDEST = 7, 0  # compute capability
EXACT = "exact_bias", "exact_alpha", "exact_beta"  # the struct Numbers of lrn.cu
FIELDS = (
    *("bias", "alpha", "twice_beta", "low", "high", "small", "large", "tiny"),
    *("power_high", "power_low"),
)


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
    """Launch on the device and the current stream; nothing waits for the result."""
    if not out.size:
        return
    _check_device(out.device.id)
    inputs = tuple(map(cupy.ascontiguousarray, inputs))  # a raw kernel knows no strides
    result = out if out.flags.c_contiguous else cupy.empty(out.shape, out.dtype)
    addresses = [array.data.ptr for array in (*inputs, result)]
    shape = _launch_config.Shape(
        math.prod(out.shape[:axis]),
        out.shape[axis],
        math.prod(out.shape[axis + 1 :]),
        out.dtype.itemsize,
        math.gcd(16, *addresses),
    )
    radius = min(p.depth_radius, shape.channels - 1)
    template = TYPES[out.dtype.name], POWERS.get(p.beta, 0)
    launches = plan(shape, radius, template, _processors(out.device.id))
    numbers = _numbers(p, np.dtype(f"f{shape.computed}"))
    operands = [(*inputs, result)]
    if len(launches) > 1:  # the first one writes what the second one reads
        terms = cupy.empty(out.shape, f"f{shape.computed}")
        operands = [(*inputs, terms), (*inputs, terms, result)]
    for launch, arrays in zip(launches, operands, strict=True):
        kernel = _kernel(launch.name, out.device.id)
        args = (*arrays, *launch.sizes, numbers)
        kernel(launch.grid, launch.block, args, shared_mem=launch.shared)
    if result is not out:
        out[...] = result


@lru_cache
def _numbers(p: Parameters, dtype: np.dtype[Any]) -> Numbers:
    """The struct Numbers of lrn.cu."""
    numbers = dict(exact_bias=p.bias, exact_alpha=p.alpha, exact_beta=p.beta)
    numbers |= _extended_range.numbers(p, dtype)
    numbers["tiny"] *= p.alpha != 0  # without alpha nothing can be lost
    fields = [(name, dtype.str) for name in FIELDS]
    struct = np.zeros(1, np.dtype([(name, "f8") for name in EXACT] + fields, align=True))
    for name, value in numbers.items():
        struct[name] = value
    return struct


@cache
def _source() -> str:
    return files("lrnlib.backends").joinpath("lrn.cu").read_text(encoding="utf-8")


@cache
def _kernel(name: str, device: int) -> Callable[..., None]:
    """The compiled kernel, which CuPy also keeps on disk; on the device that is current."""
    module = cupy.RawModule(code=_source(), options=("-std=c++17",), name_expressions=(name,))
    kernel: Callable[..., None] = module.get_function(name)
    return kernel


@cache
def _processors(device: int) -> int:
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return count


@cache
def _check_device(device: int) -> None:
    found = cupy.cuda.Device(device).compute_capability  # "90" is 9.0
    if (int(found[:-1]), int(found[-1])) < OLDEST:
        raise RuntimeError(
            f"CuPy arrays need a GPU of compute capability {OLDEST[0]}.{OLDEST[1]} or higher, "
            f"device {device} has {found[:-1]}.{found[-1]}; use NumPy arrays instead"
        )
