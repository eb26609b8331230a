"""The gradient is the derivative of LRN: Jacobian, reference and backends agree."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies as st

from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.band_matrix import gradient_size, gradient_terms
from tests.library.oracles.exact import gradient_by_decimals, gradient_by_fractions, nearest
from tests.library.oracles.gradients import assert_agrees, grad, of
from tests.library.oracles.strategies import DTYPES, LAYOUTS, cases, laid_out, values
from tests.library.oracles.tolerance import (
    assert_same_bits,
    assert_within,
    gradient_bound,
    terms_in,
)

ROW, DY = [1, 2, 3], [1, -2, 1]
BY_HAND = [
    # bases 1 + 5, 1 + 14, 1 + 13; dy / s - 2 x sum of dy x / s²
    (
        (1, 1, 1, 1),
        [
            Fraction(1, 6) - 2 * (Fraction(1, 36) - Fraction(4, 225)),
            Fraction(-2, 15) - 4 * (Fraction(1, 36) - Fraction(4, 225) + Fraction(3, 196)),
            Fraction(1, 14) - 6 * (Fraction(-4, 225) + Fraction(3, 196)),
        ],
    ),
    # bases 3 + 2 x²: 5, 11, 21; dy (s - 4 x²) / s²
    ((0, 3, 2, 1), [Fraction(1, 25), Fraction(10, 121), Fraction(-15, 441)]),
    # y = x (2 + sum / 2): dy s + x sum of dy x, bases 4.5, 9, 8.5
    ((1, 2, 0.5, -1), [1.5, -18, 5.5]),
    # every window holds all: base 16, power 2; dy / 256 - 4 x (dy · x) / 4096, and dy · x = 0
    ((2, 2, 1, 2), [1 / 256, -2 / 256, 1 / 256]),
    ((1, 4, 0, 0.5), [0.5, -1, 0.5]),
]


@pytest.mark.parametrize(("parameters", "expected"), BY_HAND)
def test_hand_calculations(backend, parameters, expected):
    """[1, 2, 3] with dy = [1, -2, 1], by hand, from the reference and from the library."""
    x, dy = np.array(ROW, np.float64), np.array(DY, np.float64)
    expected = nearest(expected)
    size, terms = gradient_size(dy, x, *parameters), terms_in(parameters[0], 3)
    bound = gradient_bound(size, x, x.dtype, terms, parameters[-1])
    assert_within(reference.local_response_normalization_grad(dy, x, *parameters), expected, bound)
    assert_within(grad(dy, x, *parameters, backend=backend), expected, bound)


def test_a_jacobian_by_hand():
    """Two channels in one window: y = x / (1 + x1² + x2²) at (1, 2)."""
    by_hand = np.array([[6 - 2, -4], [-4, 6 - 8]]) / 36
    np.testing.assert_allclose(reference.jacobian([1, 2], 1, 1, 1, 1), by_hand, rtol=1e-15)


@pytest.mark.parametrize("beta", [-1, -0.5, 0, 0.3, 0.5, 0.75, 1, 2])
@pytest.mark.parametrize("depth_radius", [0, 1, 3, 10**20])
def test_jacobian_against_central_differences(depth_radius, beta):
    """Every derivative agrees with a difference, up to h² and rounding / h."""
    x, h = values((7,), np.float64, seed=11, low=-1, high=1), 2.0**-17
    parameters = depth_radius, 1.5, 0.25, beta
    columns = [
        (
            reference.local_response_normalization(x + step, *parameters)
            - reference.local_response_normalization(x - step, *parameters)
        )
        / (2 * h)
        for step in h * np.eye(len(x))
    ]
    jacobian = reference.jacobian(x, *parameters)
    np.testing.assert_allclose(jacobian, np.transpose(columns), rtol=1e-8, atol=1e-9)
    far = np.abs(np.subtract.outer(range(7), range(7))) > depth_radius
    assert not jacobian[far].any()


@given(case=cases(betas=st.sampled_from((-2, -1, 1, 2, 3)), layouts=("contiguous",)))
def test_reference_against_fractions(case):
    """For an integer beta the reference is within its bound of exact fractions."""
    rows, dys = rows_of(case, case.x), rows_of(case, case.dy)
    exact = [
        gradient_by_fractions(dy, x, *case.parameters)[0] for dy, x in zip(dys, rows, strict=True)
    ]
    assert_reference_agrees(case, [nearest(row) for row in exact])


@given(case=cases(layouts=("contiguous",), max_channels=6))
def test_reference_against_decimals(case):
    """For any beta the reference is within its bound of arithmetic with 60 digits."""
    rows, dys = rows_of(case, case.x)[:4], rows_of(case, case.dy)[:4]
    exact = [
        gradient_by_decimals(dy, x, *case.parameters)[0] for dy, x in zip(dys, rows, strict=True)
    ]
    assert_reference_agrees(case, [nearest(row) for row in exact])


def rows_of(case, a):
    return np.moveaxis(a.astype(np.float64), case.axis, -1).reshape(-1, case.channels)


def assert_reference_agrees(case, expected):
    """Fail unless the reference's gradient of the first rows is within its bound."""
    x, dy = rows_of(case, case.x)[: len(expected)], rows_of(case, case.dy)[: len(expected)]
    dx = reference.local_response_normalization_grad(dy, x, *case.parameters)
    size = gradient_size(dy, x, *case.parameters)
    bound = gradient_bound(size, x, np.float64, case.terms, case.beta, sides=1)
    assert_within(dx, np.reshape(expected, dx.shape), bound)


