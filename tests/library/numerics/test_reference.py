"""LRN and its gradient agree with their definitions for any shape, axis, dtype and parameters."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from lrnlib import reference
from tests.backends_under_test import given
from tests.library.oracles.band_matrix import band, gradient_terms
from tests.library.oracles.exact import by_fractions, nearest
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import DTYPES, LAYOUTS, PAIRS, cases, laid_out, values
from tests.library.oracles.tolerance import assert_agrees, assert_same_bits, gradient_bound

ARTICLE_X = [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [8, 7, 6, 5, 4, 3, 2, 1],
    [4, 3, 2, 1, 8, 7, 6, 5],
    [1, 2, 3, 4, 5, 6, 7, 8],
]
ARTICLE_Y = """
0.07142857 0.06666667 0.05454545 0.04444445 0.03703704 0.03157895 0.04022989 0.05369128
0.05369128 0.04022989 0.03157895 0.03703704 0.04444445 0.05454545 0.06666667 0.07142857
0.13793103 0.10000001 0.0212766  0.00787402 0.05194805 0.04       0.03448276 0.04545454
0.07142857 0.06666667 0.05454545 0.04444445 0.03703704 0.03157895 0.04022989 0.05369128
"""


@given(case=cases())
def test_agrees_with_the_reference(operation, backend, case):
    """Every element is within its derived bound."""
    result = operation.of(case, backend=backend)
    operation.assert_agrees(result, case.dy, case.x, *case.parameters, axis=case.axis)


@given(case=cases())
def test_result_is_a_new_c_contiguous_array_like_x(operation, backend, case):
    """The result has the shape and dtype of x and is C-contiguous; x and dy are unchanged."""
    x, dy = case.x.copy(), case.dy.copy()
    y = operation.of(case, backend=backend)
    assert (type(y), y.shape, y.dtype) == (np.ndarray, case.x.shape, case.x.dtype)
    assert y.flags.c_contiguous
    assert y.flags.writeable
    assert not np.shares_memory(y, case.x)
    assert not np.shares_memory(y, case.dy)
    assert_same_bits(case.x, x)
    assert_same_bits(case.dy, dy)


@given(case=cases(layouts=("contiguous",)), layouts=st.tuples(*[st.sampled_from(LAYOUTS)] * 2))
def test_layout_does_not_matter(operation, backend, case, layouts):
    """Equal arrays have equal results, bit by bit, whatever their memory layouts."""
    result = operation.of(case, backend=backend)
    x = laid_out(case.x, layouts[0])
    dy = laid_out(case.dy.astype(x.dtype), layouts[1]).astype(x.dtype, copy=False)
    assert_same_bits(operation.of(case, dy, x, backend=backend).astype(result.dtype), result)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_are_equal_arrays(layout):
    """Each layout of the tests has the same values, and differs from the plain one."""
    a = values((3, 4, 5), np.float32, seed=1)
    b = laid_out(a, layout)
    np.testing.assert_array_equal(b, a)
    as_plain = b.strides == a.strides and b.dtype.isnative and b.flags.aligned and b.flags.writeable
    assert as_plain == (layout == "contiguous")


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_quarter(operation, backend, dtype):
    """Each power that is computed by square roots is right, and so are its neighbours."""
    x, dy = values((2, 4, 7), dtype, seed=4, low=-1, high=1)
    for beta in np.arange(-3, 3.5, 0.25):
        result = operation(dy, x, 2, 1.5, 0.25, beta, backend=backend)
        operation.assert_agrees(result, dy, x, 2, 1.5, 0.25, beta)


@pytest.mark.parametrize("channels", [200, 513])
@pytest.mark.parametrize("depth_radius", [2, 60, 10**400, (0, 1), (60, 3), (2, 10**400)])
def test_agrees_on_long_axes(operation, backend, channels, depth_radius):
    """Many channels, wide windows, and a radius larger than any machine integer agree too."""
    x, dy = values((2, 2, channels), np.float64, seed=channels, low=-3, high=1)
    parameters = depth_radius, 1.5, 0.25, 0.75
    operation.assert_agrees(operation(dy, x, *parameters, backend=backend), dy, x, *parameters)


@pytest.mark.parametrize("dtype", DTYPES)
def test_agrees_on_many_blocks(operation, backend, dtype):
    """All blocks that a large array is cut into agree; in the last case they differ in shape."""
    parameters = 2, 2.0, 0.5, 0.75
    for shape, axis in (((61, 96, 90), 1), ((61, 96, 90), 2), ((3, 96, 47, 55), 1)):
        x, dy = values((2, *shape), dtype, seed=7, low=-1, high=0)
        result = operation(dy, x, *parameters, axis=axis, backend=backend)
        some = np.s_[:] if operation is FORWARD else np.s_[::2, ::3]  # the oracle takes its time
        result, dy, x = (np.moveaxis(a, axis, -1)[some] for a in (result, dy, x))
        expected = operation.by_band_matrix(dy, x, *parameters)
        operation.assert_near(result, expected, dy, x, *parameters)


def test_lrn_is_the_short_name():
    """`lrn` is `local_response_normalization`."""
    assert lrnlib.lrn is lrnlib.local_response_normalization


def test_defaults_are_those_of_tensorflow(operation, backend):
    """The defaults are 5, 1, 1 and 0.5, and the last axis."""
    x, dy = values((2, 3, 13, 17), np.float64, seed=5, low=-2, high=1)
    result = operation(dy, x, backend=backend)
    assert_same_bits(result, operation(dy, x, 5, 1.0, 1.0, 0.5, axis=-1, backend=backend))
    operation.assert_near(result, operation.reference(dy, x), dy, x, 5, 1.0, 1.0, 0.5)


def test_alexnet(backend):
    """AlexNet's parameters, on activations large enough for the sum to matter."""
    x = np.maximum(values((2, 5, 5, 96), np.float32, seed=2012, low=3, high=7), 0)
    y = lrnlib.lrn(x, depth_radius=2, bias=2, alpha=1e-4, beta=0.75, backend=backend)
    assert_agrees(y, reference.local_response_normalization(x, 2, 2, 1e-4, 0.75), 5, 0.75)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_article(backend, dtype):
    """The 32 numbers that the article prints, with 8 digits of float32."""
    printed = np.array(ARTICLE_Y.split(), np.float64).reshape(1, 2, 2, 8)
    x = np.array(ARTICLE_X, dtype).reshape(1, 2, 2, 8)
    y = lrnlib.lrn(x, 2, 0, 1, 1, backend=backend)
    one_ulp, half_a_digit = float(np.finfo(np.float32).eps), 0.5e-8
    assert np.all(np.abs(y - printed) <= one_ulp * printed + half_a_digit)
    exact = [nearest(by_fractions(row, 2, 0, 1, 1)) for row in ARTICLE_X]
    assert_agrees(y, np.reshape(exact, (1, 2, 2, 8)), 5, 1, sides=1)


