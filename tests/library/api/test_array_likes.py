"""What NumPy's functions take for an array; and that the advice for the rest works."""

import array
import sys
from decimal import Decimal
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest

import lrnlib
from tests.backends_under_test import BACKENDS
from tests.library.oracles.advice import followed
from tests.library.oracles.tolerance import assert_same_bits

PARAMETERS = 1, 0.5, 0.25, 0.75
GRADIENT = lrnlib.local_response_normalization_grad
ROW = np.array([3.0, 0.0, 1.0, 2.0])


class Column:
    """An array of a library that nobody knows, such as a pandas.Series."""

    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype)


ARRAY_LIKES = [
    ROW.tolist(), tuple(ROW.tolist()), [3, 0, 1, 2], [np.float32(3), 0, True, 2.0],
    array.array("d", ROW), array.array("i", [3, 0, 1, 2]), bytearray([3, 0, 1, 2]),
    memoryview(ROW), memoryview(ROW[::-1])[::-1], Column(ROW), Column([3, 0, 1, 2]),
    *(ROW.astype(dtype) for dtype in ("i1", "u2", ">i4", "u8")),
]  # fmt: skip


@pytest.mark.parametrize("x", ARRAY_LIKES, ids=lambda x: type(x).__name__)
def test_an_array_like_is_computed_as_its_array(host_backend, x):
    """In float64; LRN, its gradient with a dy of any kind, and `explain`."""
    y = lrnlib.lrn(x, *PARAMETERS, backend=host_backend)
    assert type(y) is np.ndarray
    assert_same_bits(y, lrnlib.lrn(ROW, *PARAMETERS, backend=host_backend))
    expected = GRADIENT(np.array([0.0, 2.0, 1.0, 1.0]), ROW, *PARAMETERS, backend=host_backend)
    for dy in ([0, 2, 1, 1], (0.0, 2.0, 1.0, True), memoryview(np.array([0.0, 2, 1, 1]))):
        assert_same_bits(GRADIENT(dy, x, *PARAMETERS, backend=host_backend), expected)
    assert lrnlib.explain(x, 2, *PARAMETERS).y == y[2]


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i8", "u8", ">i2"])
def test_integers_and_booleans_are_computed_in_float64(operation, backend, dtype):
    """Of any size, on every backend: a square does not overflow int8."""
    x, dy = (
        np.array(a).astype(dtype) for a in ([[100, 2, 0], [7, 1, 101]], [[1, 0, 3], [1, 1, 0]])
    )
    options = {"axis": 0, "backend": backend}
    expected = operation(dy.astype(float), x.astype(float), *PARAMETERS, **options)
    before, library = x.copy(), sys.modules["cupy"] if backend == "cupy" else np
    if backend == "cupy":
        options["backend"] = None  # that of a CuPy array
    result = operation(library.asarray(dy), library.asarray(x), *PARAMETERS, **options)
    assert isinstance(result, library.ndarray)
    assert_same_bits(result.get() if backend == "cupy" else result, expected)
    assert_same_bits(x, before)


def test_rows_columns_and_a_shared_buffer():
    """A nested list has the shape of its array; `out` may be the memory of x."""
    x = [[1, 2, 3], [4, 5, 6]]
    assert_same_bits(lrnlib.lrn(x, 1, axis=0), lrnlib.lrn(np.array(x, float), 1, axis=0))
    assert_same_bits(lrnlib.lrn(range(4), 1), lrnlib.lrn(np.arange(4.0), 1))
    memory = ROW.copy()
    expected = lrnlib.lrn(ROW[:-1], 1)
    lrnlib.lrn(memoryview(memory)[:-1], 1, out=memory[1:])
    assert_same_bits(memory[1:], expected)


def test_a_buffer_of_float32_stays_float32(host_backend):
    x = ROW.astype(np.float32)
    y = lrnlib.lrn(memoryview(x), 1, backend=host_backend)
    assert_same_bits(y, lrnlib.lrn(x, 1, backend=host_backend))


@pytest.mark.parametrize("x", [[1, 2], np.array([1, 2]), np.array([True, False])])
def test_out_is_of_float64_where_x_is_of_integers(operation, host_backend, x):
    out = np.zeros(2)
    assert operation(x, x, 1, backend=host_backend, out=out) is out
    assert_same_bits(out, operation(x, x, 1, backend=host_backend))
    message = "out must be of float64, in which x is computed, got int64"
    with pytest.raises(TypeError, match=f"^{message}$"):
        operation(x, x, 1, backend=host_backend, out=np.zeros(2, "i8"))


def test_pandas():
    """A Series, a frame of channels, and nullable numbers with a gap."""
    pandas = pytest.importorskip("pandas")
    expected = lrnlib.lrn(ROW, *PARAMETERS)
    assert_same_bits(lrnlib.lrn(pandas.Series([3, 0, 1, 2]), *PARAMETERS), expected)
    frame = pandas.DataFrame({name: [v, v] for name, v in zip("abcd", ROW, strict=True)})
    assert_same_bits(lrnlib.lrn(frame, *PARAMETERS), np.stack([expected] * 2))
    gap = pandas.Series([1, None, 2], dtype="Int64").astype(object)
    (x,) = followed(lrnlib.lrn, gap, "x must be", pandas=pandas)
    assert np.isnan(x[1])


