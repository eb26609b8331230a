"""The backends that are tested here. Without a GPU, a fake CuPy takes the place of the real one."""

import functools
import importlib.util
import inspect
import os
import sys

import hypothesis
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
if only := os.environ.get("LRNLIB_TEST_BACKENDS"):  # names, separated by commas
    if unknown := set(only.split(",")) - set(BACKENDS):
        raise pytest.UsageError(f"LRNLIB_TEST_BACKENDS: cannot test {', '.join(sorted(unknown))}")
    BACKENDS = [name for name in BACKENDS if name in only.split(",")]


def given(**strategies):
    """Hypothesis's `given`; a test with an argument `backend` tries each example on all of them.

    An example is drawn once, which takes as long as two backends need to compute it, so the test
    must not write to what was drawn. A failure names the backend.
    """

    def decorate(test):
        signature = inspect.signature(test)
        if "backend" not in signature.parameters:
            return hypothesis.given(**strategies)(test)

        @functools.wraps(test)
        def on_each_backend(**arguments):
            for backend in BACKENDS:
                try:
                    test(backend=backend, **arguments)
                except Exception as error:
                    error.add_note(f"backend: {backend}")
                    raise

        parameters = [
            parameter.replace(kind=parameter.KEYWORD_ONLY)
            for name, parameter in signature.parameters.items()
            if name != "backend"
        ]
        on_each_backend.__signature__ = signature.replace(parameters=parameters)
        given = hypothesis.given(**strategies)(on_each_backend)
        given.__dict__.update(dict.fromkeys(BACKENDS, True))  # `-k cupy` looks at attributes too
        return given

    return decorate


needs_fake_gpu = pytest.mark.skipif(GPU, reason="a real GPU cannot be made to fail")