@given(case=cases())
def test_reference_against_a_band_matrix(case):
    """The gradient by dense Jacobians and the one by a band matrix agree."""
    x, dy = case.x.astype(np.float64), case.dy.astype(np.float64)
    dx = reference.local_response_normalization_grad(dy, x, *case.parameters, axis=case.axis)
    first, second, size = gradient_terms(dy, x, *case.parameters, axis=case.axis)
    assert_within(dx, first + second, gradient_bound(size, x, np.float64, case.terms, case.beta))


def test_reference_is_the_jacobian_from_the_left():
    """Each pixel's gradient is its dy times its Jacobian, along any axis."""
    x, dy = values((2, 4, 5, 3), np.float64, seed=2, low=-2, high=1)
    dx = reference.local_response_normalization_grad(dy, x, 1, 1.5, 0.5, 0.75, axis=1)
    expected = dy[2, :, 1] @ reference.jacobian(x[2, :, 1], 1, 1.5, 0.5, 0.75)
    np.testing.assert_array_equal(dx[2, :, 1], expected)


@given(case=cases())
def test_agrees_with_the_reference(backend, case):
    """Every element is within its derived bound."""
    dx = of(case, backend=backend)
    assert_agrees(dx, case.dy, case.x, *case.parameters, axis=case.axis)


@given(case=cases())
def test_result_is_a_new_c_contiguous_array_like_x(backend, case):
    """The result has the shape and dtype of x and is C-contiguous; x and dy are unchanged."""
    x, dy = case.x.copy(), case.dy.copy()
    dx = of(case, backend=backend)
    assert (type(dx), dx.shape, dx.dtype) == (np.ndarray, case.x.shape, case.x.dtype)
    assert dx.flags.c_contiguous
    assert dx.flags.writeable
    assert not np.shares_memory(dx, case.x)
    assert not np.shares_memory(dx, case.dy)
    assert_same_bits(case.x, x)
    assert_same_bits(case.dy, dy)


@given(case=cases(layouts=("contiguous",)), layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 2))
def test_layout_does_not_matter(backend, case, layouts):
    """Equal arrays have equal gradients, bit by bit, whatever their memory layouts."""
    dx = of(case, backend=backend)
    x = laid_out(case.x, layouts[0])
    dy = laid_out(case.dy.astype(x.dtype), layouts[1]).astype(x.dtype, copy=False)
    assert_same_bits(of(case, dy, x, backend=backend).astype(dx.dtype), dx)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_quarter(backend, dtype):
    """Each power that is computed by square roots is right, and so are its neighbours."""
    x, dy = values((2, 4, 7), dtype, seed=4, low=-1, high=1)
    for beta in np.arange(-3, 3.5, 0.25):
        dx = grad(dy, x, 2, 1.5, 0.25, beta, backend=backend)
        assert_agrees(dx, dy, x, 2, 1.5, 0.25, beta)


@pytest.mark.parametrize("channels", [200, 513])
@pytest.mark.parametrize("depth_radius", [2, 60, 10**400])
def test_agrees_on_long_axes(backend, channels, depth_radius):
    """Many channels, wide windows, and a radius larger than any machine integer agree too."""
    x, dy = values((2, 2, channels), np.float64, seed=channels, low=-3, high=1)
    parameters = depth_radius, 1.5, 0.25, 0.75
    assert_agrees(grad(dy, x, *parameters, backend=backend), dy, x, *parameters)


@pytest.mark.parametrize("dtype", DTYPES)
def test_agrees_on_many_blocks(backend, dtype):
    """All blocks that a large array is cut into agree."""
    parameters = 2, 2.0, 0.5, 0.75
    for shape, axis in (((61, 96, 90), 1), ((61, 96, 90), 2), ((3, 96, 47, 55), 1)):
        x, dy = values((2, *shape), dtype, seed=7, low=-1, high=0)
        dx = grad(dy, x, *parameters, axis=axis, backend=backend)
        x, dy, dx = (np.moveaxis(a, axis, -1)[::2, ::3] for a in (x, dy, dx))
        first, second, size = gradient_terms(dy, x, *parameters)
        assert_within(dx, first + second, gradient_bound(size, x, dtype, 5, 0.75))


def test_defaults_are_those_of_lrn(backend):
    """The defaults are 5, 1, 1 and 0.5, and the last axis."""
    x, dy = values((2, 3, 13, 17), np.float64, seed=5, low=-2, high=1)
    dx = grad(dy, x, backend=backend)
    assert_same_bits(dx, grad(dy, x, 5, 1.0, 1.0, 0.5, axis=-1, backend=backend))
    assert_agrees(dx, dy, x, 5, 1.0, 1.0, 0.5)


def test_a_missing_second_term_is_detected():
    """On balanced data a gradient without its second term is far out of the bound."""
    x, dy = values((2, 8, 16), np.float32, seed=3, low=-1, high=0)
    _, second, size = gradient_terms(dy, x, 2, 1.5, 0.25, 0.75)
    bound = gradient_bound(size, x, x.dtype, 5, 0.75)
    assert np.median(np.abs(second) / bound) > 1e4
