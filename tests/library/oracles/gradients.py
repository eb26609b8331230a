"""Call the gradient and compare it with the oracles."""

import numpy as np

import lrnlib
from lrnlib import reference
from tests.library.oracles.band_matrix import gradient_size
from tests.library.oracles.exact import gradient_by_decimals, nearest
from tests.library.oracles.tolerance import assert_within, gradient_bound, terms_in


def grad(*args, **kwargs):
    return lrnlib.local_response_normalization_grad(*args, **kwargs)


def of(case, dy=None, x=None, **others):
    """Return the gradient of a case, or of other arrays with the case's parameters."""
    dy, x = case.dy if dy is None else dy, case.x if x is None else x
    dy = dy.astype(x.dtype, copy=False)  # NumPy's results have the native byte order
    return grad(dy, x, *case.parameters, **{"axis": case.axis, **others})


def bound_of(case):
    """Return the error bound of a case's gradient, without the rounding to its dtype."""
    size = gradient_size(case.dy, case.x, *case.parameters, axis=case.axis)
    return gradient_bound(size, case.x, case.x.dtype, case.terms, case.beta)


def assert_agrees(dx, dy, x, *parameters, axis=-1):
    """Fail unless a gradient is within its bound of the reference's."""
    expected = reference.local_response_normalization_grad(dy, x, *parameters, axis=axis)
    size = gradient_size(dy, x, *parameters, axis=axis)
    terms = terms_in(parameters[0], x.shape[axis])
    assert_within(dx, expected, gradient_bound(size, x, dx.dtype, terms, parameters[-1]))


def assert_exact(dy, x, *parameters, backend):
    """Fail unless the gradient of one row is within its bound of the exact one."""
    dx = grad(dy, x, *parameters, backend=backend)
    assert dx.dtype == x.dtype
    expected, size = map(nearest, gradient_by_decimals(dy, x, *parameters))
    terms = terms_in(parameters[0], len(x))
    bound = gradient_bound(size, x, x.dtype, terms, parameters[-1], sides=1)
    assert_within(dx, expected, bound)


def without_signs_of_zeros(a):
    """Replace -0 by +0: the difference of equal numbers may have either sign."""
    return np.where(a == 0, np.zeros_like(a), a)