X, DY = np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 1.0])
BY_HAND = [
    (FORWARD, (1, 0, 1, 0.5), [1 / 5**0.5, 2 / 14**0.5, 3 / 13**0.5]),
    (FORWARD, (1, 0, 1, 1), [1 / 5, 2 / 14, 3 / 13]),
    # bias 3, alpha 1/2: bases 3 + 5/2, 3 + 14/2, 3 + 13/2; their squares
    (FORWARD, (1, 3, 0.5, 2), [1 / 30.25, 2 / 100, 3 / 90.25]),
    (FORWARD, (1, 3, 0.5, -1), [1 * 5.5, 2 * 10, 3 * 9.5]),
    (FORWARD, (0, 3, 2, 1), [1 / 5, 2 / 11, 3 / 21]),
    (FORWARD, (2, 2, 1, 1), [1 / 16, 2 / 16, 3 / 16]),
    # windows of two: the channel and the next one, or the one before
    (FORWARD, ((0, 1), 0, 1, 1), [1 / 5, 2 / 13, 3 / 9]),
    (FORWARD, ((1, 0), 0, 1, 1), [1 / 1, 2 / 5, 3 / 13]),
    # bases 1 + 5, 1 + 14, 1 + 13; dy / s - 2 x sum of dy x / s²
    (
        GRADIENT,
        (1, 1, 1, 1),
        [
            Fraction(1, 6) - 2 * (Fraction(1, 36) - Fraction(4, 225)),
            Fraction(-2, 15) - 4 * (Fraction(1, 36) - Fraction(4, 225) + Fraction(3, 196)),
            Fraction(1, 14) - 6 * (Fraction(-4, 225) + Fraction(3, 196)),
        ],
    ),
    # the same with bases 1 + 5, 1 + 13, 1 + 9, and the terms of the channel and the one before
    (
        GRADIENT,
        ((0, 1), 1, 1, 1),
        [
            Fraction(1, 6) - 2 * Fraction(1, 36),
            Fraction(-2, 14) - 4 * (Fraction(1, 36) - Fraction(4, 196)),
            Fraction(1, 10) - 6 * (Fraction(-4, 196) + Fraction(3, 100)),
        ],
    ),
    # bases 3 + 2 x²: 5, 11, 21; dy (s - 4 x²) / s²
    (GRADIENT, (0, 3, 2, 1), [Fraction(1, 25), Fraction(10, 121), Fraction(-15, 441)]),
    # y = x (2 + sum / 2): dy s + x sum of dy x, bases 4.5, 9, 8.5
    (GRADIENT, (1, 2, 0.5, -1), [1.5, -18, 5.5]),
    # every window holds all: base 16, power 2; dy / 256 - 4 x (dy · x) / 4096, and dy · x = 0
    (GRADIENT, (2, 2, 1, 2), [1 / 256, -2 / 256, 1 / 256]),
    (GRADIENT, (1, 4, 0, 0.5), [0.5, -1, 0.5]),
]


