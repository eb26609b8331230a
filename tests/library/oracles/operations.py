"""LRN and its gradient, called and compared alike: one test body serves both."""

import numpy as np

import lrnlib
from lrnlib import reference
from tests.library.oracles import exact
from tests.library.oracles.band_matrix import band, gradient_size, gradient_terms
from tests.library.oracles.tolerance import assert_within, forward_bound, gradient_bound, terms_in


class Operation:
    """What both have in common. Each adds its function, its oracles and its bound."""

    def of(self, case, dy=None, x=None, **others):
        """Return the result for a case, or for other arrays with the case's parameters."""
        dy, x = case.dy if dy is None else dy, case.x if x is None else x
        dy = dy.astype(x.dtype, copy=False)  # NumPy's results have the native byte order
        return self(dy, x, *case.parameters, **{"axis": case.axis, **others})

    def reaches(self, distance, depth_radius, in_dy=False):
        """Tell where an input has an effect, by the distance of a result's channel from its own."""
        before, after = self.extent(*exact.sides(depth_radius), in_dy)
        return (-before <= distance) & (distance <= after)

    def assert_near(self, result, expected, dy, x, *parameters, axis=-1, sides=2):
        """Fail unless a result is within its bound of the float64 values expected."""
        size = self.size(expected, dy, x, *parameters, axis=axis)
        terms = terms_in(parameters[0], x.shape[axis])
        bound = self.bound(size, x, result.dtype, terms, parameters[-1], sides)
        assert_within(result, expected, bound)

    def assert_agrees(self, result, dy, x, *parameters, axis=-1):
        """Fail unless a result is within its bound of the reference's."""
        expected = self.reference(dy, x, *parameters, axis=axis)
        self.assert_near(result, expected, dy, x, *parameters, axis=axis)

    def assert_exact(self, dy, x, *parameters, backend):
        """Fail unless the result of one row is within its bound of the exact one."""
        result = self(dy, x, *parameters, backend=backend)
        assert result.dtype == x.dtype
        expected, size = map(exact.nearest, self.decimals(dy, x, *parameters))
        terms = terms_in(parameters[0], len(x))
        assert_within(result, expected, self.bound(size, x, x.dtype, terms, parameters[-1], 1))


class Forward(Operation):
    """LRN. It has no use for `dy`; its error is relative to the result itself."""

    def __call__(self, dy, x, *parameters, **others):
        return lrnlib.local_response_normalization(x, *parameters, **others)

    def reference(self, dy, x, *parameters, **axis):
        return reference.local_response_normalization(x, *parameters, **axis)

    def by_band_matrix(self, dy, x, depth_radius, bias, alpha, beta, axis=-1):
        v = np.moveaxis(x, axis, -1).astype(np.float64)
        y = v / (bias + alpha * (v**2 @ band(v.shape[-1], depth_radius).T)) ** beta
        return np.moveaxis(y, -1, axis)

    def fractions(self, dy, x, *parameters):
        return (exact.by_fractions(x, *parameters),) * 2

    def decimals(self, dy, x, *parameters):
        return (exact.by_decimals(x, *parameters),) * 2

    def extent(self, before, after, in_dy):
        """Return how many channels before and after an input's own it has an effect on."""
        return after, before

    def numerator(self, dy, x):
        """Return the input that is divided by the power of the base."""
        return x

    def size(self, expected, dy, x, *parameters, axis=-1):
        """Return what the error bound is relative to."""
        return expected

    def bound(self, size, x, dtype, terms, beta, sides=2):
        return forward_bound(size, dtype, terms, beta, sides)


class Gradient(Operation):
    """The gradient of LRN. Its error is relative to the sum of its absolute terms."""

    def __call__(self, dy, x, *parameters, **others):
        return lrnlib.local_response_normalization_grad(dy, x, *parameters, **others)

    def reference(self, dy, x, *parameters, **axis):
        return reference.local_response_normalization_grad(dy, x, *parameters, **axis)

    def by_band_matrix(self, dy, x, *parameters, axis=-1):
        return sum(gradient_terms(dy, x, *parameters, axis=axis)[:2])

    fractions = staticmethod(exact.gradient_by_fractions)
    decimals = staticmethod(exact.gradient_by_decimals)
    bound = staticmethod(gradient_bound)

    def extent(self, before, after, in_dy):
        return (before, after) if in_dy else (before + after,) * 2

    def numerator(self, dy, x):
        return dy

    def size(self, expected, dy, x, *parameters, axis=-1):
        return gradient_size(dy, x, *parameters, axis=axis)


FORWARD, GRADIENT = Forward(), Gradient()
