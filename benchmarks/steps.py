"""The steps of chapter numpy_backend on one thread; its functions are read from the notebook."""

import ast
import os
import time
from unittest import mock

import nbformat
import numba
import numpy as np

import lrnlib
from benchmarks.accuracy import round_significant
from tools.gpu import ROOT

CHAPTER = ROOT / "chapters" / "numpy_backend.ipynb"
BEGINNINGS = ("def loops(", "def direct_sum(", "def blocks(", "@numba.njit(")
PARAMETERS = (2, 2, 0.4, 0.75)
PIXELS, LOOPED, CHANNELS = 16 * 55 * 55, 40, 96  # of AlexNet's first LRN; Python's loops get few


def functions():
    """Those that the chapter's cells define."""
    cells = nbformat.read(CHAPTER, as_version=4).cells
    found = {"np": np, "numba": numba}
    for beginning in BEGINNINGS:
        (source,) = (cell.source for cell in cells if cell.source.startswith(beginning))
        defined = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        exec(compile(ast.Module(defined, []), str(CHAPTER), "exec"), found)
    return found


def step_times(rounds=5, pixels=PIXELS):
    """Nanoseconds an element of each step, the median of several rounds that take turns."""
    x = np.random.default_rng(0).normal(size=(pixels, CHANNELS)).astype(np.float32)
    y, few, by = np.empty_like(x), x[:LOOPED], functions()
    constants = np.float32(PARAMETERS[1]), np.float32(PARAMETERS[2])
    calls = {
        "loops": (few, lambda: by["loops"](few, *PARAMETERS)),
        "shifts": (x, lambda: by["shifts"](x, *PARAMETERS)),
        "blocks": (x, lambda: by["blocks"](x, 500, *PARAMETERS)),
        "compiled": (x, lambda: by["compiled"](x, y, (0,) * 5, *constants)),
        "numpy_out": (x, lambda: lrnlib.lrn(x, *PARAMETERS, out=y)),
        "numba_out": (x, lambda: lrnlib.lrn(x, *PARAMETERS, out=y, backend="numba")),
    }
    times = {name: [] for name in calls}
    with mock.patch.dict(os.environ, LRNLIB_NUM_THREADS="1"):
        for turn in range(rounds + 1):
            for name, (values, call) in calls.items():
                begin = time.perf_counter()
                call()
                if turn:  # in the first, Numba compiles
                    times[name].append((time.perf_counter() - begin) / values.size * 1e9)
    return {name: round_significant(np.median(each)) for name, each in times.items()}
