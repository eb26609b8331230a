"""`out` gets the result whatever it overlaps, and is unchanged after an error."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.backends_under_test import given
from tests.library.oracles.bad_arguments import BAD_DYS, BAD_OUTS
from tests.library.oracles.operations import GRADIENT
from tests.library.oracles.strategies import DTYPES, WRITABLE, cases, laid_out, values
from tests.library.oracles.tolerance import assert_same_bits


@given(case=cases(), layout=st.sampled_from(WRITABLE))
def test_out_of_any_layout_is_filled_and_returned(operation, backend, case, layout):
    """`out` is returned and holds, bit by bit, the result of a call without it."""
    result = operation.of(case, backend=backend)
    out = laid_out(np.full_like(result, np.nan), layout)
    assert operation.of(case, backend=backend, out=out) is out
    assert_same_bits(out, result)


@given(case=cases(layouts=("contiguous",)), layouts=st.tuples(*[st.sampled_from(WRITABLE)] * 2))
def test_out_may_be_x_or_dy(operation, backend, case, layouts):
    """With out=x or out=dy the result replaces that input and the other is as it was."""
    for is_x in (True, False):
        x, dy = map(laid_out, (case.x, case.dy), layouts)
        result = operation.of(case, dy, x, backend=backend)
        out, other = (x, dy) if is_x else (dy, x)
        before = other.copy()
        assert operation.of(case, dy, x, backend=backend, out=out) is out
        assert_same_bits(out, result)
        assert_same_bits(other, before)


@given(case=cases(layouts=("contiguous",)), layout=st.sampled_from(WRITABLE))
def test_dy_may_be_x(backend, case, layout):
    """One array may be both inputs, and `out` as well."""
    x = laid_out(case.x, layout)
    dx = GRADIENT.of(case, x.copy(), x, backend=backend)
    assert_same_bits(GRADIENT.of(case, x, x, backend=backend), dx)
    GRADIENT.of(case, x, x, backend=backend, out=x)
    assert_same_bits(x, dx)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("of_x", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_out_may_overlap_an_input(operation, backend, dtype, of_x, shift, axis):
    """`out` may be a view of x's or dy's memory, shifted along any axis, either way."""
    for along in range(3):
        memory, other = values((2, 5, 6, 7), dtype, seed=along, low=-2, high=2)
        low = (slice(None),) * along
        view, out = memory[(*low, slice(1, None))], memory[(*low, slice(None, -1))]
        if shift < 0:
            view, out = out, view
        other = other[(*low, slice(1, None))]
        dy, x = (other, view) if of_x else (view, other)
        p, others = (2, 1.5, 0.25, 0.75), {"axis": axis, "backend": backend}
        result = operation(dy.copy(), x.copy(), *p, **others)
        assert operation(dy, x, *p, **others, out=out) is out
        assert_same_bits(np.ascontiguousarray(out), result)


def test_out_may_be_an_input_reversed_or_transposed(operation, backend):
    """`out` may be the memory of x or dy in another order."""
    for view, of_x in itertools.product((np.flip, np.transpose, np.fliplr), (True, False)):
        x, dy = values((2, 6, 6), np.float64, seed=6, low=-2, high=2)
        result = operation(dy.copy(), x.copy(), 1, backend=backend)
        out = view(x if of_x else dy)
        operation(dy, x, 1, backend=backend, out=out)
        assert_same_bits(np.ascontiguousarray(out), result)


def test_out_writes_inside_itself_only(operation, backend):
    """Memory between the elements of a strided `out` is unchanged."""
    memory = np.full((4, 10), 7.0)
    out = memory[::2, 1::3]
    x = np.ones(out.shape)
    assert operation(x, x, backend=backend, out=out) is out
    memory[::2, 1::3] = 7
    np.testing.assert_array_equal(memory, 7)


@pytest.mark.parametrize("dtype", [">f2", ">f4", ">f8"])
def test_big_endian(operation, backend, dtype):
    """Big-endian arrays and `out` give the same values as native ones."""
    x = values((3, 8), np.float16, seed=1, low=-2, high=2).astype(dtype)
    out = np.zeros_like(x)
    operation(x, x, 2, backend=backend, out=out)
    assert out.dtype == dtype
    native = x.astype(x.dtype.newbyteorder("="))
    assert_same_bits(out.astype(native.dtype), operation(native, native, 2, backend=backend))


def test_dy_may_be_broadcast(backend):
    """A broadcast dy, such as the gradient of a sum, is accepted."""
    x = values((3, 4, 9), np.float32, seed=2, low=-2, high=1)
    dy = np.broadcast_to(np.float32(0.5), x.shape)
    assert_same_bits(GRADIENT(dy, x, backend=backend), GRADIENT(dy.copy(), x, backend=backend))


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("dy", "error", "message"), BAD_DYS)
def test_a_bad_dy_is_an_error_that_names_it(host_backend, dy, error, message):
    """dy must be an array of x's shape and dtype: nothing is broadcast or cast."""
    out = np.full((2, 3), 7, np.float32)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        GRADIENT(dy, np.ones((2, 3), np.float32), backend=host_backend, out=out)
    np.testing.assert_array_equal(out, 7)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("out", "error", "message"), BAD_OUTS)
def test_a_bad_out_is_an_error_that_names_it(operation, host_backend, out, error, message):
    """`out` must be a writable array of x's shape and dtype; any other is unchanged."""
    before, x = np.copy(out), np.ones((2, 3), np.float32)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        operation(x, x, backend=host_backend, out=out)
    np.testing.assert_array_equal(out, before)


def test_calls_from_several_threads(operation, backend):
    """Concurrent calls, on one input too, give the same as serial ones."""
    inputs = [values((2, 40, 9, 31), np.float32, seed=k % 5, low=-2, high=2) for k in range(20)]
    inputs[3] = inputs[3] * np.float32(1e18)

    def call(pair):
        return operation(*pair, 3, 1.5, 0.25, 0.75, axis=1, backend=backend)

    serial = [call(pair) for pair in inputs]
    with ThreadPoolExecutor(max_workers=8) as pool:
        for result, expected in zip(pool.map(call, inputs), serial, strict=True):
            assert_same_bits(result, expected)


def test_one_thread_or_more_give_the_same_bits(operation, backend, monkeypatch):
    """LRNLIB_NUM_THREADS changes no result."""
    x, dy = values((2, 61, 40, 96), np.float32, seed=4, low=-2, high=2)
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LRNLIB_NUM_THREADS", threads)
        results.append(operation(dy, x, 2, 1.5, 0.25, 0.75, backend=backend))
    for other in results[1:]:
        assert_same_bits(other, results[0])
