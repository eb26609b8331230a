"""Which backends are tested here. Without a GPU, CuPy's place is taken by a fake one."""

import importlib.util
import os
import sys

import pytest

from tools import gpu

MISSING = {}  # backends that cannot be tested here, and why
if importlib.util.find_spec("numba") is None:
    MISSING["numba"] = "numba is not installed"
CUPY_IS_INSTALLED = importlib.util.find_spec("cupy") is not None
GPU = gpu.missing() is None
if not GPU:
    try:
        from tests.library.fake_gpu import fake_cupy, host_kernels
    except ImportError as error:  # fcntl is not on Windows
        MISSING["cupy"] = f"there is no GPU, and the fake one cannot run: {error}"
    else:
        if host_kernels.COMPILER is None:
            MISSING["cupy"] = "there is no GPU, and no C++ compiler to run the kernels without one"
        sys.modules["cupy"] = fake_cupy.cupy

for name, why in MISSING.items():
    if os.environ.get("CI") and sys.platform == "linux":
        raise pytest.UsageError(f"the backend {name!r} would go untested: {why}")
if os.environ.get("LRNLIB_REQUIRE_GPU") and not GPU:
    raise pytest.UsageError("LRNLIB_REQUIRE_GPU is set, and CuPy finds no GPU")

BACKENDS = [name for name in ("numpy", "numba", "cupy") if name not in MISSING]

needs_fake_gpu = pytest.mark.skipif(GPU, reason="a real GPU cannot be made to fail")
