"""Bad arguments: the messages, and that nothing is computed before the check."""

import re
from fractions import Fraction

import numpy as np
import pytest

import lrnlib
from tests.library.oracles.bad_arguments import AXES, INPUTS, PARAMETERS
from tests.library.oracles.tolerance import assert_same_bits

ONES = np.ones((2, 3))


def assert_refused(operation, error, message, x=ONES, **arguments):
    """Fail unless a call raises exactly this message and leaves `out` as it was."""
    out = np.full((2, 3), 7.0)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        operation(ONES, x, out=out, **arguments)
    np.testing.assert_array_equal(out, 7)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("name", "value", "error", "message"), PARAMETERS)
def test_parameters(operation, backend, name, value, error, message):
    """The message names the parameter, its range and the value given."""
    assert_refused(operation, error, message, backend=backend, **{name: value})
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrnlib.Parameters(**{name: value})


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize("name", ["depth_radius", "bias", "alpha", "beta", "axis"])
def test_a_number_too_long_to_print_is_refused_by_name(backend, name):
    """An integer with more than Python's limit of 4300 digits gets the usual message."""
    with pytest.raises(ValueError, match=f"^{name} must be "):
        lrnlib.lrn(np.ones(3), backend=backend, **{name: -(10**5000)})


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("axis", "error", "message"), AXES)
def test_axis(operation, backend, axis, error, message):
    """An axis is an integer within the rank, counted from either end."""
    assert_refused(operation, error, message, backend=backend, axis=axis)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("x", "error", "message"), INPUTS)
def test_input(operation, host_backend, x, error, message):
    """What holds no real numbers is refused, whatever dy is."""
    assert_refused(operation, error, message, x=x, backend=host_backend)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize("name", ["abacus", "Numpy", "", 0, np.array(["numpy"])])
def test_backend(operation, name):
    """An unknown backend is an error that lists the known ones."""
    message = f"backend must be None, 'numpy', 'numba' or 'cupy', got {name!r}"
    assert_refused(operation, ValueError, message, backend=name)


def test_no_backend_is_the_default_one(backend):
    """backend=None gives what NumPy's backend gives."""
    x = np.array([1.0, -2.0, 3.0])
    assert_same_bits(lrnlib.lrn(x, backend=None), lrnlib.lrn(x, backend="numpy"))


NUMBERS = [1, np.int8(1), np.uint64(1), 1.0, np.float16(1), np.float32(1), Fraction(1)]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: type(n).__name__)
def test_numbers_of_every_kind_are_accepted(backend, number):
    """Integers, fractions and NumPy's scalars are accepted."""
    x = np.array([[1.0, -2.0, 3.0]])
    expected = lrnlib.lrn(x, 1, 1.0, 1.0, 1.0, backend=backend)
    radius = axis = number if isinstance(number, int | np.integer) else 1
    y = lrnlib.lrn(x, radius, number, number, number, axis=axis, backend=backend)
    assert_same_bits(y, expected)
    parameters = lrnlib.Parameters(radius, number, number, number)
    assert [type(p) for p in vars(parameters).values()] == [int, float, float, float]


def test_minus_zero_is_zero():
    """A parameter of -0.0 is stored as 0.0."""
    assert str(lrnlib.Parameters(bias=-0.0, alpha=-0.0, beta=-0.0).beta) == "0.0"


def test_parameters_are_keyword_arguments_from_axis_on():
    """`axis`, `out` and `backend` cannot be given by position."""
    with pytest.raises(TypeError, match="positional argument"):
        lrnlib.lrn(np.ones(3), 1, 1, 1, 1, -1)


def test_parameters_are_frozen():
    """A `Parameters` cannot be changed after validation."""
    with pytest.raises(AttributeError, match="bias"):
        lrnlib.Parameters().bias = -1


def test_parameters_defaults_and_equality():
    """`Parameters` has TensorFlow's defaults, equality, a hash and a repr."""
    assert lrnlib.Parameters() == lrnlib.Parameters(5, 1, 1, Fraction(1, 2))
    assert hash(lrnlib.Parameters()) == hash(lrnlib.Parameters(5))
    text = "Parameters(depth_radius=5, bias=1.0, alpha=1.0, beta=0.5)"
    assert repr(lrnlib.Parameters()) == text
