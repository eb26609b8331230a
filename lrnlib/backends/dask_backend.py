"""LRN of Dask arrays, lazily: each chunk goes back to the public functions, as what it is.

A window ends at the borders of a chunk only where the channels end too. So where the channels
are cut, a chunk is joined with as many channels of its two neighbours as its result depends on.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dask.array as da
from dask.base import tokenize
from dask.highlevelgraph import HighLevelGraph

from lrnlib import _api
from lrnlib._dispatch import array_namespace, as_array, backend_for
from lrnlib._validation import describe, type_name
from lrnlib.backends import _threads
from lrnlib.parameters import Parameters

Array = Any  # dask.array.Array, which need not be installed where the types are checked
Chunk = Any  # numpy.ndarray or cupy.ndarray


def forward(
    x: Array,
    depth_radius: int | tuple[int, int],
    bias: float,
    alpha: float,
    beta: float,
    axis: int,
    out: None,
    backend: str | None,
) -> Array:
    """Return LRN of `x`, chunked as `x` is; check the arguments now."""
    _check_no_out(out)
    x, channel_axis, p = _validate(x, depth_radius, bias, alpha, beta, axis, backend)
    return _run(_api.local_response_normalization, (x,), channel_axis, p, p.reach, backend)


def gradient(
    dy: Array,
    x: Array,
    depth_radius: int | tuple[int, int],
    bias: float,
    alpha: float,
    beta: float,
    axis: int,
    out: None,
    backend: str | None,
) -> Array:
    """Return the gradient of LRN, chunked as `x` is; check the arguments now."""
    _check_no_out(out)
    given = x
    x, channel_axis, p = _validate(x, depth_radius, bias, alpha, beta, axis, backend)
    dy = _as_array_like_x(dy, given)
    # dx_i takes dy_j and x_j of each window j that holds i, so `after` to the left and `before`
    # to the right; and the base of that window takes another `before` and `after`.
    reach = (sum(p.reach),) * 2
    return _run(_api.local_response_normalization_grad, (dy, x), channel_axis, p, reach, backend)


def _check_no_out(out: object) -> None:
    if out is not None:
        raise TypeError(
            f"out must be None for a Dask array, which is computed later, got {type_name(out)}; "
            "use what the call returns"
        )


def _validate(
    x: Array,
    depth_radius: int | tuple[int, int],
    bias: float,
    alpha: float,
    beta: float,
    axis: int,
    backend: str | None,
) -> tuple[Array, int, Parameters]:
    """Return `x` in the dtype it is computed in, the axis and the parameters, or raise."""
    chunk = as_array("x", x._meta)
    backend_for(chunk, backend)
    channel_axis, p = _api.validate(x, depth_radius, bias, alpha, beta, axis)
    if _is_unknown(x.chunks[channel_axis]):
        raise ValueError(
            f"x must have chunks of known sizes along axis {axis}, "
            f"{describe(x.chunks[channel_axis])}; call x.compute_chunk_sizes() first"
        )
    return x.astype(chunk.dtype), channel_axis, p


def _as_array_like_x(dy: Array, x: Array) -> Array:
    """Return `dy` in the dtype `x` is computed in and in its chunks, or raise."""
    if not isinstance(dy, da.Array):
        raise TypeError(f"dy must be a dask.array.Array, as x is, got {type_name(dy)}")
    same = dy.ndim == x.ndim and all(
        len(ours) == len(theirs) if _is_unknown(ours) else sum(ours) == sum(theirs)
        for ours, theirs in zip(x.chunks, dy.chunks, strict=True)
    )
    if not same:
        raise ValueError(f"dy must have the shape of x, {x.shape}, got {dy.shape}")
    chunk = as_array("x", x._meta)
    if as_array("dy", dy._meta).dtype != chunk.dtype:
        raise TypeError(
            f"dy must have the dtype of x, {chunk.dtype}, got {dy.dtype}; "
            f"convert it with dy.astype('{chunk.dtype}')"
        )
    _api.as_array_like_x(dy._meta, chunk, x._meta)
    known = {k: sizes for k, sizes in enumerate(x.chunks) if not _is_unknown(sizes)}
    return dy.astype(chunk.dtype).rechunk(known)


def _is_unknown(sizes: Sequence[float]) -> bool:
    return any(size != size for size in sizes)  # NaN stands for a size that is not known yet


def _run(
    function: Callable[..., Chunk],
    arrays: tuple[Array, ...],
    axis: int,
    p: Parameters,
    reach: tuple[int, int],
    backend: str | None,
) -> Array:
    """Call a public function for each chunk, joined with its neighbours if it needs them."""
    meta, sizes = arrays[-1]._meta, arrays[-1].chunks[axis]
    merged = _merge(sizes, sum(reach))
    arrays = tuple(a.rechunk({axis: merged}) for a in arrays)
    chunks = arrays[-1].npartitions
    compute = partial(_compute, function, chunks, **vars(p), axis=axis, backend=backend)
    if len(merged) == 1 or reach == (0, 0):
        y = da.map_blocks(compute, *arrays, dtype=meta.dtype, meta=meta)
    else:
        y = _with_neighbours(compute, arrays, axis, reach, meta)
    return y.rechunk({axis: sizes})


def _compute(
    function: Callable[..., Chunk], chunks: int, *arrays: Chunk, **options: object
) -> Chunk:
    """Call a public function; Dask shares the chunks among threads, so each takes only one."""
    with _threads.one_each(chunks):
        return function(*arrays, **options)


def _merge(sizes: Sequence[int], least: int) -> tuple[int, ...]:
    """Merge neighbouring chunks until each has at least so many channels, or there is one.

    Then a chunk depends on no more than its two neighbours, and the channels that are computed
    twice are not more than the others.
    """
    merged = [0]
    for size in sizes:
        if merged[-1] < max(least, 1):
            merged[-1] += size
        else:
            merged.append(size)
    if len(merged) > 1 and merged[-1] < max(least, 1):
        merged[-2:] = [sum(merged[-2:])]
    return tuple(merged)


def _with_neighbours(
    compute: Callable[..., Chunk],
    arrays: tuple[Array, ...],
    axis: int,
    reach: tuple[int, int],
    meta: Chunk,
) -> Array:
    """Add a task for each chunk, and one for each of its edges that a neighbour needs."""
    x = arrays[-1]
    token = tokenize(compute, [a.name for a in arrays], axis, reach)
    name, edges = f"local_response_normalization-{token}", f"edge-{token}"
    before, after = reach
    last = partial(_edge, (slice(None),) * axis + (slice(-before, None),))
    first = partial(_edge, (slice(None),) * axis + (slice(after),))
    join = partial(_compute_joined, compute, axis)
    graph: dict[Any, Any] = {}
    for block in itertools.product(*map(range, x.numblocks)):
        left, right = (_moved(block, axis, step) for step in (-1, 1))
        parts: list[Any] = []
        for number, a in enumerate(arrays):
            parts += (None, (a.name, *block), None)
            if before and block[axis] > 0:
                parts[-3] = key = (edges, number, 1, *left)
                graph[key] = (last, (a.name, *left))
            if after and block[axis] < x.numblocks[axis] - 1:
                parts[-1] = key = (edges, number, 0, *right)
                graph[key] = (first, (a.name, *right))
        graph[(name, *block)] = (join, *parts)
    layers = HighLevelGraph.from_collections(name, graph, dependencies=arrays)
    return da.Array(layers, name, chunks=x.chunks, meta=meta)


def _moved(block: tuple[int, ...], axis: int, step: int) -> tuple[int, ...]:
    return (*block[:axis], block[axis] + step, *block[axis + 1 :])


def _edge(index: tuple[slice, ...], chunk: Chunk) -> Chunk:
    """Copy an edge: a view would keep the whole chunk in memory."""
    return chunk[index].copy()


def _compute_joined(compute: Callable[..., Chunk], axis: int, *parts: Chunk) -> Chunk:
    """Compute a chunk beside its neighbours' edges.

    The parts are, of each array, the left edge, the chunk and the right edge; None is no edge.
    """
    start = 0 if parts[0] is None else parts[0].shape[axis]
    inner = (slice(None),) * axis + (slice(start, start + parts[1].shape[axis]),)
    arrays = [_joined(parts[k : k + 3], axis) for k in range(0, len(parts), 3)]
    return compute(*arrays)[inner].copy()


def _joined(parts: Sequence[Chunk], axis: int) -> Chunk:
    there = [part for part in parts if part is not None]
    dtype = parts[1].dtype  # NumPy would change the byte order to the machine's
    return array_namespace(parts[1]).concatenate(there, axis, dtype=dtype)
