"""Windows whose two sides differ, as those of an even number of channels: (before, after)."""

import numpy as np
import pytest
from ml_dtypes import bfloat16

import lrnlib
from lrnlib import Parameters
from lrnlib.conventions import CONVENTIONS
from tests.library.oracles.band_matrix import band
from tests.library.oracles.exact import nearest
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import DTYPES, LAYOUTS, laid_out, values
from tests.library.oracles.tolerance import assert_same_bits

PAIRS = [(0, 1), (1, 0), (2, 1), (0, 5), (3, 0), (4, 9), (10**20, 2), (0, 10**400)]
CHANNELS = [1, 3, 8]  # of which most windows hold all, or one side does
ORDINARY = 1.5, 0.25, 0.75  # bias, alpha, beta


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_against_fractions(operation, backend, dtype, pair):
    """With an integer beta the exact result is a rational number."""
    for channels in CHANNELS:
        for axis, shape in ((0, (channels,)), (1, (2, channels, 3)), (-1, (2, 2, channels))):
            x, dy = values((2, *shape), dtype, seed=channels, low=-2, high=1)
            p = pair, 1.5, 0.25, 1
            result = operation(dy, x, *p, axis=axis, backend=backend)
            rows = [np.moveaxis(a, axis, -1).reshape(-1, channels) for a in (result, dy, x)]
            for got, *row in zip(*rows, strict=True):
                exact, _ = operation.fractions(*(a.astype(float) for a in row), *p)
                operation.assert_near(got, nearest(exact), *row, *p, sides=1)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_any_strides_and_general_powers(operation, backend, dtype, layout):
    """Along each axis, with a beta that is not a multiple of 1/4."""
    x, dy = (laid_out(a, layout) for a in values((2, 5, 6, 7), dtype, seed=1, low=-2, high=1))
    for axis, pair in enumerate([(2, 1), (0, 5), (3, 0)]):
        p = pair, 1.5, 0.25, 0.6
        operation.assert_agrees(
            operation(dy, x, *p, axis=axis, backend=backend), dy, x, *p, axis=axis
        )


@pytest.mark.parametrize("pair", PAIRS)
def test_the_gradient_is_that_of_differences_of_lrn(backend, pair):
    """The dense Jacobian by central differences, row by row; 0 outside the row's window."""
    x, h = values((7,), np.float64, seed=11, low=-1, high=1), 2.0**-17
    p = pair, *ORDINARY
    steps = h * np.eye(7)
    ahead, behind = (lrnlib.lrn(x + k * steps, *p, backend=backend) for k in (1, -1))
    jacobian = np.transpose(ahead - behind) / (2 * h)  # row i, column j: y[i] by x[j]
    rows = GRADIENT(np.eye(7), np.tile(x, (7, 1)), *p, backend=backend)
    np.testing.assert_allclose(rows, jacobian, rtol=1e-8, atol=1e-9)
    assert not rows[band(7, pair) == 0].any()
    assert rows[(band(7, pair) == 1) & (np.outer(x, x) != 0)].all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_many_blocks(operation, host_backend, dtype):
    """The blocks of a large array, whose last ones are smaller."""
    for (shape, axis), pair in (
        (((3, 96, 47, 55), 1), (2, 1)),
        (((61, 90, 96), 2), (0, 5)),
        (((41, 200, 30), 1), (3, 0)),
    ):
        p = pair, *ORDINARY
        x, dy = values((2, *shape), dtype, seed=7, low=-1, high=0)
        result = operation(dy, x, *p, axis=axis, backend=host_backend)
        result, dy, x = (np.moveaxis(a, axis, -1)[:, ::5] for a in (result, dy, x))
        operation.assert_near(result, operation.by_band_matrix(dy, x, *p), dy, x, *p)


