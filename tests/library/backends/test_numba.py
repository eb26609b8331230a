"""The Numba backend: its tiles, chunks, threads, unrolled windows and power."""

import math
import subprocess
import sys
from functools import partial
from itertools import product

import numpy as np
import pytest

import lrnlib
from lrnlib import Parameters
from tests.library.oracles.band_matrix import gradient_terms
from tests.library.oracles.exact import by_decimals, nearest
from tests.library.oracles.gradients import assert_exact
from tests.library.oracles.strategies import values
from tests.library.oracles.tolerance import (
    assert_agrees,
    assert_same_bits,
    assert_within,
    gradient_bound,
    terms_in,
)

numba_backend = pytest.importorskip("lrnlib.backends.numba_backend", exc_type=ImportError)

lrn = partial(lrnlib.lrn, axis=1, backend="numba")
grad = partial(lrnlib.local_response_normalization_grad, axis=1, backend="numba")

PARAMETERS = 1.5, 0.25, 0.75  # bias, alpha, beta
GENERAL = 1.5, 0.25, 0.6

# The channels are on axis 1.
SHAPES = [
    (50, 9),  # contiguous channels, and a last batch of pixels that is smaller
    (1, 5000),  # more channels than a buffer holds
    (2, 40, 3, 7),  # all columns in one tile
    (2, 40, 700),  # several tiles, of which the last is narrower
    (1, 600, 700),  # also several chunks of channels
]


CASES = [
    *product(SHAPES, [(2, *PARAMETERS), (9, *PARAMETERS)]),  # windows unrolled and doubled
    *product(SHAPES[1:4:2], [(10**6, *PARAMETERS)]),  # all channels: one sum per column
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


def test_the_shapes_cover_every_kind_of_block():
    """SHAPES include a smaller last batch, a narrower last tile and several chunks."""
    elements = numba_backend.BUFFERS // 4
    plans = [numba_backend._forward_plan(shape, 1, 2, elements) for shape in SHAPES]
    names = [kernel.__name__ for kernel, _, _ in plans]
    assert names == ["forward_rows", *["forward_tiles"] * 4]
    (_, batch), *cuts = (shape for _, _, shape in plans)
    assert SHAPES[0][0] > batch
    assert SHAPES[0][0] % batch
    assert [tile < inner for _, inner, tile, _ in cuts] == [False, False, True, True]
    assert [chunk < channels for channels, _, _, chunk in cuts] == [False, False, False, True]
    assert 700 % cuts[2][2]


@pytest.mark.parametrize("channels", [1, 3, 96, 1024, 2048])
@pytest.mark.parametrize("inner", [1, 7, 3025])
@pytest.mark.parametrize("radius", [0, 2, 5, 6, 100])
def test_buffers_fit_into_the_cache(channels, inner, radius):
    """The buffers of a thread have at most BUFFERS bytes, and those of two threads 1 MiB."""
    radius = min(radius, channels - 1)
    block, doubled = (4, channels, inner), radius in (0, 6, 100)
    elements = numba_backend.BUFFERS // 4
    kernel, _, shape = numba_backend._forward_plan(block, 1, radius, elements)
    if kernel.__name__ == "forward_tiles":
        _, _, tile, chunk = shape
        assert (chunk + 2 * radius) * tile * (4 if doubled else 2) <= elements
    _, _, (_, _, tile) = numba_backend._gradient_plan(block, 1, radius, elements)
    padded = (channels + 2 * radius) * tile
    assert 3 * channels * tile + (4 if doubled else 2) * padded <= elements
    assert 2 * numba_backend.BUFFERS <= 2**20


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
        _, window, constants, *rest = numba_backend._kernel_arguments(
            Parameters(0, 0, 1, beta), 0, np.dtype(np.float32)
        )
        y, ones = np.empty_like(s), np.ones_like(s)
        identity = constants._replace(bias=0.0, alpha=1.0)
        numba_backend.kernels._normalize(ones, s, y, 1, window, identity, rest[-1])
        expected = s.astype(np.float64) ** -beta
        ulp = np.spacing(expected.astype(np.float32)).astype(np.float64)
        assert np.max(np.abs(y - expected) / ulp) <= 2


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
    for parameters in ((2, *PARAMETERS), (7, *PARAMETERS), (2, *GENERAL)):
        y = lrn(x, *parameters, axis=0)
        exact = nearest(by_decimals(x, *parameters))
        assert_agrees(y, exact, terms_in(parameters[0], len(x)), parameters[-1], sides=1)
        assert_exact(dy, x, *parameters, backend="numba")
    # An overflow of dy / s^beta in one channel leaves its neighbours' gradients right.
    x, dy = np.array([[0, 1e-6, 1e-6, 0, 0], [0, 0, 3e35, 0, 0]], np.float32)
    assert_exact(dy, x, 2, 1e-6, *PARAMETERS[1:], backend="numba")


def test_without_numba_the_error_says_what_to_install():
    """Without Numba, backend='numba' raises a clear ImportError, and the default still works."""
    code = """import sys; sys.modules["numba"] = None; import numpy, lrnlib
lrnlib.lrn(numpy.ones(3)); print("it works"); lrnlib.lrn(numpy.ones(3), backend="numba")"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    message = "backend='numba' needs Numba, which is not installed: pip install numba"
    assert (done.stdout, done.stderr.splitlines()[-1]) == ("it works\n", f"ImportError: {message}")
