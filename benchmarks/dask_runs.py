"""The measurements of `benchmarks.dask`: each gives a row, or several, for the record."""

import contextlib
import itertools
import logging
import multiprocessing
import operator
import os
import shutil
import signal
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import dask
import dask.array as da
import numpy as np
from dask.diagnostics import ProgressBar
from distributed import Client, LocalCluster

import lrnlib
from benchmarks.worker import resident_peak

MIB = 2**20
CUTS = "pixels", "channels"
BACKENDS = "numpy", "numba"
ALEXNET = {"depth_radius": 2, "bias": 2.0, "alpha": 1e-4, "beta": 0.75, "axis": 1}
PLANES = 96, 55, 55  # AlexNet's first normalization; a chunk is cut by images or by channels


def lrn(x):
    return lrnlib.lrn(x, **ALEXNET)


def gradient(x):
    return lrnlib.local_response_normalization_grad(x, x, **ALEXNET)


def chunks_of(cut, images):
    """Chunks of as many values as so many images have."""
    channels, *plane = PLANES
    return (2 * images, channels // 2, *plane) if cut == "channels" else (images, *PLANES)


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(rounds, *calls):
    """The median time of each; they take turns."""
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [round(statistics.median(each), 4) for each in zip(*times, strict=True)]


def graphs(chunks):
    """Times of the call together with all tasks, as a scheduler asks for them."""
    shapes = {"pixels": ((chunks, 16), (1, 16)), "channels": ((chunks // 10, 200), (1, 20))}
    for (cut, (shape, sizes)), operation in itertools.product(shapes.items(), (lrn, gradient)):
        x = da.from_array(np.zeros(shape, np.float32), sizes)
        (time_of_all,) = medians(3, lambda f=operation, x=x: dict(f(x).__dask_graph__()))
        counts = {"chunks": x.npartitions, "tasks": len(dict(operation(x).__dask_graph__()))}
        yield {"operation": operation.__name__, "cut": cut} | counts | {"seconds": time_of_all}


def threads(mib, rounds):
    """The same array in memory by the NumPy backend on one thread, and by Dask's threads."""
    x = activations(mib * MIB // 4 // np.prod(PLANES))
    y, chunked = np.empty_like(x), da.from_array(x, chunks_of("pixels", 16), name=False)

    def one_thread():
        os.environ["LRNLIB_NUM_THREADS"] = "1"
        lrnlib.lrn(x, **ALEXNET, out=y)
        del os.environ["LRNLIB_NUM_THREADS"]

    lazy = {backend: lrnlib.lrn(chunked, **ALEXNET, backend=backend) for backend in BACKENDS}
    by_dask = [
        partial(da.store, each, y, lock=False, scheduler="threads") for each in lazy.values()
    ]
    by_dask[-1]()  # Numba compiles
    one, *several = medians(rounds, one_thread, *by_dask)
    for backend, time_of_all in zip(lazy, several, strict=True):
        row = {"backend": backend, "mib": mib, "one_thread": one, "seconds": time_of_all}
        yield row | {"speedup": round(one / time_of_all, 2)}


def activations(images):
    """Responses after a ReLU: half of them are zeros."""
    rng = np.random.default_rng(1)
    return np.maximum(rng.standard_normal((images, *PLANES), np.float32), 0)


def sizes(mib, kib, rounds, client):
    """The same values in chunks of several sizes."""
    schedulers = {"threads": "threads", "cluster": client}
    for scheduler, cut, each in itertools.product(schedulers, CUTS, kib):
        channels = 32 if cut == "channels" else 64
        chunks = each * 256 // channels, channels
        # Of an array that it has just computed, a cluster may still have the results.
        shape, values = (mib * MIB // 4 // 64, 64), range(1, rounds + 1)
        xs = [da.full(shape, k, chunks=chunks, dtype=np.float32) for k in values]
        turns = iter([lrn(x).map_blocks(nothing, dtype=np.float32) for x in xs])
        (time_of_all,) = medians(
            rounds, lambda turns=turns, by=schedulers[scheduler]: finish(next(turns), by)
        )
        count = xs[0].npartitions
        yield {
            "scheduler": scheduler, "cut": cut, "chunk_kib": each, "chunks": count,
            "seconds": time_of_all, "us_per_chunk": round(time_of_all / count * 1e6, 1),
            "mib_per_s": round(mib / time_of_all),
        }  # fmt: skip


def nothing(chunk):
    return chunk[:1, :1].copy()


def finish(y, scheduler):
    """Compute all chunks, and do not join them."""
    dask.compute(*y.to_delayed().flat, scheduler=scheduler)


def stores(gib, images, rounds, folder):
    """From store to store, with LRN and without, in turns."""
    total = -(-gib * 2**30 // 4 // np.prod(PLANES))
    for cut in CUTS:
        source = make_store(folder / cut, total, chunks_of(cut, images))
        runs = {True: [], False: []}
        for _, with_lrn in itertools.product(range(rounds), (False, True)):
            print(f"{gib} GiB, chunks cut by {cut}, {'LRN' if with_lrn else 'a copy'}:")
            runs[with_lrn].append(in_new_process(from_store_to_store, source, with_lrn))
        middle = {
            kind: {key: round(statistics.median(run[key] for run in each), 2) for key in each[0]}
            for kind, each in runs.items()
        }
        share = round(middle[False]["seconds"] / middle[True]["seconds"], 3)
        yield {"cut": cut, "gib": gib} | middle[True] | {"copy": middle[False], "share": share}
        shutil.rmtree(source)


def make_store(path, images, chunks):
    """A Zarr store of activations; all its chunks hold the same values in another order."""
    x = activations(chunks[0])[:, : chunks[1]]
    whole = da.zeros((images, *PLANES), np.float32, chunks=chunks)
    whole.map_blocks(rolled, x, dtype=np.float32, meta=whole._meta).to_zarr(path)
    return path


def rolled(chunk, x, block_info=None):
    shift = sum(block_info[0]["chunk-location"])
    return np.roll(x, shift, axis=2)[: len(chunk)]


def in_new_process(function, *arguments):
    """A function's result; the process shows how much memory it took."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def from_store_to_store(source, with_lrn):
    """Copy a store beside itself, through LRN or not."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder, ProgressBar():
        x = da.from_zarr(source)
        start, used = time.perf_counter(), time.process_time()
        (lrn(x) if with_lrn else x).to_zarr(Path(folder) / "y")
        row = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - used}
    return row | {"peak_mib": resident_peak() / MIB}


def killed(images, chunk_images, folder, client):
    """Kill a worker's process when some chunks are stored, and compare the result."""
    source = make_store(folder / "source", images, chunks_of("channels", chunk_images))
    x, target = da.from_zarr(source), folder / "target"
    future = client.compute(lrn(x).to_zarr(target, compute=False))
    while not (done := stored_chunks(target)):
        time.sleep(0.01)
    victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    future.result(timeout=600)
    y, expected = da.from_zarr(target), lrn(np.asarray(x))
    errors = [error_of(lambda: lrnlib.lrn(x, -1)), error_of(lambda: lying(x).compute())]
    equal = bool(np.array_equal(np.asarray(y), expected))
    return {"chunks": x.npartitions, "done": done, "equal": equal, "errors": errors}


def stored_chunks(store):
    return sum(path.is_file() for path in (store / "c").rglob("*"))


def lying(x):
    """LRN of chunks that are not what the array says."""
    return lrn(x.map_blocks(operator.methodcaller("astype", complex), dtype=x.dtype, meta=x._meta))


def error_of(call):
    """What a user sees at the end of the traceback."""
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def new_cluster():
    """A worker process for each core."""
    options = {"threads_per_worker": 1, "dashboard_address": None}
    with (
        LocalCluster(silence_logs=logging.CRITICAL, **options) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