COMPLEX = np.array([3 + 4j, 1j])
LONG = np.array([1, 1e-30], np.longdouble) + 1
ADVISED = [  # x, what the message says, and what its advice gives
    (COMPLEX, "got complex128; LRN is of real numbers", [[5, 1], [3, 0], [4, 1]]),
    (COMPLEX.tolist(), "got complex128", [[5, 1], [3, 0], [4, 1]]),
    (COMPLEX.astype("c8"), "got complex64", [[5, 1], [3, 0], [4, 1]]),
    (["1.5", "-2e3"], "got <U4; convert it with", [[1.5, -2e3]]),
    (np.array([b"1", b"2"]), "got |S1", [[1, 2]]),
    ([Fraction(1, 2), Decimal(3)], "real numbers, got [Fraction(1, 2), ", [[0.5, 3]]),
    ([10**30, -1], "of real numbers, got [1000", [[1e30, -1]]),
    (np.array([1, 2.5], object), "got a numpy.ndarray of objects", [[1, 2.5]]),
    (np.array([1500, -1], "m8[ms]"), "got timedelta64[ms]", [[1.5, -0.001]]),
    (np.array([("a", 2.5)], [("n", "U1"), ("v", "f4")]), "choose a field", [[2.5]]),
    (np.ma.array([1.0, 2], mask=[False, True]), "got a masked array, whose", [[1, 0]]),
    (np.array([1, 0.25], ml_dtypes.float8_e4m3fn), "loses none", [[1, 0.25]]),
    (np.array([1, -2], ml_dtypes.int4), "got int4", [[1, -2]]),
    (iter([1.5, 2]), "make it a list with", [[1.5, 2]]),
]  # fmt: skip


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("x", "message", "results"), ADVISED)
def test_the_advice_gives_what_is_then_accepted(monkeypatch, x, message, results):
    """Each expression in the message is executed as it stands, and lrnlib takes what it makes."""
    made = followed(lrnlib.lrn, x, message)
    assert len(made) == len(results)
    for each, expected in zip(made, results, strict=True):
        np.testing.assert_array_equal(np.asarray(each, float), expected)
    monkeypatch.undo()
    for each in made:
        lrnlib.lrn(each)
        lrnlib.explain(each, 0)


@pytest.mark.skipif(LONG.dtype.itemsize == 8, reason="longdouble is float64 here")
def test_longdouble_loses_digits_as_the_message_says():
    (made,) = followed(lrnlib.lrn, LONG, f"got {LONG.dtype}; ")
    assert_same_bits(made, np.array([2.0, 1.0]))
    for each in followed(lrnlib.lrn, LONG.astype(np.clongdouble), "LRN is of real numbers"):
        assert each.dtype == np.float64


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8"])
@pytest.mark.parametrize("dy", [ROW.astype("f2"), ROW.tolist(), [1, 2, 3, 4]])
def test_a_dy_of_another_dtype_is_shown_how_to_become_x_s(dtype, dy):
    """The caller casts: no digits are lost silently."""
    x = ROW.astype(dtype)
    if getattr(dy, "dtype", np.float64) == x.dtype:
        assert GRADIENT(dy, x).dtype == x.dtype
        return
    (made,) = followed(lambda dy: GRADIENT(dy, x), dy, "dy must have the dtype of x", "dy")
    assert GRADIENT(made, x).dtype == x.dtype


def test_what_a_library_says_is_passed_on():
    """Rows of different lengths; an `__array__` that refuses, as that of a GPU's array does."""
    rows = [[1, 2], [3]]
    with pytest.raises(ValueError, match=r"^x must be .*, got \[\[1, 2\], \[3\]\]; .* inhomogen"):
        lrnlib.lrn(rows)

    class Refusing:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("use x.get()\nor not")

    with pytest.raises(TypeError, match=r"got Refusing; .* raises TypeError: use x.get\(\)$"):
        lrnlib.lrn(Refusing())


def test_nothing_is_fetched_from_a_gpu():
    """What says that it lies on a GPU is not copied to the host, though its `__array__` would."""

    class OnGPU(Column):
        __cuda_array_interface__ = {}  # noqa: RUF012 (as a device array of Numba has it)

    with pytest.raises(TypeError, match=r"got OnGPU on a GPU; convert it with cupy.asarray\(x\)$"):
        lrnlib.lrn(OnGPU(ROW))


@pytest.mark.skipif("cupy" not in BACKENDS, reason="CuPy cannot be tested here")
def test_nothing_moves_to_a_gpu():
    """For a CuPy x, dy is a CuPy array."""
    x = sys.modules["cupy"].asarray(ROW)
    with pytest.raises(TypeError, match=r"^dy must be a cupy\.ndarray, got list$"):
        GRADIENT(ROW.tolist(), x)
