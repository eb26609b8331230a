"""The CUDA kernels: which one is launched, with which grid, and that each is right."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lrnlib
from lrnlib import reference
from tests.backends_under_test import BACKENDS, needs_fake_gpu
from tests.library.oracles.operations import GRADIENT
from tests.library.oracles.strategies import DTYPES, values
from tests.library.oracles.tolerance import assert_agrees, terms_in

if "cupy" not in BACKENDS:
    pytest.skip("neither a GPU nor a C++ compiler to run the kernels", allow_module_level=True)

import cupy

from lrnlib.backends import _launch_config, cupy_backend
from tests.library.fake_gpu import host_kernels

lrn, grad = lrnlib.lrn, lrnlib.local_response_normalization_grad
PARAMETERS = 1.5, 0.25, 0.75


@pytest.fixture
def launched(monkeypatch):
    """The names of the kernels that are launched."""
    names, get = [], cupy_backend._kernel
    monkeypatch.setattr(cupy_backend, "_kernel", lambda *a: names.append(a[0]) or get(*a))
    return names


# Channels below and above the window, on both sides of a vector and of a chunk, and blocks that
# end within a pixel; the kernels of the forward and the gradient pass, by the beginning of their
# names.
CASES = [
    ((3, 37), -1, 2, "channels_last<float, 1, 2", "channels_last<float, 1, 2"),
    ((3, 96), -1, 2, "channels_last<float, 4, 2", "channels_last<float, 4, 2"),
    ((300, 8), -1, 7, "channels_last<float, 4, 7", "channels_last<float, 4, 7"),
    ((2, 1500), -1, 3, "channels_last<float, 4, 3", "any_window<float"),
    ((2, 4, 9), 1, 3, "channels_first<float, 1, 3", "channels_first<float, 1, 3"),
    ((2, 50, 12), 1, 0, "channels_first<float, 4, 0", "channels_first<float, 2, 0"),
    ((1, 70, 4, 3), 1, 7, "channels_first<float, 4, 7", "channels_first<float, 2, 7"),
    ((129, 3, 6), 1, 1, "channels_first<float, 1, 1", "channels_first<float, 2, 1"),
    ((2, 301), -1, 0, "channels_last<float, 1, 0", "any_window<float"),
    ((2, 1500), -1, 8, "any_window<float", "any_window<float"),
    ((5, 40), -1, 12, "any_window<float", "any_window<float"),
    ((2, 90, 5), 1, 8, "any_window<float", "any_window<float"),
    ((21, 40), -1, 60, "all_channels<float", "all_channels<float"),
    ((2, 300), -1, 299, "all_channels<float", "all_channels<float"),
    ((2, 20, 75), 1, 19, "all_channels<float", "all_channels<float"),
    ((1, 600, 2), 1, 599, "all_channels<float", "all_channels<float"),
]


@pytest.mark.parametrize(("shape", "axis", "radius", "forward", "gradient"), CASES)
def test_every_kernel_is_right(launched, shape, axis, radius, forward, gradient):
    """Each kernel is launched for its shapes and agrees with the reference."""
    x, dy = (values(shape, np.float32, seed, low=-2, high=1) for seed in (1, 2))
    parameters = radius, *PARAMETERS
    y = lrn(x, *parameters, axis=axis, backend="cupy")
    expected = reference.local_response_normalization(x, *parameters, axis=axis)
    assert_agrees(y, expected, terms_in(radius, shape[axis]), 0.75)
    dx = grad(dy, x, *parameters, axis=axis, backend="cupy")
    GRADIENT.assert_agrees(dx, dy, x, *parameters, axis=axis)
    first, *second = launched
    assert first.startswith(forward)
    assert first.endswith(("false>", "FORWARD>"))
    assert all(name.startswith(gradient) for name in second)
    assert second[-1].endswith(("true>", "GRADIENT>"))


def test_vectors_need_aligned_arrays(launched):
    """If one array does not begin at a multiple of 16 bytes, values are loaded one by one."""
    memory = cupy.asarray(np.ones(4 * 96 + 1, np.float32))
    aligned, shifted = memory[:-1].reshape(4, 96), memory[1:].reshape(4, 96)
    lrn(aligned, 2)
    lrn(shifted, 2)
    lrn(aligned, 2, out=cupy.empty(4 * 96 + 1, np.float32)[1:].reshape(4, 96))
    assert [name.split(",")[1] for name in launched] == [" 4", " 1", " 1"]


REACH = st.integers(0, 20) | st.integers(0, 2**25)
SIZES = st.integers(0, 12).map(lambda k: 2**k) | st.integers(1, 5000)


@given(
    outer=SIZES | st.just(2**22) | st.just(2**30),
    channels=SIZES | st.integers(2**24 - 300, 2**24 + 300) | st.just(2**25),
    inner=SIZES | st.just(1),
    itemsize=st.sampled_from((2, 4, 8)),
    alignment=st.sampled_from((2, 4, 8, 16)),
    reach=st.tuples(REACH, REACH) | REACH.map(lambda radius: (radius, radius)),
    processors=st.integers(1, 200),
    beta=st.sampled_from((0.5, 0.6, 0.75, 1.0)),
)
def test_launches(outer, channels, inner, itemsize, alignment, reach, processors, beta):
    """For any shape the kernel exists, and its launch is within limits and covers the array."""
    assume(outer * channels * inner < 2**38)  # more than any GPU holds
    shape = _launch_config.Shape(outer, channels, inner, itemsize, max(alignment, itemsize))
    names = {2: "Half", 4: "float", 8: "double"}
    template = names[itemsize], cupy_backend.POWERS.get(beta, 0)
    reach = tuple(min(side, channels - 1) for side in reach)
    for plan in (_launch_config.forward, _launch_config.gradient):
        for launch in plan(shape, reach, template, processors):
            assert launch.name in host_kernels.instantiations(template[0])
            assert 1 <= launch.grid[0] < 2**31
            assert 1 <= launch.grid[1] < 2**16
            kernel = launch.name.split("<")[0]
            assert 1 <= np.prod(launch.block) <= host_kernels.MAX_THREADS[kernel]
            assert launch.shared <= 48 * 1024
            assert covered(launch) >= outer * channels * inner


def covered(launch):
    """Return how many elements a launch can compute."""
    kernel, arguments = launch.name.rstrip(">").split("<")
    vector, last = int(arguments.split(", ")[1]), int(launch.sizes[-1])
    blocks, threads = (int(np.prod(size, dtype=object)) for size in (launch.grid, launch.block))
    of_a_block = {
        "channels_last": threads * vector * _launch_config.PIXELS_PER_THREAD,
        "channels_first": threads * vector * last,
        "all_channels": launch.block[0] * int(launch.sizes[1]),
        "any_window": threads,
    }
    return blocks * of_a_block[kernel]


def test_few_columns_share_their_channels():
    """Where columns are too few to fill a GPU, their channels are shared among threads."""
    few, many = (_launch_config.Shape(outer, 96, 3025, 4, 16) for outer in (1, 128))
    template = "float", 3
    assert _launch_config.forward(few, (2, 2), template, 132)[0].grid[1] > 1
    assert _launch_config.forward(many, (2, 2), template, 132)[0].grid[1] == 1


@pytest.mark.parametrize("beta", [0.5, 0.6, 0.75, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
def test_zeros_keep_their_sign(dtype, beta):
    """The correction of a power keeps -0, whether it is positive or negative."""
    x = np.copysign(0, values((64, 8), np.float32, seed=7)).astype(dtype)
    x[:, 1::2] = values((64, 4), np.float32, seed=8, low=-2, high=2)
    y = lrn(x, 2, 1.5, 0.25, beta, backend="cupy")
    zeros = x == 0
    np.testing.assert_array_equal(np.signbit(y[zeros]), np.signbit(x[zeros]))


def test_the_polynomials_are_those_of_numba():
    """lrn.cu has the float32 coefficients that the Numba backend computes."""
    numba_kernels = pytest.importorskip("lrnlib.backends._numba_kernels", exc_type=ImportError)
    source = host_kernels.SOURCE.read_text()
    for name in ("log2", "exp2"):
        text = re.search(rf"const float {name}\[\] = \{{(.*?)\}}", source, re.S)[1]
        coefficients = [np.float32(number.strip().rstrip("f")) for number in text.split(",")]
        assert coefficients == [*getattr(numba_kernels, f"{name.upper()}_COEFFICIENTS")]


@pytest.mark.parametrize(("beta", "max_ulp"), [(0.5, 3), (0.75, 3), (1, 3), (0.3, 4), (0.6, 4)])
@pytest.mark.parametrize("radius", [2, 5])
def test_float32_errors_are_a_few_ulp(radius, beta, max_ulp):
    """Correcting rounded sums and approximate roots keeps errors below the derived bound.

    On the host the approximate instructions have the largest error that a GPU's may have.
    """
    rng = np.random.default_rng(2012)
    x = rng.standard_normal((2048, 96), np.float32)
    x *= (10 ** rng.uniform(-1, 3, (2048, 1))).astype(np.float32)
    y = lrn(x, radius, 1.0, 1.0, beta, backend="cupy")
    expected = lrn(x.astype(np.float64), radius, 1.0, 1.0, beta, backend="numpy")
    ulp = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    assert np.max(np.abs(y - expected) / ulp) <= max_ulp


@needs_fake_gpu
@pytest.mark.parametrize("depth_radius", [2, 9, 40])
@pytest.mark.parametrize("axis", [0, 1])
def test_windows_of_zeros_are_not_recomputed(axis, depth_radius):
    """With bias 0 the fast kernels know that these are NaN, the gradient beside them too."""
    x = values((40, 40), np.float32, seed=3, low=-2, high=2)
    x[np.arange(1, 41) % 20 < 12] = 0  # the last one, too, beside others
    x, dy = (x if axis == 0 else x.T), values((40, 40), np.float32, seed=4)
    counts = host_kernels.library("float").count_extended_numbers
    before = counts()
    y = lrn(x, depth_radius, 0, 1, 0.75, axis=axis, backend="cupy")
    dx = grad(dy, x, depth_radius, 0, 1, 0.75, axis=axis, backend="cupy")
    assert counts() == before
    assert np.isnan(y).any() == (depth_radius < 11)
    expected = grad(dy, x, depth_radius, 0, 1, 0.75, axis=axis, backend="numpy")
    np.testing.assert_array_equal(np.isnan(dx), np.isnan(expected))
    lrn(np.full((2, 2), 1e30, np.float32), backend="cupy")
    assert counts() > before


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("depth_radius", [2, 9, 40])
def test_squares_that_underflow_are_not_zeros(depth_radius, dtype):
    """With bias 0, windows of tiny numbers have a result, in wide windows too."""
    x = np.full((2, 40), np.finfo(dtype).tiny * 8, dtype)
    y = lrn(x, depth_radius, 0, 1, 0.5, backend="cupy")
    np.testing.assert_allclose(y, lrn(np.ones((2, 40)), depth_radius, 0, 1, 0.5), rtol=1e-6)


@needs_fake_gpu
def test_the_fake_gpu_is_strict():
    """A launch that would fail on a GPU, or compute something else, fails here."""
    name = "channels_last<float, 4, 2, 3, false>"
    module = cupy.RawModule(code=host_kernels.SOURCE.read_text(), name_expressions=(name,))
    kernel = module.get_function(name)
    constants = cupy_backend._kernel_constants(lrnlib.Parameters(2), np.dtype(np.float32))
    rows, channels = np.int64(3), np.int32(8)
    x, y = cupy.asarray(np.ones((4, 8), np.float32)), cupy.empty((3, 8), np.float32)
    kernel((1, 1), (2, 8), (x, x, y, rows, channels, constants))
    for threads, args, message in [
        (8, (rows, constants), "number of arguments"),
        (8, (rows, np.int64(8), constants), "another type"),
        (8, (rows, np.float32(8), constants), "another type"),
        (8, (rows, channels, 2.0), "another type"),
        (8, (rows, np.int32(9), constants), "not a multiple"),
        (8, (np.int64(4), channels, constants), "written beyond"),
        (256, (rows, channels, constants), "block"),
    ]:
        with pytest.raises(AssertionError, match=message):
            kernel((1, 1), (2, threads), (x, x, y, *args))
