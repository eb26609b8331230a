"""CuPy: devices, mixed libraries, and errors."""

import re
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

import lrnlib
from tests.backends_under_test import BACKENDS, CUPY_IS_INSTALLED, GPU, needs_fake_gpu

if "cupy" not in BACKENDS:
    pytest.skip("neither a GPU nor a C++ compiler to run the kernels", allow_module_level=True)

import cupy

from lrnlib.backends import cupy_backend

lrn, gradient = lrnlib.lrn, lrnlib.local_response_normalization_grad
ask_for_cupy = partial(lrn.__wrapped__, np.ones(3), backend="cupy")


def raises(error, message):
    """Expect exactly this message."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


@pytest.fixture
def host():
    return np.ones(3, np.float32)


@pytest.fixture
def gpu(host):
    return cupy.asarray(host)


@needs_fake_gpu
def test_nothing_is_copied_to_the_host(monkeypatch):
    """A call reads no value from the GPU."""
    x = cupy.asarray(np.ones((3, 40), np.float32))
    monkeypatch.delattr(cupy.ndarray, "get")
    for radius in (2, 12, 60):
        lrn(x, radius)
        gradient(x, x, radius)
        lrn(x, radius, out=x)


def test_overlapping_arrays_of_another_library():
    """`out` may overlap x in an allocation that CuPy does not know, as of another library."""
    memory = cupy.asarray(np.arange(40, dtype=np.float32))
    x, out = memory[:-1], memory[1:]
    expected = lrn(cupy.asarray(x.get()), 2).get()
    if not GPU:
        from tests.library.fake_gpu import fake_cupy

        out.memory = fake_cupy.Memory(0)
    np.testing.assert_array_equal(lrn(x, 2, out=out).get(), expected)


@needs_fake_gpu
def test_the_call_runs_on_the_device_of_x(host):
    """Work and result are on the device of x, and the current device stays current."""
    with cupy.cuda.Device(1):
        x = cupy.asarray(host)
    assert lrn(x, 2).device.id == gradient(x, x, 2).device.id == 1
    assert cupy.cuda.Device().id == 0


@needs_fake_gpu
@pytest.mark.parametrize("name", ["dy", "out"])
def test_arrays_of_two_devices(host, gpu, name):
    """An array on another device than x is an error; nothing is moved."""
    with cupy.cuda.Device(1):
        other = cupy.asarray(host)
    with raises(ValueError, f"{name} must be on the device of x, 0, got one on 1"):
        gradient(**{"dy": gpu, "x": gpu, name: other})


def test_arrays_of_two_libraries(host, gpu):
    """NumPy arrays and CuPy arrays in one call are an error."""
    a_cupy, a_numpy = "must be a cupy.ndarray", "must be a numpy.ndarray"
    convert = "convert it with cupy.asnumpy(x)"
    cases = [
        (lambda: gradient(host, gpu), f"dy {a_cupy}, as x is, got numpy.ndarray"),
        (lambda: gradient(gpu, host), f"dy {a_numpy}, as x is, got cupy.ndarray"),
        (lambda: lrn(gpu, out=host), f"out {a_cupy} or None, as x is, got numpy.ndarray"),
        (lambda: lrn(host, out=gpu), f"out {a_numpy} or None, as x is, got cupy.ndarray"),
        (lambda: gradient([1.0] * 3, gpu), f"dy {a_cupy}, got list"),
        (lambda: lrnlib.explain(gpu, (0,)), f"x {a_numpy}, got cupy.ndarray; {convert}"),
    ]
    for call, message in cases:
        with raises(TypeError, message):
            call()


@pytest.mark.parametrize("name", ["numpy", "numba", "cupy"])
def test_a_backend_for_the_other_library(host, gpu, name):
    """A backend takes arrays of its own library only."""
    x, needed, given, convert = (
        (host, "cupy", "numpy", "asarray") if name == "cupy" else (gpu, "numpy", "cupy", "asnumpy")
    )
    message = (
        f"x must be a {needed}.ndarray for backend={name!r}, got {given}.ndarray; "
        f"convert it with cupy.{convert}(x)"
    )
    with raises(TypeError, message):
        lrn.__wrapped__(x, backend=name)


def test_without_cupy(monkeypatch):
    """Without CuPy, backend='cupy' says what to install, and NumPy arrays work."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    message = (
        "backend='cupy' needs CuPy, which is not installed: pip install cupy-cuda13x, "
        "or cupy-cuda12x for a driver of CUDA 12"
    )
    with raises(ImportError, message):
        ask_for_cupy()
    lrn(np.ones(3))


@needs_fake_gpu
def test_without_a_driver_or_a_gpu(monkeypatch):
    """The message of lrnlib ends with that of CUDA."""

    def fail():
        raise cupy.cuda.runtime.CUDARuntimeError("cudaErrorInsufficientDriver: too old")

    for count, message in (
        (fail, " and its driver: cudaErrorInsufficientDriver: too old"),
        (lambda: 0, ", and CUDA finds none"),
    ):
        monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", count)
        with raises(RuntimeError, f"backend='cupy' needs a GPU{message}"):
            ask_for_cupy()


@needs_fake_gpu
@pytest.mark.skipif(not CUPY_IS_INSTALLED, reason="CuPy is not installed")
def test_cupy_itself_without_a_gpu():
    """The real CuPy raises the same error if there is no GPU."""
    code = "import lrnlib, numpy; lrnlib.lrn(numpy.ones(3), backend='cupy')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "RuntimeError: backend='cupy' needs a GPU" in done.stderr.splitlines()[-1]


@needs_fake_gpu
def test_a_gpu_that_is_too_old(monkeypatch, gpu):
    """A GPU older than Volta is an error, before any work."""
    monkeypatch.setattr(cupy.cuda.Device, "compute_capability", "61")
    cupy_backend._multiprocessors.cache_clear()
    out = cupy.asarray(np.full(3, 7, np.float32))
    message = (
        "CuPy arrays need a GPU of compute capability 7.0 or higher, device 0 has 6.1; "
        "use NumPy arrays instead"
    )
    with raises(RuntimeError, message):
        lrn(gpu, out=out)
    cupy_backend._multiprocessors.cache_clear()
    np.testing.assert_array_equal(out.get(), 7)


@needs_fake_gpu
@pytest.mark.parametrize("allocations", range(3))
@pytest.mark.parametrize("radius", [2, 12, 200])
def test_an_allocation_that_fails(monkeypatch, radius, allocations):
    """If an allocation fails at any step, CuPy's error is raised and `out` is unchanged."""
    from tests.library.fake_gpu import fake_cupy

    x = cupy.asarray(np.ones((2, 450), np.float32))
    memory, left = fake_cupy.Memory, iter(range(allocations))

    def allocate(size):
        if next(left, None) is None:
            raise fake_cupy.OutOfMemoryError(f"Out of memory allocating {size:,} bytes")
        return memory(size)

    strided = cupy.asarray(np.full((2, 900), 7, np.float32))[:, ::2]
    monkeypatch.setattr(fake_cupy, "Memory", allocate)
    for call in (partial(lrn, x, radius), partial(gradient, x, x, radius)):
        for out in (strided, x):
            before = out.get()
            try:
                call(out=out)
            except fake_cupy.OutOfMemoryError:
                np.testing.assert_array_equal(out.get(), before)
            else:
                assert allocations > 0
