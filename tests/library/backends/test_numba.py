"""The Numba backend: its tiles, chunks, threads, unrolled windows and power."""

import math
import subprocess
import sys
from functools import partial
from itertools import product

import numpy as np
import pytest
from ml_dtypes import bfloat16

import lrnlib
from lrnlib import Parameters
from lrnlib.backends import _extended_range
from tests.library.oracles.band_matrix import gradient_terms
from tests.library.oracles.exact import by_decimals, nearest
from tests.library.oracles.operations import GRADIENT
from tests.library.oracles.strategies import values
from tests.library.oracles.tolerance import (
    assert_agrees,
    assert_same_bits,
    assert_within,
    gradient_bound,
    terms_in,
)

numba = pytest.importorskip("numba")
numba_backend = pytest.importorskip("lrnlib.backends.numba_backend", exc_type=ImportError)
divide_by_power = numba_backend.kernels._divide_by_power

lrn = partial(lrnlib.lrn, axis=1, backend="numba")
grad = partial(lrnlib.local_response_normalization_grad, axis=1, backend="numba")

PARAMETERS = 1.5, 0.25, 0.75  # bias, alpha, beta
GENERAL = 1.5, 0.25, 0.6

# The channels are on axis 1.
SHAPES = [
    (500, 9),  # contiguous channels, and a last batch of pixels that is smaller
    (1, 5000),  # several groups of channels
    (2, 40, 3, 7),  # all columns in one tile, and two of these in a batch
    (2, 40, 701),  # several tiles, of which the last is narrower
    (1, 600, 701),  # also narrower tiles, for more channels
]


CASES = [
    *product(SHAPES, [(2, *PARAMETERS), (9, *PARAMETERS)]),  # windows unrolled and doubled
    *product(SHAPES[1:4:2], [(10**6, *PARAMETERS)]),  # all channels: one sum per column
    *product(SHAPES[:4], [((1, 2), *PARAMETERS), ((12, 3), *PARAMETERS)]),  # unequal sides
    *product(SHAPES[0:3:2], [(2, *GENERAL)]),  # a beta that is not a multiple of 1/4
]


@pytest.mark.parametrize(("shape", "parameters"), CASES)
def test_blocks_of_every_kind(shape, parameters):
    """LRN and its gradient are right across batches, tiles and chunks, and equal when in place."""
    x, dy = (values(shape, np.float32, seed, low=-2, high=seed) for seed in (1, 2))
    terms, beta = terms_in(parameters[0], shape[1]), parameters[-1]
    y, dx = lrn(x, *parameters), grad(dy, x, *parameters)
    assert_agrees(y, gradient_terms(x, x, *parameters, axis=1)[0], terms, beta)  # x / s^beta
    first, second, size = gradient_terms(dy, x, *parameters, axis=1)
    assert_within(dx, first + second, gradient_bound(size, x, x.dtype, terms, beta))
    in_place = x.copy()
    assert_same_bits(grad(dy, in_place, *parameters, out=in_place), dx)
    assert_same_bits(lrn(x, *parameters, out=x), y)


def blocks_of(shape, radius, buffers=1):
    """Return how a shape with its channels on axis 1 is cut."""
    outer, channels, inner = shape[0], shape[1], math.prod(shape[2:])
    elements = numba_backend.BUFFERS // 4
    return numba_backend._blocks(outer, channels, inner, 2 * radius, elements, buffers)


def test_the_shapes_cover_every_kind_of_block():
    """SHAPES include a smaller last batch, narrower last tiles and several groups of channels."""
    cuts = [blocks_of(shape, 2) for shape in SHAPES]
    assert cuts[0].outer > cuts[0].batch > 1
    assert cuts[0].outer % cuts[0].batch
    assert [cut.batch > 1 for cut in cuts] == [True, False, True, False, False]
    assert [cut.tile < cut.inner for cut in cuts] == [False, False, False, True, True]
    assert [cut.group < cut.channels for cut in cuts] == [False, True, False, True, True]
    assert all(cut.inner % cut.tile for cut in cuts[3:])


