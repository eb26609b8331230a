"""NVIDIA's compiler accepts lrn.cu for every GPU from Volta to Blackwell."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.library.fake_gpu import nvrtc

kernels = pytest.importorskip(
    "tests.library.fake_gpu.host_kernels", reason="fcntl is not on Windows"
)

if nvrtc.library() is None:
    pytest.skip("nvidia-cuda-nvrtc-cu12 is not installed", allow_module_level=True)

ARCHITECTURES = ("sm_70", "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100")
TEXT = kernels.SOURCE.read_text(encoding="utf-8")
FAST_COMPILE = ("--Ofast-compile=max",)  # a quarter of the time


@pytest.mark.parametrize("number", range(len(ARCHITECTURES)), ids=ARCHITECTURES.__getitem__)
def test_every_kernel_compiles(number):
    """Each kernel that can be launched compiles to machine code."""

    def count_and_ptx(values):
        names = kernels.instantiations(values)
        if not os.environ.get("CI"):  # another seventh for each architecture
            names = names[number :: len(ARCHITECTURES)]
        return len(names), nvrtc.compile_ptx(TEXT, names, ARCHITECTURES[number], FAST_COMPILE)

    with ThreadPoolExecutor() as pool:  # the compiler lets other threads run
        for count, ptx in pool.map(count_and_ptx, kernels.ITEMSIZES):
            assert ptx.count(".entry ") == count


def test_errors_of_the_compiler_are_raised():
    """A mistake in lrn.cu raises the compiler's message."""
    source = TEXT.replace("* channels", "* channel")
    with pytest.raises(nvrtc.CompileError, match=r"lrn\.cu"):
        nvrtc.compile_ptx(source, ["any_window<float, 3, TERMS>"], "sm_90")


@pytest.mark.parametrize(
    ("name", "load", "store"),
    [
        ("channels_last<float, 4, 2, 3, false>", "ld.global.v4", "st.global.v4"),
        ("channels_last<Half, 8, 2, 3, false>", "ld.global.v4", "st.global.v4"),
        ("channels_last<Bfloat16, 8, 2, 3, false>", "ld.global.v4", "st.global.v4"),
        ("channels_first<double, 2, 2, 3, false>", "ld.global.v2.f64", "st.global.v2.f64"),
        ("channels_first<Half, 8, 2, 3, false>", "ld.global.v4", "st.global.v4"),
        ("channels_last<float, 4, 2, 3, true>", "ld.global.v4", "st.global.v4"),
        ("channels_first<float, 2, 2, 3, true>", "ld.global.v2", "st.global.v2"),
    ],
)
def test_vectors_are_one_access(name, load, store):
    """One instruction loads a vector, and one stores it."""
    ptx = nvrtc.compile_ptx(TEXT, [name], "compute_80")
    body = ptx[ptx.index(".entry ") :].replace(".global.nc.", ".global.")
    assert load in body
    assert store in body


def test_no_fast_arithmetic():
    """Arithmetic follows IEEE 754 except for the two approximate instructions."""
    ptx = nvrtc.compile_ptx(TEXT, kernels.instantiations("float")[::16], "compute_80")
    approximate = set(re.findall(r"\w+\.approx[.\w]*", ptx))
    assert approximate <= {"rcp.approx.ftz.f32", "rsqrt.approx.ftz.f32", "rcp.approx.ftz.f64"}
    assert not re.search(r"\b(fma|mul|add|sub)\.[.\w]*ftz", ptx)
