"""Properties of LRN, some shared with its gradient, tested without a second implementation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st
from ml_dtypes import finfo

import lrnlib
from tests.backends_under_test import given
from tests.library.oracles.exact import sides
from tests.library.oracles.operations import FORWARD
from tests.library.oracles.strategies import DTYPES, cases, values
from tests.library.oracles.tolerance import (
    assert_agrees,
    assert_same_bits,
    bound_after_rounding,
    forward_bound,
)

of = FORWARD.of
EXACT = (np.float32, np.float64)  # dtypes in which 2**12 * x stays exact


def scaled(x, k):
    """Return 2**k * x in native byte order."""
    return np.ldexp(x, k).astype(x.dtype.newbyteorder("="), order="C")


@given(case=cases())
def test_reversing_the_channels_commutes(operation, backend, case):
    """Reversed channels give the reversed result of the mirrored window."""
    dy, x = np.flip(case.dy, case.axis), np.flip(case.x, case.axis)
    mirrored = replace(case, depth_radius=sides(case.depth_radius)[::-1])
    other = np.flip(operation.of(mirrored, dy, x, backend=backend), case.axis)
    assert_agrees_with_itself(operation, other, operation.of(case, backend=backend), case)


def assert_agrees_with_itself(operation, y, z, case):
    """Fail unless two results of the library differ by at most both their bounds."""
    dtype = y.dtype
    y, z = y.astype(np.float64), z.astype(np.float64)
    size = operation.size(z, case.dy, case.x, *case.parameters, axis=case.axis)
    bound = operation.bound(size, case.x, dtype, case.terms, case.beta, sides=1)
    with np.errstate(invalid="ignore"):
        allowed = bound_after_rounding(bound, z, dtype)
        within = (y == z) | (np.isnan(y) & np.isnan(z)) | (np.abs(y - z) <= 2 * allowed)
        at_the_edge = np.fmin(np.abs(y), np.abs(z)) + allowed >= float(finfo(dtype).max)
    assert np.all(within | (np.isinf(y + z) & at_the_edge))


@given(case=cases(), data=st.data())
def test_permuting_axes_commutes(operation, backend, case, data):
    """Axes may be put in any order, if `axis` follows its axis."""
    order = data.draw(st.permutations(range(case.x.ndim)))
    axis = order.index(case.axis % case.x.ndim)
    dy, x = case.dy.transpose(order), case.x.transpose(order)
    result = operation.of(case, backend=backend).transpose(order)
    other = operation.of(case, dy, x, axis=axis, backend=backend)
    assert_same_bits(other, np.ascontiguousarray(result))


@given(case=cases(), data=st.data())
def test_pixels_are_independent(operation, backend, case, data):
    """A pixel alone has the same bits as among others."""
    pixel = [slice(k, k + 1) for k in (data.draw(st.integers(0, n - 1)) for n in case.x.shape)]
    pixel[case.axis] = slice(None)
    pixel = tuple(pixel)
    alone = operation.of(case, case.dy[pixel], case.x[pixel], backend=backend)
    assert_same_bits(alone, operation.of(case, backend=backend)[pixel])


@given(case=cases(layouts=("contiguous",)), data=st.data())
def test_distant_channels_have_no_effect(operation, backend, case, data):
    """A channel has an effect within its window, but x in the gradient within two."""
    k = data.draw(st.integers(0, case.channels - 1))
    result = np.moveaxis(operation.of(case, backend=backend), case.axis, 0)
    for changed in ("x", "dy"):
        arrays = {"x": case.x.copy(), "dy": case.dy.copy()}
        np.moveaxis(arrays[changed], case.axis, 0)[k] = 3.25
        other = np.moveaxis(operation.of(case, **arrays, backend=backend), case.axis, 0)
        distance = (np.arange(case.channels) - k).astype(object)  # sides may be huge
        far = ~operation.reaches(distance, case.depth_radius, changed == "dy").astype(bool)
        assert_same_bits(other[far], result[far])


@given(case=cases(alphas=st.just(0.0)))
def test_alpha_0_leaves_a_factor(operation, backend, case):
    """With alpha = 0 the result is x, or dy, times bias**-beta."""
    arrays = case.dy, case.x
    expected = operation.numerator(*arrays).astype(np.float64) * case.bias**-case.beta
    result = operation.of(case, backend=backend)
    operation.assert_near(result, expected, *arrays, *case.parameters, axis=case.axis)


@given(case=cases(betas=st.just(0.0)))
def test_beta_0_leaves_x_or_dy(operation, backend, case):
    """With beta = 0 the result is x, or dy, exactly."""
    expected = np.ascontiguousarray(operation.numerator(case.dy, case.x))
    assert_same_bits(operation.of(case, backend=backend), expected)


@given(case=cases())
def test_odd(backend, case):
    """LRN of -x is -y."""
    assert_same_bits(of(case, x=-case.x, backend=backend), -of(case, backend=backend))


@given(case=cases(), axis_from_front=st.booleans())
def test_an_axis_has_two_numbers(backend, case, axis_from_front):
    """An axis counted from the end is the same axis counted from the front."""
    other = case.axis % case.x.ndim - (0 if axis_from_front else case.x.ndim)
    assert_same_bits(of(case, axis=other, backend=backend), of(case, backend=backend))


@given(case=cases())
def test_radius_0_is_element_by_element(backend, case):
    """With depth_radius 0 the window is the element itself, so `axis` has no effect."""
    along = lrnlib.lrn(case.x, 0, *case.parameters[1:], axis=case.axis, backend=backend)
    across = lrnlib.lrn(case.x, 0, *case.parameters[1:], axis=0, backend=backend)
    one_by_one = lrnlib.lrn(case.x.reshape(-1, 1), 0, *case.parameters[1:], backend=backend)
    assert_same_bits(along, across)
    assert_same_bits(along, one_by_one.reshape(case.x.shape))


@given(case=cases())
def test_a_radius_across_the_axis_covers_all_channels(backend, case):
    """From depth_radius = channels - 1 on, all channels of a pixel have the same base."""
    rest = case.parameters[1:]
    y = lrnlib.lrn(case.x, case.channels - 1, *rest, axis=case.axis, backend=backend)
    for radius in (case.channels, 10**30):
        assert_same_bits(lrnlib.lrn(case.x, radius, *rest, axis=case.axis, backend=backend), y)
    energy = np.square(case.x.astype(np.float64)).sum(axis=case.axis, keepdims=True)
    expected = case.x / (case.bias + case.alpha * energy) ** case.beta
    assert_agrees(y, expected.astype(np.float64), case.channels, case.beta)


@given(case=cases(dtypes=EXACT, betas=st.just(0.5)), k=st.integers(-12, 12))
def test_scaling_x_and_bias_cancels_for_beta_a_half(backend, case, k):
    """With beta 0.5, 2**k * x and 4**k * bias give the same result, in float32 bit by bit."""
    x = scaled(case.x, k)
    bias = case.bias * 4.0**k
    y = lrnlib.lrn(x, case.depth_radius, bias, case.alpha, 0.5, axis=case.axis, backend=backend)
    z = of(case, backend=backend).astype(y.dtype)
    if y.dtype == np.float32:
        assert_same_bits(y, z)
    assert_agrees_with_itself(FORWARD, y, z, case)


@given(case=cases(dtypes=EXACT), k=st.integers(-12, 12))
def test_scaling_x_and_alpha_scales_y(backend, case, k):
    """2**k * x and alpha / 4**k give 2**k * y, bit by bit."""
    parameters = case.depth_radius, case.bias, case.alpha / 4.0**k, case.beta
    y = lrnlib.lrn(scaled(case.x, k), *parameters, axis=case.axis, backend=backend)
    assert_same_bits(y, scaled(of(case, backend=backend), k))


@pytest.mark.parametrize("dtype", DTYPES)
def test_l2_norm(backend, dtype):
    """With bias 0, alpha 1, beta 0.5 and all channels, each pixel gets the norm 1."""
    x = values((5, 7, 9), dtype, seed=3, low=-3, high=3)
    y = lrnlib.lrn(x, 9, 0, 1, 0.5, backend=backend).astype(np.float64)
    np.testing.assert_allclose((y**2).sum(-1), 1, rtol=2 * float(finfo(dtype).eps))


@given(case=cases(betas=st.sampled_from((0.5, 0.75, 1.0, 2.0))))
def test_more_energy_means_less(backend, case):
    """With beta > 0, a larger radius or bias makes no result larger, except by rounding."""
    y = np.abs(of(case, backend=backend))
    before, after = sides(case.depth_radius)
    wider = (before + 1, after + 1), case.bias + 1, case.alpha, case.beta
    z = np.abs(lrnlib.lrn(case.x, *wider, axis=case.axis, backend=backend))
    y, z = y.astype(np.float64), z.astype(np.float64)
    terms = min(case.terms + 2, case.channels)
    both = 2 * bound_after_rounding(
        forward_bound(y, case.x.dtype, terms, case.beta), y, case.x.dtype
    )
    assert np.all(z <= y + both)
