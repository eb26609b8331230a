"""LRN of Dask arrays is that of the whole array, however it is cut, and is computed later."""

import itertools
import os
import re
import subprocess
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import lrnlib
from tests.backends_under_test import BACKENDS, needs_fake_gpu
from tests.fresh_interpreter import heavy_after
from tests.library.oracles.strategies import cases, values
from tests.library.oracles.tolerance import assert_same_bits
from tools.repository import ROOT

if not os.environ.get("LRNLIB_REQUIRE_PEERS"):
    pytest.importorskip("dask.array")

import dask
import dask.array as da

lrn, gradient = lrnlib.lrn, lrnlib.local_response_normalization_grad
SHAPE = 5, 23, 4
PARAMETERS = 3, 1.5, 0.25, 0.75


@st.composite
def cuts(draw, size):
    """Draw the sizes of an axis's chunks; one may be empty."""
    inner = st.lists(st.integers(0, size), max_size=min(size, 6))
    borders = [0, *sorted(draw(inner)), size]
    return tuple(b - a for a, b in itertools.pairwise(borders))


@st.composite
def chunked_cases(draw):
    """Draw a case, and two chunkings of its shape."""
    case = draw(cases(layouts=("contiguous", "transposed", "big-endian")))
    return case, *(tuple(draw(cuts(size)) for size in case.x.shape) for _ in range(2))


@pytest.fixture
def x():
    """An array whose chunks cut every axis; it holds values on which mistakes show."""
    return da.from_array(values(SHAPE, np.float64, 1, -2, 1), (2, 4, 3))


@hypothesis.given(drawn=chunked_cases())
def test_any_chunks_give_the_result_of_the_whole_array(operation, drawn):
    """Bit for bit, in chunks of x, dtype kept; whether chunks are smaller than the reach or not."""
    case, chunks, chunks_of_dy = drawn
    x, dy = da.from_array(case.x, chunks), da.from_array(case.dy, chunks_of_dy)
    result = operation.of(case, dy, x)
    assert (result.chunks, result.dtype) == (x.chunks, case.x.dtype)
    assert type(result._meta) is np.ndarray
    assert_same_bits(result.compute(scheduler="sync"), operation.of(case))


def test_the_backend_is_that_of_the_chunks(operation, host_backend, x, monkeypatch):
    """Its result bit for bit; and the others are not called."""
    dy, host = x[::-1], x.compute()
    for other in {"numpy", "numba"} - {host_backend}:
        monkeypatch.delattr(f"lrnlib.backends.{other}_backend._run")
    for axis in range(3):
        options = {"axis": axis, "backend": host_backend}
        result = operation(dy, x, *PARAMETERS, **options).compute()
        assert_same_bits(result, operation(host[::-1], host, *PARAMETERS, **options))


@pytest.mark.parametrize("channels", [1, 2, 7, 23])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_each_cut_of_the_channels(operation, channels, size):
    """Against the reference, with the radius below and above the chunks."""
    x = values((3, channels), np.float64, 2, -1, 1)
    dy = values(x.shape, np.float64, 3, -1, 1)
    for radius in (0, 1, 4, 30, (1, 0), (0, 2), (4, 1), (30, 2)):
        parameters = radius, *PARAMETERS[1:]
        chunked = (da.from_array(a, (2, size)) for a in (dy, x))
        result = operation(*chunked, *parameters).compute(scheduler="sync")
        operation.assert_agrees(result, dy, x, *parameters)


def test_mapping_over_cut_channels_is_what_it_replaces(x):
    """The mistake that this owns: a user's map_blocks gives other numbers."""
    mapped = x.map_blocks(lrn, *PARAMETERS, axis=1).compute()
    assert np.abs(mapped - lrn(x, *PARAMETERS, axis=1).compute()).max() > 0.1


def test_neighbours_share_exactly_the_reach(x):
    """Nothing else of them is copied; a gradient reaches to both ends of the windows."""
    for y, reach in (
        (lrn(x.rechunk({1: 8}), 3, axis=1), 3),
        (gradient(x, x.rechunk({1: 8}), 2, axis=1), 4),
        (lrn(x.rechunk({1: 8}), (3, 0), axis=1), 3),
        (gradient(x, x.rechunk({1: 8}), (1, 2), axis=1), 3),
    ):
        graph = dict(y.__dask_graph__())
        edges = [key for key in graph if key[0].startswith("edge-")]
        assert len(edges) >= len(y.chunks[0]) * len(y.chunks[2])
        for edge in dask.get(graph, edges):
            assert edge.shape[1] == reach
            assert edge.base is None, "a view keeps the whole chunk in memory"


def test_nothing_is_computed_before_it_is_asked_for(operation):
    """Not even for integers, whose LRN is in float64."""

    def fail(chunk):
        raise AssertionError("a chunk was made")

    numbers = da.arange(40, chunks=7, dtype=np.int16)
    lazy = numbers.map_blocks(fail, dtype=np.int16, meta=np.empty(0, np.int16))
    assert operation(lazy, lazy, *PARAMETERS).dtype == np.float64
    whole = np.arange(40.0)
    assert_same_bits(
        operation(numbers, numbers, *PARAMETERS).compute(), operation(whole, whole, *PARAMETERS)
    )


