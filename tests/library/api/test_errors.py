"""Bad arguments: the messages, and that nothing is computed before the check."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import lrnlib
from tests.library.oracles.tolerance import assert_same_bits

HUGE = 10**400
CUT = f"{str(HUGE)[:80]}…"  # as messages show it
RADIUS = "depth_radius must be an integer >= 0"
RADII = [
    (2.9, TypeError, "2.9 of type float"),
    (2.0, TypeError, "2.0 of type float"),
    ("2", TypeError, "'2' of type str"),
    (None, TypeError, "None of type NoneType"),
    (True, TypeError, "True of type bool"),
    (np.True_, TypeError, f"{np.True_!r} of type {type(np.True_).__name__}"),
    (np.float32(2), TypeError, f"{np.float32(2)!r} of type float32"),
    (np.nan, TypeError, "nan of type float"),
    (Fraction(2), TypeError, "Fraction(2, 1) of type Fraction"),
    (-1, ValueError, "-1"),
    (-HUGE, ValueError, f"-{CUT[:-2]}…"),
    (np.int64(-3), ValueError, repr(np.int64(-3))),
]
REALS = [
    ("2", TypeError, "'2' of type str"),
    (None, TypeError, "None of type NoneType"),
    (True, TypeError, "True of type bool"),
    (np.True_, TypeError, f"{np.True_!r} of type {type(np.True_).__name__}"),
    (1j, TypeError, "1j of type complex"),
    (Decimal(1), TypeError, "Decimal('1') of type Decimal"),
    ([1.0], TypeError, "[1.0] of type list"),
    (np.ones(1), TypeError, "array([1.]) of type ndarray"),
    (np.nan, ValueError, "nan"),
    (np.inf, ValueError, "inf"),
    (-np.inf, ValueError, "-inf"),
    (HUGE, ValueError, CUT),
    (-HUGE, ValueError, f"-{CUT[:-2]}…"),
    (Fraction(HUGE, 3), ValueError, f"Fraction({CUT[:71]}…"),
    ([1.0] * 1000, TypeError, f"{str([1.0] * 1000)[:80]}… of type list"),
    (np.float32("inf"), ValueError, repr(np.float32("inf"))),
]
NEGATIVES = [
    (-1, ValueError, "-1"),
    (-1e-300, ValueError, "-1e-300"),
    (Fraction(-1, HUGE), ValueError, f"Fraction(-1, {CUT[:67]}…"),  # -0.0 as a float
    (Fraction(-1, 2), ValueError, "Fraction(-1, 2)"),
]
PARAMETERS = (
    [("depth_radius", value, error, f"{RADIUS}, got {got}") for value, error, got in RADII]
    + [
        (name, value, error, f"{name} must be a finite int or float >= 0, got {got}")
        for name in ("bias", "alpha")
        for value, error, got in REALS + NEGATIVES
    ]
    + [
        ("beta", value, error, f"beta must be a finite int or float, got {got}")
        for value, error, got in REALS
    ]
)
AXIS = "axis must be an integer from -2 to 1"
AXES = [
    (2, ValueError, f"{AXIS}, got 2"),
    (-3, ValueError, f"{AXIS}, got -3"),
    (HUGE, ValueError, f"{AXIS}, got {CUT}"),
    (1.0, TypeError, f"{AXIS}, got 1.0 of type float"),
    (None, TypeError, f"{AXIS}, got None of type NoneType"),
    (True, TypeError, f"{AXIS}, got True of type bool"),
    ((0, 1), TypeError, f"{AXIS}, got (0, 1) of type tuple"),
]
ARRAY = "x must be a numpy.ndarray or a cupy.ndarray"
REMEDY = "; convert it, as numpy.asarray(x) does a list or a tensor and x.filled(0) a masked array"
ALLOWED = "bfloat16, float16, float32 or float64"
CAST = "; cast it first, as x.astype(numpy.float32)"
INPUTS = [
    ([1.0, 2.0], TypeError, f"{ARRAY}, got list{REMEDY}"),
    (1.0, TypeError, f"{ARRAY}, got float{REMEDY}"),
    (None, TypeError, f"{ARRAY}, got NoneType{REMEDY}"),
    (np.float64(1), TypeError, f"{ARRAY}, got float64{REMEDY}"),
    (
        np.ma.zeros(3),
        TypeError,
        f"{ARRAY}, got MaskedArray{REMEDY}",
    ),
    (np.array(1.0), ValueError, "x must have at least one axis, got an array of rank 0"),
] + [
    (
        np.zeros(3, dtype),
        TypeError,
        f"x must be of dtype {ALLOWED}, got {np.dtype(dtype)}{CAST}",
    )
    for dtype in ("i4", "u1", "?", "c8", "c16", "O", "M8[s]", "U1")
]


def assert_refused(error, message, **arguments):
    """Fail unless a call on a valid array raises exactly this message."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrnlib.lrn(np.ones((2, 3)), **arguments)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("name", "value", "error", "message"), PARAMETERS)
def test_parameters(backend, name, value, error, message):
    """The message names the parameter, its range and the value given."""
    assert_refused(error, message, backend=backend, **{name: value})
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
def test_axis(backend, axis, error, message):
    """An axis is an integer within the rank, counted from either end."""
    assert_refused(error, message, backend=backend, axis=axis)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("x", "error", "message"), INPUTS)
def test_input(host_backend, x, error, message):
    """Only an array of a supported dtype is accepted; nothing is converted."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrnlib.lrn(x, backend=host_backend)


@pytest.mark.usefixtures("forbid_compute")
def test_longdouble():
    """Extended precision, where it exists, is not accepted."""
    x = np.zeros(3, np.longdouble)
    if x.dtype.itemsize == 8:
        pytest.skip("longdouble is float64 on this platform")
    with pytest.raises(TypeError, match=f"got {x.dtype}; cast it first"):
        lrnlib.lrn(x)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize("name", ["abacus", "Numpy", "", 0, np.array(["numpy"])])
def test_backend(name):
    """An unknown backend is an error that lists the known ones."""
    message = f"backend must be None, 'numpy', 'numba' or 'cupy', got {name!r}"
    assert_refused(ValueError, message, backend=name)


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
