"""The bounds are tight but not violated, and the drawn data can show an error."""

import numpy as np
import pytest
from hypothesis import given, settings
from ml_dtypes import finfo

import lrnlib
from tests.library.oracles.band_matrix import gradient_terms
from tests.library.oracles.exact import by_decimals, nearest
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import DTYPES, cases, values
from tests.library.oracles.tolerance import (
    assert_agrees,
    error_over_bound,
    forward_roundings,
    relative_bound,
    terms_in,
)


def samples():
    """Yield 200 seeds, numbers of channels and sets of parameters."""
    rng = np.random.default_rng(2012)
    for seed in range(200):
        channels, radius = int(rng.integers(1, 33)), int(rng.integers(0, 8))
        bias, alpha = rng.integers(1, 257, 2) / 64
        yield seed, channels, (radius, bias, alpha, rng.integers(-64, 129) / 64)


# Measured with NumPy 2.4 on x86-64: LRN 0.21 for float64 and 0.26 for float32, its gradient 0.11
# and 0.15; for the half types 0.99, since the final rounding is most of their bound.
@pytest.mark.parametrize(("operation", "least"), [(FORWARD, 0.05), (GRADIENT, 0.02)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_bound_is_neither_idle_nor_violated(backend, dtype, operation, least):
    """The largest error in 200 arrays is within its bound and not far below it."""
    shares = []
    for seed, channels, p in samples():
        x, dy = values((2, 8, channels), dtype, seed, -2, 2)
        expected = operation.reference(dy, x, *p)
        size, terms = operation.size(expected, dy, x, *p), terms_in(p[0], channels)
        bound = operation.bound(size, x, dtype, terms, p[-1])
        result = operation(dy, x, *p, backend=backend)
        shares.append(error_over_bound(result, expected, bound))
    assert least < max(shares) < 1


# float32, n = 5, values of unit scale: units in the last place of the exact result.
@pytest.mark.parametrize(
    ("beta", "most"), [(0.5, 3), (0.75, 3), (1, 3), (0.25, 4), (0.6, 4), (1.25, 4)]
)
def test_the_error_in_units_in_the_last_place(backend, beta, most):
    """In float32 the error is at most 3 ulp for the common powers, else 4."""
    x = values((40, 9), np.float32, seed=64, low=-2, high=1)
    y = lrnlib.lrn(x, 2, 1.5, 0.3, beta, backend=backend)
    exact = [nearest(by_decimals(row, 2, 1.5, 0.3, beta)) for row in x]
    ulp = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    assert np.max(np.abs(y - np.array(exact)) / ulp) <= most


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_error_just_above_the_bound_is_seen(dtype):
    """An error slightly larger than the bound fails."""
    expected = np.array([1.0])
    slack = relative_bound(forward_roundings(5, 0.5), dtype) + float(finfo(dtype).eps)
    assert_agrees(expected.astype(dtype), expected, 5, 0.5)
    with pytest.raises(AssertionError, match="of its bound"):
        assert_agrees((expected * (1 + 2 * slack)).astype(dtype), expected, 5, 0.5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", [0.0, -np.inf, np.nan])
def test_only_infinity_is_right_for_overflow(dtype, wrong):
    """A result beyond the dtype's largest value is infinite, with the right sign."""
    expected = np.array([np.inf if dtype is np.float64 else 1e300])
    assert_agrees(np.array([np.inf], dtype), expected, 5, 0.5)
    with pytest.raises(AssertionError):
        assert_agrees(np.array([wrong], dtype), expected, 5, 0.5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinity_is_wrong_without_overflow(dtype):
    """An infinite result fails where the dtype can hold the true one."""
    expected = np.array([float(finfo(dtype).max) * (1 - 1e-4)])
    with pytest.raises(AssertionError, match="can hold is infinite"):
        assert_agrees(np.array([np.inf], dtype), expected, 5, 0.5)


def parts_of_base(case):
    """Return bias and the largest alpha * x**2 of each pixel."""
    return case.bias, case.alpha * np.square(case.x.astype(np.float64)).max(axis=case.axis)


def parts_of_gradient(case):
    """Return the absolute values of both terms of the gradient."""
    terms = gradient_terms(case.dy, case.x, *case.parameters, axis=case.axis)
    return np.abs(terms[0]), np.abs(terms[1])


@pytest.mark.parametrize("parts", [parts_of_base, parts_of_gradient])
def test_drawn_data_can_show_an_error(parts):
    """In more than a third of all draws, two parts are of similar size somewhere."""
    seen = []

    @settings(max_examples=300, derandomize=True, database=None)
    @given(case=cases())
    def draw(case):
        first, second = parts(case)
        seen.append(bool(np.any((second > first / 16) & (second < first * 16))))

    draw()
    assert np.mean(seen) > 1 / 3