@pytest.mark.parametrize(("operation", "parameters", "expected"), BY_HAND)
def test_hand_calculations(backend, operation, parameters, expected):
    """[1, 2, 3] with dy = [1, -2, 1], by hand, from the reference and from the library."""
    expected = nearest(expected)
    by_reference = operation.reference(DY, X, *parameters)
    operation.assert_near(by_reference, expected, DY, X, *parameters)
    result = operation(DY, X, *parameters, backend=backend)
    operation.assert_near(result, expected, DY, X, *parameters)


def test_a_jacobian_by_hand():
    """Two channels in one window: y = x / (1 + x1² + x2²) at (1, 2)."""
    by_hand = np.array([[6 - 2, -4], [-4, 6 - 8]]) / 36
    np.testing.assert_allclose(reference.jacobian([1, 2], 1, 1, 1, 1), by_hand, rtol=1e-15)


@pytest.mark.parametrize("beta", [-1, -0.5, 0, 0.3, 0.5, 0.75, 1, 2])
@pytest.mark.parametrize("depth_radius", [0, 1, 3, 10**20, *PAIRS])
def test_jacobian_against_central_differences(depth_radius, beta):
    """Every derivative agrees with a difference, up to h² and rounding / h."""
    x, h = values((7,), np.float64, seed=11, low=-1, high=1), 2.0**-17
    parameters = depth_radius, 1.5, 0.25, beta
    steps, lrn = h * np.eye(7), reference.local_response_normalization
    columns = [(lrn(x + d, *parameters) - lrn(x - d, *parameters)) / (2 * h) for d in steps]
    jacobian = reference.jacobian(x, *parameters)
    np.testing.assert_allclose(jacobian, np.transpose(columns), rtol=1e-8, atol=1e-9)
    assert not jacobian[band(7, depth_radius) == 0].any()


@given(case=cases(betas=st.sampled_from((-2, -1, 0, 1, 2, 3)), layouts=("contiguous",)))
def test_reference_against_fractions(operation, case):
    """For an integer beta the reference is within its bound of exact fractions."""
    assert_reference_is_exact(operation, case, operation.fractions)


@given(case=cases(layouts=("contiguous",), max_channels=6))
def test_reference_against_decimals(operation, case):
    """For any beta the reference is within its bound of arithmetic with 60 digits."""
    assert_reference_is_exact(operation, case, operation.decimals, most=4)


def assert_reference_is_exact(operation, case, exact, most=None):
    """Fail unless the reference's first rows are within their bounds of the exact ones."""
    result = operation.reference(case.dy, case.x, *case.parameters, axis=case.axis)
    result, dy, x = (
        np.moveaxis(a.astype(np.float64), case.axis, -1).reshape(-1, case.channels)[:most]
        for a in (result, case.dy, case.x)
    )
    rows = [exact(*pair, *case.parameters)[0] for pair in zip(dy, x, strict=True)]
    expected = np.array([nearest(row) for row in rows])
    operation.assert_near(result, expected, dy, x, *case.parameters, sides=1)


@given(case=cases())
def test_reference_against_a_band_matrix(operation, case):
    """The reference, by loops and dense Jacobians, and window sums by a band matrix agree."""
    arguments, axis = (case.dy, case.x, *case.parameters), {"axis": case.axis}
    result = operation.reference(*arguments, **axis)
    operation.assert_near(result, operation.by_band_matrix(*arguments, **axis), *arguments, **axis)


def test_the_two_exact_methods_agree(operation):
    """Fractions and decimals give the same numbers."""
    dy, x = [1.0, 0.25, -2.0, 8.0, 3.0], [0.5, -3.0, 0.0, 7.25, -(2.0**-10)]
    row = dy, x, 1, 1.5, 1 / 64, 2
    methods = operation.fractions(*row), operation.decimals(*row)
    for fractions, decimals in zip(*methods, strict=True):
        np.testing.assert_array_equal(nearest(decimals), nearest(fractions))


def test_reference_is_the_jacobian_from_the_left():
    """Each pixel's gradient is its dy times its Jacobian, along any axis."""
    x, dy = values((2, 4, 5, 3), np.float64, seed=2, low=-2, high=1)
    dx = reference.local_response_normalization_grad(dy, x, 1, 1.5, 0.5, 0.75, axis=1)
    expected = dy[2, :, 1] @ reference.jacobian(x[2, :, 1], 1, 1.5, 0.5, 0.75)
    np.testing.assert_array_equal(dx[2, :, 1], expected)


def test_a_missing_second_term_is_detected():
    """On balanced data a gradient without its second term is far out of the bound."""
    x, dy = values((2, 8, 16), np.float32, seed=3, low=-1, high=0)
    _, second, size = gradient_terms(dy, x, 2, 1.5, 0.25, 0.75)
    bound = gradient_bound(size, x, x.dtype, 5, 0.75)
    assert np.median(np.abs(second) / bound) > 1e4


@pytest.mark.parametrize("dtype", DTYPES)
def test_reference_computes_in_float64(dtype):
    """The reference returns float64 for every input."""
    assert reference.local_response_normalization(np.ones(3, dtype)).dtype == np.float64
