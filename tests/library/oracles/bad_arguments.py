"""Arguments that LRN and its gradient refuse, each with its error and message."""

from decimal import Decimal
from fractions import Fraction

import numpy as np

HUGE = 10**400
CUT = f"{str(HUGE)[:80]}…"  # as messages show it
RADIUS = "depth_radius must be an integer >= 0 or a pair (before, after) of them"
NOT_NUMBERS = [
    ("2", TypeError, "'2' of type str"),
    (None, TypeError, "None of type NoneType"),
    (True, TypeError, "True of type bool"),
    (np.True_, TypeError, f"{np.True_!r} of type {type(np.True_).__name__}"),
]
RADII = [
    (2.9, TypeError, "2.9 of type float"),
    (2.0, TypeError, "2.0 of type float"),
    *NOT_NUMBERS,
    (np.float32(2), TypeError, f"{np.float32(2)!r} of type float32"),
    (np.nan, TypeError, "nan of type float"),
    (Fraction(2), TypeError, "Fraction(2, 1) of type Fraction"),
    (-1, ValueError, "-1"),
    (-HUGE, ValueError, f"-{CUT[:-2]}…"),
    (np.int64(-3), ValueError, repr(np.int64(-3))),
    ((1, -1), ValueError, "(1, -1)"),
    ([-HUGE, 1], ValueError, f"[-{CUT[:-3]}…"),
    ((), ValueError, "()"),
    ((1,), ValueError, "(1,)"),
    ((1, 2, 3), ValueError, "(1, 2, 3)"),
    ((1, 2.0), TypeError, "(1, 2.0) of type tuple"),
    ([True, 1], TypeError, "[True, 1] of type list"),
    ((1, (2, 3)), TypeError, "(1, (2, 3)) of type tuple"),
    (np.array([1, 2]), TypeError, "array([1, 2]) of type ndarray"),
]
REALS = [
    *NOT_NUMBERS,
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
ARRAY = "x must be a numpy.ndarray, a cupy.ndarray or an array-like"
DTYPE = "x must be of bfloat16, float16, float32, float64, integers or booleans"
RANK = "x must have at least one axis, got an array of rank 0"
MASKED = (
    "got a masked array, whose hidden values would count in their neighbours' windows; choose "
    "what counts in their place, as 0 with x.filled(0)"
)
INPUTS = [  # those with advice: test_array_likes.py
    (1.0, ValueError, RANK),
    (np.float64(1), ValueError, RANK),
    (np.array(1), ValueError, RANK),
    (None, TypeError, f"{ARRAY} of real numbers, got NoneType"),
    ({"a": 1.0}, TypeError, f"{ARRAY} of real numbers, got dict"),
    ([print], TypeError, f"{ARRAY} of real numbers, got [{print!r}]"),
    (np.array([print]), TypeError, f"{ARRAY} of real numbers, got a numpy.ndarray of objects"),
    ("3.5", TypeError, f"{DTYPE}, got <U3"),
    (["a"], TypeError, f"{DTYPE}, got <U1"),
    (np.zeros(3, "M8[s]"), TypeError, f"{DTYPE}, got datetime64[s]"),
    (np.zeros(3, "V8"), TypeError, f"{DTYPE}, got |V8"),
    (np.ma.zeros(3), TypeError, f"{ARRAY}, {MASKED}"),
]


def bad_arrays(name, cast):
    """Return arrays that are not like x, which is of float32 and shape (2, 3)."""
    dtypes = {"f8": "float64", ">f4": ">f4", "i8": "int64"}
    return [
        *((np.full((2, 3), 7, dtype), TypeError,
           f"{name} must have the dtype of x, float32, got {shown}{cast}")
          for dtype, shown in dtypes.items()),
        *((np.full(shape, 7, "f4"), ValueError,
           f"{name} must have the shape of x, (2, 3), got {shape}")
          for shape in ((3, 2), (1, 3), (3,), (1, 2, 3))),
    ]  # fmt: skip


def read_only():
    """Return an array like x that is not writable."""
    out = np.full((2, 3), 7, np.float32)
    out.setflags(write=False)
    return out


NO_ARRAYS = [[7.0] * 3] * 2, 7.0, np.ma.zeros((2, 3), "f4")
BAD_OUTS = [
    *bad_arrays("out", ""),
    *(
        (a, TypeError, f"out must be a numpy.ndarray or None, got {type(a).__name__}")
        for a in NO_ARRAYS
    ),
    (read_only(), ValueError, "out must be writable, got a read-only array"),
]
CAST = "; convert it with numpy.asarray(dy, dtype='float32')"
BAD_DYS = [
    *bad_arrays("dy", CAST),
    *(
        (a, TypeError, f"dy must have the dtype of x, float32, got float64{CAST}")
        for a in NO_ARRAYS[:2]
    ),
    (
        NO_ARRAYS[2],
        TypeError,
        f"{ARRAY}, {MASKED}".replace("x must", "dy must").replace("x.", "dy."),
    ),
    (None, TypeError, f"dy{ARRAY.removeprefix('x')} of real numbers, got NoneType"),
]