def test_two_sides_beyond_the_axis_are_all_channels(operation, backend):
    """Then the parity does not matter: every bit is that of one radius beyond it."""
    x, dy = values((2, 3, 6), np.float32, seed=2, low=-2, high=1)
    expected = operation(dy, x, 5, *ORDINARY, backend=backend)
    for pair in ((5, 6), (6, 5), (10**400, 7)):
        assert_same_bits(operation(dy, x, pair, *ORDINARY, backend=backend), expected)


def test_equal_sides_are_one_radius(operation, backend):
    """As a tuple, a list or of NumPy's integers; two different ones may be a list, too."""
    assert Parameters([np.int8(2), 2]).depth_radius == 2
    assert Parameters([2, np.uint8(1)]).depth_radius == (2, 1)
    assert (Parameters(3).reach, Parameters((0, 1)).reach) == ((3, 3), (0, 1))
    x, dy = values((2, 3, 6), np.float32, seed=2, low=-2, high=1)
    for pair, same in (((2, 2), 2), ([2, 2], 2), ([2, 1], (2, 1))):
        expected = operation(dy, x, same, *ORDINARY, backend=backend)
        assert_same_bits(operation(dy, x, pair, *ORDINARY, backend=backend), expected)


@pytest.mark.parametrize("beta", [0.5, 0.6, 0.75, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_zeros_without_bias_is_nan(operation, backend, dtype, beta):
    """And so is each gradient that depends on one."""
    x, dy = np.array([0, 0, 0, 1, 0, 0, 1], dtype), np.ones(7, dtype)
    for pair in ((0, 1), (1, 0), (0, 2)):
        holds = band(7, pair)
        nan = (x != 0) @ holds.T == 0
        if operation is GRADIENT:
            nan = nan @ holds > 0
        result = operation(dy, x, pair, 0, 1, beta, backend=backend)
        np.testing.assert_array_equal(np.isnan(result), nan)


@pytest.mark.parametrize("dtype", [np.float16, bfloat16, np.float32, np.float64])
@pytest.mark.parametrize("pair", [(0, 1), (2, 1), (0, 5), (3, 0)])
def test_squares_that_overflow_or_underflow(operation, backend, pair, dtype):
    """The fallback has the same windows, and a gradient that depends on one is right as well."""
    largest = 6e4 if dtype is np.float16 else 1e200 if dtype is np.float64 else 1e30
    for at in range(8):
        for value in (largest, 1 / largest):
            x, dy = values((2, 8), dtype, seed=at, low=-1, high=1)
            x[x == 0], x[at] = 1, value
            operation.assert_exact(dy, x, pair, *ORDINARY, backend=backend)
            operation.assert_exact(dy, x, pair, 0.0, 1.0, 0.5, backend=backend)


def test_every_pixel_alone_where_one_is_out_of_range(backend):
    """LRN of 2**k x without bias is that of x, for a beta of 1/2, in many blocks."""
    x = values((5, 40, 60), np.float32, seed=3, low=-1, high=1)
    x[x == 0] = 1
    for axis in (1, 2):
        y = lrnlib.lrn(np.ldexp(x, 90), (3, 1), 0, 0.25, 0.5, axis=axis, backend=backend)
        FORWARD.assert_agrees(y, None, x, (3, 1), 0, 0.25, 0.5, axis=axis)


@pytest.mark.parametrize("size", range(2, 17))
def test_agrees_with_the_rule_of_cuda_convnet(backend, size):
    """Its kernel sums from max(0, c - size / 2) for `size` channels, as its source says."""
    x, dy = values((2, 2, 16, 3), np.float64, seed=size, low=-2, high=1)
    starts = np.arange(16) - size // 2
    sums = [np.square(x[:, max(0, a) : a + size]).sum(1) for a in starts]
    before, after = CONVENTIONS["cuda_convnet"].window_extent(size)
    p = (before, after), 1.5, 0.25, 0.75
    expected = x / (1.5 + 0.25 * np.stack(sums, axis=1)) ** 0.75
    result = FORWARD(dy, x, *p, axis=1, backend=backend)
    FORWARD.assert_near(result, expected, dy, x, *p, axis=1)
