"""lrn.cu is CUDA that NVIDIA's own compiler accepts, for every GPU from Volta to Blackwell."""

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
QUICKLY = ("--Ofast-compile=max",)  # machine code all the same, a quarter of the time


def compiled_here(names, number):
    """In CI all kernels for each architecture; elsewhere each kernel for one of them in turn.

    Eight radii and seven architectures: each kernel, type, power and vector meets them all.
    """
    return names if os.environ.get("CI") else names[number :: len(ARCHITECTURES)]


@pytest.mark.parametrize("number", range(len(ARCHITECTURES)), ids=ARCHITECTURES.__getitem__)
def test_every_kernel_compiles(number):
    """Each instantiation that a launch can ask for becomes machine code."""

    def compiled(values):
        names = compiled_here(kernels.instantiations(values), number)
        return len(names), nvrtc.compiled(TEXT, names, ARCHITECTURES[number], QUICKLY)

    with ThreadPoolExecutor() as pool:  # the compiler lets other threads run
        for count, ptx in pool.map(compiled, kernels.ITEMSIZES):
            assert ptx.count(".entry ") == count


def test_a_mistake_is_found():
    """An error in the text is an error of the compiler."""
    with pytest.raises(nvrtc.CompileError, match=r"lrn\.cu"):
        nvrtc.compiled(TEXT.replace("* channels", "* channel"), ["terms_generic<float, 3>"], "sm_90")


@pytest.mark.parametrize(
    ("name", "load", "store"),
    [
        ("forward_channels_last<float, 4, 2, 3>", "ld.global.v4", "st.global.v4"),
        ("forward_channels_last<Half, 8, 2, 3>", "ld.global.v4", "st.global.v4"),
        ("forward_channels_last<Bfloat16, 8, 2, 3>", "ld.global.v4", "st.global.v4"),
        ("forward_channels_first<double, 2, 2, 3>", "ld.global.v2.f64", "st.global.v2.f64"),
        ("forward_channels_first<Half, 8, 2, 3>", "ld.global.v4", "st.global.v4"),
        ("gradient_channels_last<float, 4, 2, 3>", "ld.global.v4", "st.global.v4"),
        ("gradient_channels_first<float, 2, 2, 3>", "ld.global.v2", "st.global.v2"),
    ],
)
def test_vectors_are_one_access(name, load, store):
    """A vector is loaded and stored by one instruction."""
    ptx = nvrtc.compiled(TEXT, [name], "compute_80")
    body = ptx[ptx.index(".entry ") :].replace(".global.nc.", ".global.")
    assert load in body
    assert store in body


def test_no_fast_arithmetic():
    """Division, roots and subnormals are IEEE's but for the two approximate instructions."""
    ptx = nvrtc.compiled(TEXT, kernels.instantiations("float")[::16], "compute_80")
    approximate = set(re.findall(r"\w+\.approx[.\w]*", ptx))
    assert approximate <= {"rcp.approx.ftz.f32", "rsqrt.approx.ftz.f32", "rcp.approx.ftz.f64"}
    assert not re.search(r"\b(fma|mul|add|sub)\.[.\w]*ftz", ptx)
