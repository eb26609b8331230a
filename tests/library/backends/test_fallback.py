"""The CPU's backends use the fallback where a value is out of range, and for nothing else."""

import numpy as np
import pytest

import lrnlib
from lrnlib.backends import _extended_range
from tests.library.oracles.band_matrix import band
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import values
from tests.library.oracles.tolerance import assert_same_bits

BETAS = [0.5, 0.6, 0.75, 1]
# Each is another kernel for Numba to compile, so not every radius with every beta.
KERNELS = [(2, beta) for beta in BETAS] + [(r, 0.75) for r in (0, 6, 100, (2, 1), (0, 9))]


@pytest.fixture
def no_fallback(monkeypatch):
    """Make a use of the fallback an error."""

    def recompute(*args):
        raise AssertionError("the fallback was used")

    monkeypatch.setattr(_extended_range, "recompute", recompute)


@pytest.mark.parametrize(("radius", "beta"), KERNELS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("axis", [1, 2])
def test_windows_of_zeros_do_not_need_it(
    operation, host_backend, no_fallback, axis, dtype, radius, beta
):
    """Without bias their results are NaN, like the gradients that depend on them."""
    x, dy = values((2, 12, 9, 15), dtype, seed=3, low=-2, high=2)
    x[x < 0] = 0
    x[:, :5, 1] = 0
    x[:, :, 2] = x[..., 4] = 0
    result = operation(dy, x, radius, 0.0, 0.25, beta, axis=axis, backend=host_backend)
    rows = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
    window = band(x.shape[axis], radius)
    nan = (rows != 0) @ window.T == 0
    if operation is GRADIENT:
        nan = nan @ window > 0
    found = np.moveaxis(np.isnan(result), axis, -1).reshape(rows.shape)
    np.testing.assert_array_equal(found, nan)


def test_windows_of_zeros_beside_a_tiny_value_do_not_need_it(host_backend, no_fallback):
    """Not even where a value, whose square is a number still, makes Numba look at every base."""
    x = np.array([0, 0, 0, 1, 1e-12, 1, 0, 0, 0], np.float32)
    result = lrnlib.lrn(x, 1, 0.0, 1.0, 0.75, backend=host_backend)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(result)), [0, 1, 7, 8])


def test_ordinary_values_do_not_need_it(operation, host_backend, no_fallback):
    """Nor do zeros in x and in dy, with a bias or with an alpha of 0."""
    x, dy = values((2, 12, 9), np.float32, seed=4, low=-2, high=2)
    x[0], dy[1] = 0, 0
    for alpha in (0, 0.25):
        operation(dy, x, 2, 1.0, alpha, 0.75, backend=host_backend)


@pytest.mark.parametrize("beta", BETAS)
@pytest.mark.parametrize(
    ("dtype", "tiny", "alpha"),
    [
        (np.float32, 1e-30, 1.0),
        (np.float64, 1e-200, 1.0),
        (np.float32, 1e-23, 2.0**30),  # before alpha multiplies
        (np.float32, 1e-20, 2.0**-30),  # and after it
    ],
)
def test_squares_that_underflow_need_it(host_backend, dtype, tiny, alpha, beta):
    """A base of 0 is no window of zeros if a value is not 0."""
    x = np.array([0, tiny, 0, 0, 1, tiny, 0, 0, -tiny], dtype)
    FORWARD.assert_exact(None, x, 1, 0.0, alpha, beta, backend=host_backend)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_it_reads_what_out_has_overwritten(operation, host_backend, dtype):
    """With out=x, a pixel out of range is right, and so is every other."""
    x, dy = values((2, 3, 40), dtype, seed=5, low=-2, high=2)
    x[1, 3] = np.finfo(dtype).max
    parameters = 2, 0.0 if dtype is np.float16 else 1.0, 0.25, 0.75
    result = operation(dy, x, *parameters, backend=host_backend)
    assert_same_bits(operation(dy, x, *parameters, backend=host_backend, out=x), result)
