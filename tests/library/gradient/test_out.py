"""`out` of the gradient, and the arguments that it refuses."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.backends_under_test import given
from tests.library.oracles.bad_arguments import BAD_DYS, BAD_OUTS, INPUTS, PARAMETERS
from tests.library.oracles.gradients import grad, of
from tests.library.oracles.strategies import DTYPES, WRITABLE, cases, laid_out, values
from tests.library.oracles.tolerance import assert_same_bits


@given(case=cases(), layout=st.sampled_from(WRITABLE))
def test_out_of_any_layout_is_filled_and_returned(backend, case, layout):
    """`out` is returned and holds, bit by bit, the gradient of a call without it."""
    dx = of(case, backend=backend)
    out = laid_out(np.full_like(dx, np.nan), layout)
    assert of(case, backend=backend, out=out) is out
    assert_same_bits(out, dx)


@given(
    case=cases(layouts=("contiguous",)),
    layouts=st.tuples(*[st.sampled_from(WRITABLE)] * 2),
    is_x=st.booleans(),
)
def test_out_may_be_x_or_dy(backend, case, layouts, is_x):
    """With out=x or out=dy the gradient replaces that input and the other is as it was."""
    x, dy = map(laid_out, (case.x, case.dy), layouts)
    dx = of(case, dy, x, backend=backend)
    out, other = (x, dy) if is_x else (dy, x)
    before = other.copy()
    assert of(case, dy, x, backend=backend, out=out) is out
    assert_same_bits(out, dx)
    assert_same_bits(other, before)


@given(case=cases(layouts=("contiguous",)), layout=st.sampled_from(WRITABLE))
def test_dy_may_be_x(backend, case, layout):
    """One array may be both inputs, and `out` as well."""
    x = laid_out(case.x, layout)
    dx = of(case, x.copy(), x, backend=backend)
    assert_same_bits(of(case, x, x, backend=backend), dx)
    of(case, x, x, backend=backend, out=x)
    assert_same_bits(x, dx)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("of_x", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
def test_out_may_overlap_an_input(backend, dtype, of_x, shift, axis):
    """`out` may be a view of x's or dy's memory, shifted along any axis, either way."""
    for along in range(3):
        memory, other = values((2, 5, 6, 7), dtype, seed=along, low=-2, high=2)
        low = (slice(None),) * along
        view, out = memory[(*low, slice(1, None))], memory[(*low, slice(None, -1))]
        if shift < 0:
            view, out = out, view
        other = other[(*low, slice(1, None))]
        dy, x = (other, view) if of_x else (view, other)
        dx = grad(dy.copy(), x.copy(), 2, 1.5, 0.25, 0.75, axis=axis, backend=backend)
        assert grad(dy, x, 2, 1.5, 0.25, 0.75, axis=axis, backend=backend, out=out) is out
        assert_same_bits(np.ascontiguousarray(out), dx)


def test_out_may_be_dy_reversed_or_transposed(backend):
    """`out` may be dy's memory in another order."""
    for view in (np.flip, np.transpose, np.fliplr):
        x, dy = values((2, 6, 6), np.float64, seed=6, low=-2, high=2)
        dx = grad(dy.copy(), x, 1, backend=backend)
        grad(dy, x, 1, backend=backend, out=view(dy))
        assert_same_bits(np.ascontiguousarray(view(dy)), dx)


def test_dy_may_be_broadcast(backend):
    """A broadcast dy, such as the gradient of a sum, is accepted."""
    x = values((3, 4, 9), np.float32, seed=2, low=-2, high=1)
    dy = np.broadcast_to(np.float32(0.5), x.shape)
    assert_same_bits(grad(dy, x, backend=backend), grad(dy.copy(), x, backend=backend))


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("dy", "error", "message"), BAD_DYS)
def test_a_bad_dy_is_an_error_that_names_it(host_backend, dy, error, message):
    """dy must be an array of x's shape and dtype: nothing is broadcast or cast."""
    out = np.full((2, 3), 7, np.float32)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        grad(dy, np.ones((2, 3), np.float32), backend=host_backend, out=out)
    np.testing.assert_array_equal(out, 7)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("out", "error", "message"), BAD_OUTS)
def test_a_bad_out_is_an_error_that_names_it(host_backend, out, error, message):
    """`out` is checked as that of LRN is."""
    before = np.copy(out)
    x = np.ones((2, 3), np.float32)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        grad(x, x, backend=host_backend, out=out)
    np.testing.assert_array_equal(out, before)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("name", "value", "error", "message"), PARAMETERS)
def test_parameters(backend, name, value, error, message):
    """A bad parameter raises the same message as in LRN, and `out` is unchanged."""
    x, out = np.ones((2, 3)), np.full((2, 3), 7.0)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        grad(x, x, backend=backend, out=out, **{name: value})
    np.testing.assert_array_equal(out, 7)


@pytest.mark.usefixtures("forbid_compute")
@pytest.mark.parametrize(("x", "error", "message"), INPUTS)
def test_input(host_backend, x, error, message):
    """A bad x raises the same message as in LRN, whatever dy is."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        grad(np.ones((2, 3)), x, backend=host_backend)


@pytest.mark.parametrize("bad", [{"axis": 2}, {"axis": 1.0}, {"backend": "abacus"}])
def test_an_error_leaves_out_as_it_was(bad):
    """Arguments are checked before `out` is written."""
    x, out = np.ones((2, 3)), np.full((2, 3), 7.0)
    with pytest.raises((TypeError, ValueError)):
        grad(x, x, out=out, **bad)
    np.testing.assert_array_equal(out, 7)


def test_calls_from_several_threads(backend):
    """Concurrent calls, on one input too, give the same as serial ones."""
    inputs = [values((2, 40, 9, 31), np.float32, seed=k % 5, low=-2, high=2) for k in range(20)]
    inputs[3] = inputs[3] * np.float32(1e18)

    def call(pair):
        return grad(*pair, 3, 1.5, 0.25, 0.75, axis=1, backend=backend)

    serial = [call(pair) for pair in inputs]
    with ThreadPoolExecutor(max_workers=8) as pool:
        for dx, expected in zip(pool.map(call, inputs), serial, strict=True):
            assert_same_bits(dx, expected)


def test_one_thread_or_two_give_the_same_bits(backend, monkeypatch):
    """LRNLIB_NUM_THREADS changes no result."""
    x, dy = values((2, 61, 40, 96), np.float32, seed=4, low=-2, high=2)
    results = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LRNLIB_NUM_THREADS", threads)
        results.append(grad(dy, x, 2, 1.5, 0.25, 0.75, backend=backend))
    for other in results[1:]:
        assert_same_bits(other, results[0])
