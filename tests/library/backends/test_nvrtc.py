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
FAST_COMPILE = ("--Ofast-compile=max",)  # a quarter of the time for machine code


@pytest.mark.parametrize("number", range(len(ARCHITECTURES)), ids=ARCHITECTURES.__getitem__)
def test_every_kernel_compiles(number):
    """Each kernel that can be launched compiles to machine code, and in CI to PTX for each GPU.

    Machine code takes five times as long as PTX, so that for each architecture it is another
    seventh of the kernels. lrn.cu does not ask for the architecture; what one lacks shows in PTX.
    """

    def count_and_ptx(values):
        names, architecture = kernels.instantiations(values), ARCHITECTURES[number]
        share = names[number :: len(ARCHITECTURES)]
        asked = [(share, architecture)]
        if os.environ.get("CI"):
            few = [name for name in names if name.partition("<")[0] in kernels.ANY_RADIUS]
            share = list(dict.fromkeys([*share, *few]))  # these with every architecture
            asked = [(share, architecture), (names, architecture.replace("sm_", "compute_"))]
        return [
            (len(some), nvrtc.compile_ptx(TEXT, some, target, FAST_COMPILE))
            for some, target in asked
        ]

    with ThreadPoolExecutor() as pool:  # the compiler lets other threads run
        for results in pool.map(count_and_ptx, kernels.ITEMSIZES):
            for count, ptx in results:
                assert ptx.count(".entry ") == count
    assert "__CUDA_ARCH__" not in TEXT


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