@pytest.mark.parametrize("channels", [1, 3, 96, 1024, 2048])
@pytest.mark.parametrize("inner", [1, 7, 3025])
@pytest.mark.parametrize("radius", [0, 2, 5, 6, 100])
def test_buffers_fit_into_the_cache(channels, inner, radius):
    """The buffers of a thread have at most BUFFERS bytes, and those of two threads 1 MiB."""
    radius = min(radius, channels - 1)
    doubled = 2 * radius + 1 > numba_backend.MAX_UNROLLED
    for buffers in (1, 3):
        cut = blocks_of((4, channels, inner), radius, buffers)
        padded = (channels + 2 * radius) * cut.tile
        used = buffers * cut.batch * padded + 2 * doubled * padded
        assert used <= max(numba_backend.BUFFERS // 4, 5 * (channels + 2 * radius))
    assert 2 * numba_backend.BUFFERS <= 2**20


@pytest.mark.parametrize("dtype", [np.float16, bfloat16])
def test_half_types_are_converted_as_numpy_does(dtype):
    """Every number of a half type is widened exactly, and any float32 rounded to even."""
    half_types = numba_backend.half_types
    bits = np.random.default_rng(9).integers(0, 2**32, 100_000, dtype=np.uint32)
    ties = np.arange(2**16, dtype=np.uint32)[:, np.newaxis] << 16
    ties = (ties + np.array([0, 0x1000, 0x7FFF, 0x8000, 0x8001, 0xF000], np.uint32)).ravel()
    small = np.ldexp(np.arange(-9000, 9000), -30).astype(np.float32)  # float16's subnormals
    values = np.concatenate([bits.view(np.float32), ties.view(np.float32), small])
    rounded, widened = np.empty(values.shape, dtype), np.empty(2**16, np.float32)
    halves = np.arange(2**16, dtype=np.uint16).view(dtype)
    half_types.narrow(values, rounded)
    half_types.widen(halves, widened)
    with np.errstate(all="ignore"):  # some are signalling NaN
        assert_same_bits(rounded, values.astype(dtype))
        assert_same_bits(widened, halves.astype(np.float32))


def test_any_number_of_threads(monkeypatch):
    """The result does not depend on the number of threads."""
    x = values((1001, 300), np.float32, seed=5, low=-2, high=1)
    expected = lrn(x, 2, *PARAMETERS)
    for threads in ("1", "3"):
        monkeypatch.setenv("LRNLIB_NUM_THREADS", threads)
        assert_same_bits(lrn(x, 2, *PARAMETERS), expected)


def test_general_powers():
    """The float32 power is within 2 ulp for any base in range and |beta| up to 1."""
    s = np.exp2(np.random.default_rng(6).uniform(-59, 59, 40_000)).astype(np.float32)
    for beta in (0.6, 0.3, 0.9999, -0.6):
        arguments = numba_backend._kernel_arguments(
            numba_backend.kernels.forward, Parameters(0, 0, 1, beta), (0, 0), np.dtype(np.float32)
        )
        y = powers(s, *arguments[2:])
        expected = s.astype(np.float64) ** -beta
        ulp = np.spacing(expected.astype(np.float32)).astype(np.float64)
        assert np.max(np.abs(y - expected) / ulp) <= 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("beta", [0.5, 0.75, 1.0, -0.6, 3.0])
@pytest.mark.parametrize("bias", [0.0, 1e-3, 2.0, 1e5])
@pytest.mark.parametrize("window", [1, 5, 99])
def test_safe_values(window, bias, beta, dtype):
    """With them, no base is out of range, no dy / s^beta and no alpha * x / s."""
    dtype = np.dtype(dtype)
    for alpha in (1e-4, 1.0, 50.0):
        p = Parameters(window // 2, bias, alpha, beta)
        base_limits = _extended_range.base_limits(p, dtype)
        for safe in (numba_backend._safe_values, numba_backend._safe_gradient_values):
            limits = safe(p, window, dtype)
            ends = (
                bias or alpha * limits["min_x"] ** 2,
                bias + alpha * window * limits["max_x"] ** 2,
            )
            assert base_limits[0] <= ends[0] <= ends[1] <= base_limits[1]
        assert beta > 1 or limits["min_x"] <= 1e-4
        assert limits["max_x"] >= 10
        smallest, largest = _extended_range.scaled_limits(dtype)
        for s in ends:
            assert smallest <= limits["min_dy"] * s**-beta
            assert limits["max_dy"] * s**-beta <= largest
            assert alpha * limits["min_x"] / s >= np.finfo(dtype).tiny


@pytest.mark.parametrize(
    "parameters",
    [
        *((bias, 1.0, beta) for bias in (1e30, 1e300, 1e-300) for beta in (1.0, 0.0, -1.0, 1e5)),
        (0.0, 0.0, 1.0),
        (1.0, 1e30, 1.0),
        (0.0, 1e-300, 0.75),
        (0.0, 1e300, -1e5),
    ],
)
def test_no_value_is_safe(parameters):
    """Where no base is in range."""
    for safe in (numba_backend._safe_values, numba_backend._safe_gradient_values):
        limits = safe(Parameters(2, *parameters), 5, np.dtype(np.float32))
        assert not limits["min_x"] <= 1 <= limits["max_x"]


@numba.njit
def powers(s, constants, roots):
    y = np.empty_like(s)
    for t in range(len(s)):
        y[t] = divide_by_power(np.float32(1), s[t], constants, len(roots))
    return y


def test_errors_of_the_polynomials():
    """The polynomials for log2 and exp2 have relative errors of at most 2e-8."""
    kernels = numba_backend.kernels
    f = np.linspace(math.sqrt(0.5) - 1, math.sqrt(2) - 1, 100_000)
    logarithm = np.polyval(np.array(kernels.LOG2_COEFFICIENTS, np.float64), f)
    assert np.max(np.abs(logarithm / (np.log1p(f) / f / math.log(2)) - 1)) <= 2e-8
    f = np.linspace(-0.5, 0.5, 100_000)
    power = np.polyval(np.array(kernels.EXP2_COEFFICIENTS, np.float64), f)
    assert np.max(np.abs(power / np.exp2(f) - 1)) <= 2e-8


def test_out_of_range_among_ordinary_pixels():
    """An outlier whose square overflows changes no bit outside its windows."""
    for shape in (SHAPES[0], SHAPES[3]):
        x = values(shape, np.float32, seed=8, low=-2, high=1)
        y = lrn(x, 2, *PARAMETERS)
        at = (0, 4) + (0,) * (len(shape) - 2)
        x[at] = 1e30
        z = lrn(x, 2, *PARAMETERS)
        assert math.isclose(z[at], 1e30 * (0.25 * 1e60) ** -0.75, rel_tol=1e-6)
        affected = np.zeros(shape, bool)
        affected[(0, slice(2, 7), *at[2:])] = True
        assert_same_bits(z[~affected], y[~affected])
        affected[at] = False
        assert np.all(np.abs(z[affected]) < 1e-30)


def test_all_of_a_pixel_out_of_range():
    """A pixel with values far too large and too small is right, and so is its gradient."""
    x = np.array([1, -2, 1e30, 3, 0, 1, -1e-30, 2, 1], np.float32)
    dy = np.array([1, 2, -3, 1e-30, 5, 1e30, 7, -8, 9], np.float32)
    for parameters in (
        (2, *PARAMETERS), (7, *PARAMETERS), (2, *GENERAL), ((1, 2), *PARAMETERS),
    ):  # fmt: skip
        y = lrn(x, *parameters, axis=0)
        exact = nearest(by_decimals(x, *parameters))
        assert_agrees(y, exact, terms_in(parameters[0], len(x)), parameters[-1], sides=1)
        GRADIENT.assert_exact(dy, x, *parameters, backend="numba")
    # An overflow of dy / s^beta in one channel leaves its neighbours' gradients right.
    x, dy = np.array([[0, 1e-6, 1e-6, 0, 0], [0, 0, 3e35, 0, 0]], np.float32)
    for radius in (2, (1, 2)):
        GRADIENT.assert_exact(dy, x, radius, 1e-6, *PARAMETERS[1:], backend="numba")


def test_without_numba_the_error_says_what_to_install():
    """Without Numba, backend='numba' raises a clear ImportError, and the default still works."""
    code = """import sys; sys.modules["numba"] = None; import numpy, lrnlib
lrnlib.lrn(numpy.ones(3)); print("it works"); lrnlib.lrn(numpy.ones(3), backend="numba")"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    message = "backend='numba' needs Numba, which is not installed: pip install numba"
    assert (done.stdout, done.stderr.splitlines()[-1]) == ("it works\n", f"ImportError: {message}")
