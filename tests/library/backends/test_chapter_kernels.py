"""The kernels that the chapter on GPUs shows whole are right, and NVIDIA's compiler takes them."""

import ctypes
import functools
import re

import nbformat
import numpy as np
import pytest

import lrnlib
from benchmarks import machine_code
from tests.backends_under_test import BACKENDS, needs_fake_gpu
from tools.repository import ROOT

if "cupy" not in BACKENDS:
    pytest.skip("neither a GPU nor a C++ compiler to run the kernels", allow_module_level=True)

import cupy

from tests.library.fake_gpu import fake_cupy, host_kernels, nvrtc

ON_THE_HOST = """
#include "cuda.h"
struct Half { unsigned short bits; };
inline float load(Half) { return 0; }
inline void store(float, Half&) {}
struct alignas(16) float4 { float x, y, z, w; };
inline float rsqrtf(float s) { return approximate_rsqrt(s); }
"""


@pytest.fixture(scope="module")
def chapter():
    """What the cells define that hold a kernel or launch one."""
    found = {"np": np}
    for cell in nbformat.read(ROOT / "chapters/cupy_backend.ipynb", 4).cells:
        if re.match(r"(FIRST|FOUR) = |def launch", cell.source):
            exec(cell.source, found)
    return found


@pytest.fixture(autouse=True)
def _host_compiler(monkeypatch, tmp_path):
    """A RawKernel of the fake CuPy, from any source."""

    @functools.cache
    def compiled(source, name):
        path = tmp_path / f"{abs(hash(source))}.so"
        host_kernels.compile_cpp(f"{ON_THE_HOST}{source}\nKERNEL(0, {name})\n", path)
        return ctypes.CDLL(str(path)).kernel_0

    class RawKernel:
        def __init__(self, source, name):
            self.name, self.entry = name, compiled(source, name)

        def __call__(self, grid, block, args):
            pairs = list(map(fake_cupy.argument, args))
            host_kernels.run(self.name, self.entry, (*grid, 1), (*block, 1), pairs)
            for array in (a for a in args if isinstance(a, cupy.ndarray)):
                array.memory.check()

    monkeypatch.setattr(cupy, "RawKernel", RawKernel, raising=False)
    empty_like = lambda x: cupy.ndarray(x.shape, x.dtype)  # noqa: E731
    monkeypatch.setattr(cupy, "empty_like", empty_like, raising=False)


@needs_fake_gpu
def test_they_are_lrn(chapter):
    """To 8 ulp, in whole blocks and beyond them, at the edges of pixels, for strong neighbours."""
    rng = np.random.default_rng(1)
    for shape in ((3, 5, 96), (7, 192), (1, 4), (11, 8)):
        x = (rng.normal(size=shape) * rng.choice([0.1, 1, 30], shape)).astype(np.float32)
        there = cupy.asarray(x)
        for p in ((2, 2, 0.4, 0.75), (2, 0, 1, 1), (5, 1, 1e-4, 0.75), (0, 1, 1, 2)):
            y = chapter["launch"](chapter["FIRST"], there, 1, np.int32(p[0]), *np.float32(p[1:]))
            assert_near(y.get(), lrnlib.lrn(x.astype(float), *p))
        exact = lrnlib.lrn(x.astype(float), 2, 2, 0.4, 0.75)
        y = chapter["launch"](chapter["FOUR"], there, 4, *np.float32([2, 0.4]))
        assert_near(y.get(), exact)
        values = np.int32(2), *np.float32([2, 0.4, 0.75])
        y = chapter["launch"](machine_code.with_two_roots(), there, 1, *values)
        assert_near(y.get(), exact)


def assert_near(y, exact):
    ulp = np.spacing(np.abs(exact).astype(np.float32))
    assert np.max(np.abs(y - exact) / ulp) < 8


@pytest.mark.skipif(nvrtc.library() is None, reason="nvidia-cuda-nvrtc-cu12 is not installed")
@pytest.mark.parametrize("architecture", ["sm_70", "sm_90", "sm_100"])
@pytest.mark.parametrize("kernel", ["FIRST", "FOUR"])
def test_they_compile_without_spills(chapter, kernel, architecture):
    """As one block of code: no calls that need a stack."""
    log, _ = nvrtc.compile_cubin(chapter[kernel], "lrn", architecture)
    assert "0 bytes stack frame, 0 bytes spill stores" in log
