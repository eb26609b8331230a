"""`out` gets the result whatever it overlaps, and is unchanged after an error."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from tests.backends_under_test import given
from tests.library.oracles.bad_arguments import BAD_OUTS
from tests.library.oracles.strategies import DTYPES, WRITABLE, cases, laid_out, values
from tests.library.oracles.tolerance import assert_same_bits


@given(case=cases(), layout=st.sampled_from(WRITABLE))
def test_out_of_any_layout_is_filled_and_returned(backend, case, layout):
    """`out` is returned and holds, bit by bit, the result of a call without it."""
    y = lrnlib.lrn(case.x, *case.parameters, axis=case.axis, backend=backend)
    out = laid_out(np.full_like(y, np.nan), layout)
    z = lrnlib.lrn(case.x, *case.parameters, axis=case.axis, backend=backend, out=out)
    assert z is out
    assert_same_bits(out, y)


@given(case=cases(layouts=("contiguous",)), layout=st.sampled_from(WRITABLE))
def test_out_may_be_x(backend, case, layout):
    """With out=x the result replaces the input."""
    x = laid_out(case.x, layout)
    y = lrnlib.lrn(x, *case.parameters, axis=case.axis, backend=backend)
    z = lrnlib.lrn(x, *case.parameters, axis=case.axis, backend=backend, out=x)
    assert z is x
    assert_same_bits(z, y)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_out_may_overlap_x(backend, dtype, shift, axis):
    """`out` may be a view of x's memory, shifted along any axis in either direction."""
    for along in range(3):
        memory = values((5, 6, 7), dtype, seed=along, low=-2, high=2)
        x, out = memory[:], memory[:]
        low, high = (slice(None),) * along, slice(1, None)
        x, out = x[(*low, high)], out[(*low, slice(None, -1))]
        if shift < 0:
            x, out = out, x
        y = lrnlib.lrn(x.copy(), 2, 1.5, 0.25, 0.75, axis=axis, backend=backend)
        assert lrnlib.lrn(x, 2, 1.5, 0.25, 0.75, axis=axis, backend=backend, out=out) is out
        assert_same_bits(np.ascontiguousarray(out), y)


def test_out_may_be_x_reversed_or_transposed(backend):
    """`out` may be x's memory in another order."""
    for view in (np.flip, np.transpose, np.fliplr):
        x = values((6, 6), np.float64, seed=6, low=-2, high=2)
        y = lrnlib.lrn(x.copy(), 1, backend=backend)
        lrnlib.lrn(x, 1, backend=backend, out=view(x))
        assert_same_bits(np.ascontiguousarray(view(x)), y)


def test_out_writes_inside_itself_only(backend):
    """Memory between the elements of a strided `out` is unchanged."""
    memory = np.full((4, 10), 7.0)
    out = memory[::2, 1::3]
    y = lrnlib.lrn(np.ones(out.shape), backend=backend, out=out)
    assert y is out
    memory[::2, 1::3] = 7
    np.testing.assert_array_equal(memory, 7)


@pytest.mark.parametrize("dtype", [">f2", ">f4", ">f8"])
def test_big_endian(backend, dtype):
    """Big-endian x and `out` give the same values as native ones."""
    x = values((3, 8), np.float16, seed=1, low=-2, high=2).astype(dtype)
    out = np.zeros_like(x)
    lrnlib.lrn(x, 2, backend=backend, out=out)
    assert out.dtype == dtype
    native = np.dtype(dtype).newbyteorder("=")
    assert_same_bits(out.astype(native), lrnlib.lrn(x.astype(native), 2, backend=backend))


@pytest.mark.parametrize(("out", "error", "message"), BAD_OUTS)
def test_a_bad_out_is_an_error_that_names_it(host_backend, out, error, message):
    """`out` must be a writable array of x's shape and dtype; any other is unchanged."""
    before = np.copy(out)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lrnlib.lrn(np.ones((2, 3), np.float32), backend=host_backend, out=out)
    np.testing.assert_array_equal(out, before)


BAD_CALLS = [
    {"x": np.ones((2, 3), int)},
    {"x": [[1.0, 2.0, 3.0]] * 2},
    {"depth_radius": -1},
    {"bias": -1},
    {"alpha": np.nan},
    {"beta": "1"},
    {"axis": 2},
    {"backend": "abacus"},
]


@pytest.mark.parametrize("bad", BAD_CALLS)
def test_an_error_leaves_out_as_it_was(bad):
    """Arguments are checked before `out` is written."""
    out = np.full((2, 3), 7.0)
    with pytest.raises((TypeError, ValueError)):
        lrnlib.lrn(**{"x": np.ones((2, 3)), "out": out, **bad})
    np.testing.assert_array_equal(out, 7.0)


def test_calls_from_several_threads(backend):
    """Concurrent calls, on one input too, give the same as serial ones."""
    inputs = [values((40, 9, 31), np.float32, seed=k % 5, low=-2, high=2) for k in range(20)]
    inputs[3] = inputs[3] * np.float32(1e18)

    def call(x):
        return lrnlib.lrn(x, 3, 1.5, 0.25, 0.75, axis=1, backend=backend)

    serial = [call(x) for x in inputs]
    with ThreadPoolExecutor(max_workers=8) as pool:
        for y, expected in zip(pool.map(call, inputs), serial, strict=True):
            assert_same_bits(y, expected)
