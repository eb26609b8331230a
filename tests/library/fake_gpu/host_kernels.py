"""lrn.cu compiled for the CPU, as C++ with `cuda.h`."""

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from lrnlib import backends
from tools.repository import ROOT

HERE = Path(__file__).parent
SOURCE = Path(backends.__file__).with_name("lrn.cu")
MAX_THREADS = {  # threads per block, by the name of the kernel
    name: int(most)
    for most, name in re.findall(r"__launch_bounds__\((\d+).*\)\s+(\w+)\(", SOURCE.read_text())
}
BUILD = ROOT / "_build" / "kernels"
COMPILER = (shutil.which("g++") or shutil.which("clang++")) if sys.platform == "linux" else None
OPTIONS = ("-std=c++17", "-O0", "-fPIC", "-ffp-contract=off", "-fsanitize=alignment", "-w")

ITEMSIZES = {"Bfloat16": 2, "Half": 2, "float": 4, "double": 8}  # bytes of a value of each type
POWERS = 0, 2, 3, 4
RADII = range(8)
VECTOR_BYTES = {  # of the kernels that are compiled for each radius, forward and gradient
    ("channels_last", "false"): 16,
    ("channels_last", "true"): 16,
    ("channels_first", "false"): 16,
    ("channels_first", "true"): 8,
}
ANY_RADIUS = {"all_channels": ("false", "true"), "any_window": ("FORWARD", "TERMS", "GRADIENT")}

HALF = """
inline float load(Half a) { _Float16 f; memcpy(&f, &a.bits, 2); return f; }
inline void store(float f, Half& a) { _Float16 h = f; memcpy(&a.bits, &h, 2); }
"""
OUTCOMES = {
    1: "the number of arguments is wrong",
    2: "an argument has another type than the kernel's parameter",
    3: "a vector is loaded from or stored to an address that is not a multiple of its size",
    4: "the kernel writes beyond its shared memory",
}


def instantiations(values):
    """Return the names of all kernels that can be launched for values of one type."""
    return [
        f"{kernel}<{values}, {vector}, {radius}, {power}, {gradient}>"
        for (kernel, gradient), max_bytes in VECTOR_BYTES.items()
        for vector in sorted({1, max_bytes // ITEMSIZES[values]})
        for radius in RADII
        for power in POWERS
    ] + [
        f"{kernel}<{values}, {power}, {part}>"
        for kernel, parts in ANY_RADIUS.items()
        for part in parts
        for power in POWERS
    ]


def program(values):
    """Return C++ that includes cuda.h and lrn.cu, with an entry point for each kernel."""
    entries = [f"KERNEL({k}, {name})" for k, name in enumerate(instantiations(values))]
    return "\n".join(['#include "cuda.h"', f'#include "{SOURCE.name}"', HALF, *entries])


def compile_all():
    """Compile the kernels for every type of values, as many at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(library, ITEMSIZES))


@cache
def library(values):
    """Return the kernels for values of one type, compiled once for each version of lrn.cu."""
    texts = (program(values), SOURCE.read_text(), (HERE / "cuda.h").read_text(), *OPTIONS)
    path = BUILD / hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16] / f"{values}.so"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # only one test process compiles
        if not path.exists():
            compile_cpp(program(values), path)
    return ctypes.CDLL(str(path))


def compile_cpp(text, path):
    """Make a shared library of C++ that includes cuda.h."""
    source, compiled = path.with_suffix(".cpp"), path.with_suffix(".o")
    source.write_text(text)
    # A separate link step, so that cuda.h's handler of misaligned addresses is called.
    for step in (
        (*OPTIONS, f"-I{HERE}", f"-I{SOURCE.parent}", "-c", str(source), "-o", str(compiled)),
        ("-shared", str(compiled), "-o", str(path.with_suffix(".new"))),
    ):
        subprocess.run([COMPILER, *step], check=True, capture_output=True, text=True)
    path.with_suffix(".new").rename(path)
    compiled.unlink()


class Argument(ctypes.Structure):
    """The struct of cuda.h: address, size and kind of a value."""

    _fields_ = [("value", ctypes.c_void_p), ("size", ctypes.c_size_t), ("kind", ctypes.c_char)]


def launch(name, grid, block, arguments, shared):
    """Run a kernel block by block; `arguments` are pairs of a kind and bytes."""
    values = name.partition("<")[2].partition(",")[0]
    entry = library(values)[f"kernel_{instantiations(values).index(name)}"]
    run(name, entry, grid, block, arguments, shared)


def run(name, entry, grid, block, arguments, shared=0):
    """Call an entry point of cuda.h."""
    buffers = [(kind, ctypes.create_string_buffer(data, len(data))) for kind, data in arguments]
    triples = [(ctypes.addressof(buffer), len(buffer), kind) for kind, buffer in buffers]
    c_arguments = (Argument * len(arguments))(*triples)
    sizes = (ctypes.c_uint * 4)(*grid, *block)
    outcome = entry(sizes, c_arguments, len(arguments), ctypes.c_size_t(shared))
    if outcome:
        raise AssertionError(f"{name}: {OUTCOMES[outcome]}")