def test_the_names_depend_on_the_inputs_alone(x):
    """The same call makes the same keys, in another process too; any other call makes others."""
    code = (
        "import dask.array as da, lrnlib; x = da.zeros((6, 30), chunks=(3, 10));"
        "print(*sorted(map(str, lrnlib.local_response_normalization_grad(x, x).__dask_graph__())))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(runs) == 1
    assert len(runs.pop()) > 1000
    calls = [lrn(x, 1, axis=axis) for axis in range(3)]
    calls += [lrn(x, 1, alpha=0.5), lrn(x, 2), lrn(x + 1, 1), lrn(x, 1, backend="numpy")]
    calls += [gradient(x, x, 1), gradient(x + 1, x, 1), gradient(x, x + 1, 1)]
    assert len({y.name for y in calls}) == len(calls)


@pytest.mark.parametrize("shape", [(4000, 100), (10, 40_000)])
def test_the_graph_has_few_tasks(operation, shape):
    """A chunk, its edges, and what makes the input: so that thousands are soon graphed."""
    x = da.from_array(np.zeros(shape, np.float32), (10, 10))
    assert x.npartitions == 4000
    assert len(dict(operation(x, x, 2).__dask_graph__())) <= 6 * x.npartitions


def test_chunks_of_unknown_size_along_other_axes(x):
    """They need no size: every window lies in one chunk or in its neighbours."""
    some = x[da.from_array(np.arange(5) != 2, 2)]
    assert np.isnan(some.shape[0])
    whole = np.delete(x.compute(), 2, axis=0)
    for radius in (1, 6):
        for y, expected in (
            (lrn(some, radius, axis=1), lrn(whole, radius, axis=1)),
            (gradient(some, some, radius, axis=1), gradient(whole, whole, radius, axis=1)),
        ):
            assert_same_bits(y.compute(), expected)


def bad_calls(x):
    """Calls that are errors, with their messages."""
    host, flat = np.ones(SHAPE), x.ravel()
    unknown = flat[flat > 0]
    return [
        (lambda: lrn(x, -1), "depth_radius must be an integer >= 0"),
        (lambda: lrn(x, axis=3), "axis must be an integer from -3 to 2, got 3"),
        (lambda: lrn(x, backend="jax"), "backend must be None, 'numpy', 'numba' or 'cupy'"),
        (lambda: lrn(x.astype(complex)), "x must be of bfloat16, float16, float32, "),
        (lambda: lrn(x.sum()), "x must have at least one axis"),
        (lambda: lrn(x, out=host), "out must be None for a Dask array"),
        (lambda: lrn(x, out=x), "out must be None for a Dask array"),
        (
            lambda: lrn(da.ma.masked_equal(x, 0)),
            "x must be a numpy.ndarray, a cupy.ndarray or an array-like, got a masked",
        ),
        (lambda: gradient(host, x), "dy must be a dask.array.Array, as x is, got numpy.ndarray"),
        (lambda: gradient(x[1:], x), "dy must have the shape of x, (5, 23, 4), got (4, 23, 4)"),
        (lambda: gradient(x[0], x), "dy must have the shape of x, (5, 23, 4), got (23, 4)"),
        (
            lambda: gradient(x.astype(np.float32), x),
            "dy must have the dtype of x, float64, got float32",
        ),
        (lambda: gradient(x, host), "dy must be a numpy.ndarray"),
        (lambda: lrn(unknown), "x must have chunks of known sizes along axis -1, got (nan, nan"),
    ]


@pytest.mark.parametrize("number", range(14))
def test_a_wrong_argument_is_an_error_at_the_call(x, number, forbid_compute):
    """It is named, before any work."""
    call, message = bad_calls(x)[number]
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}"):
        call()


@needs_fake_gpu
@pytest.mark.skipif("cupy" not in BACKENDS, reason="no compiler to run the kernels")
def test_chunks_of_cupy_stay_on_the_gpu(operation):
    """Each goes to CuPy's kernels; edges are joined there; NumPy's backend is refused."""
    cupy = sys.modules["cupy"]
    host = [values((4, 30), np.float32, seed, -1, 1) for seed in (1, 2)]
    pieces = [
        {(f"gpu-{k}", i, j): cupy.asarray(a[2 * i : 2 * i + 2, 15 * j : 15 * j + 15])
         for i in range(2) for j in range(2)}
        for k, a in enumerate(host)
    ]  # fmt: skip
    meta = cupy.asarray(np.empty((0, 0), np.float32))
    chunks = (2, 2), (15, 15)
    dy, x = (da.Array(graph, f"gpu-{k}", chunks, meta=meta) for k, graph in enumerate(pieces))
    result = operation(dy, x, *PARAMETERS)
    assert type(result._meta) is cupy.ndarray
    found = dask.get(dict(result.__dask_graph__()), result.__dask_keys__())
    whole = np.block([[chunk.get() for chunk in row] for row in found])
    operation.assert_agrees(whole, *host, *PARAMETERS)
    with pytest.raises(TypeError, match=r"x must be a numpy\.ndarray for backend='numpy'"):
        operation(dy, x, *PARAMETERS, backend="numpy")


def test_nobody_imports_dask_unasked():
    """Neither lrnlib nor a call for a NumPy array."""
    code = "import lrnlib, numpy; lrnlib.lrn(numpy.ones(3))"
    assert heavy_after(code) == set()
    assert heavy_after("import lrnlib, dask.array") >= {"dask"}
