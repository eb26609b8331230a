"""What LRN of Dask arrays costs, and whether it keeps within its memory and survives a crash.

`make dask` takes some minutes on two cores and up to 10 GiB of disk, in a temporary folder. It
writes lrnlib/book/records/dask-DATE-CORES-cores.json:

``kind``, ``date``, ``quick``
    "dask"; the day; true for a trial with small sizes.
``machine``, ``versions``
    As in the records of `benchmarks.run`.
``graphs``
    For each ``operation``, "lrn" or "gradient", and ``cut`` ("pixels": each chunk has all
    channels; "channels": a part of them): the ``chunks``, and the ``seconds`` to make the graph
    with all its ``tasks``.
``threads``
    For each ``backend`` of the chunks, ``mib`` in memory by ``one_thread`` of the NumPy backend and
    by Dask's threads, median ``seconds``, and the ``speedup``.
``sizes``
    For each ``scheduler`` ("threads" or "cluster", with a process for each core), ``cut`` and
    ``chunk_kib``: the ``chunks``, the median ``seconds`` of all, those of one
    (``us_per_chunk``), and ``mib_per_s``. The chunks are made and dropped where they are.
``stores``
    For each ``cut``: ``gib`` from one Zarr store to another, by threads in a process of its own.
    Median ``seconds``, the processor's ``cpu_seconds`` and the most memory, ``peak_mib``; the same
    of a ``copy`` without LRN; and the ``share`` of the copy's speed.
``killed``
    In a cluster: the number of ``chunks``; how many were ``done`` when a worker's process was
    killed; whether the result is right bit for bit, ``equal``; the ``errors`` of a wrong argument
    and of a wrong chunk.
``note``
    Only where there is something else to know: what was measured in another way, or under load.
``targets``
    For each, ``what`` is meant, the ``measured`` value, the ``target``, and whether it is ``met``.
"""

import argparse
import datetime
import operator
import tempfile
from pathlib import Path

from benchmarks import dask_runs, machine, tables
from benchmarks.experiment import write
from lrnlib.book import records

OWN = "ValueError: depth_radius must be", "TypeError: x must be of bfloat16"
FULL = {
    "graphs": {"chunks": 10_000},
    "threads": {"mib": 256, "rounds": 7},
    "sizes": {"mib": 256, "kib": [64, 256, 1024, 4096, 16384], "rounds": 3},
    "stores": {"gib": 4, "images": 25, "rounds": 3},
    "killed": {"images": 160, "chunk_images": 4},
}
QUICK = {
    "graphs": {"chunks": 100},
    "threads": {"mib": 8, "rounds": 1},
    "sizes": {"mib": 1, "kib": [256], "rounds": 1},
    "stores": {"gib": 0.01, "images": 2, "rounds": 1},
    "killed": {"images": 32, "chunk_images": 2},
}


def targets(record):
    """A row for each target, set before anything was measured."""
    speed = {row["backend"]: row["speedup"] for row in record["threads"]}
    killed = record["killed"]
    faster = "by Dask's threads with {}, times one thread of NumPy, at least"
    slowest = max(row["seconds"] for row in record["graphs"])
    peak = max(row["peak_mib"] for row in record["stores"])
    share = min(row["share"] for row in record["stores"])
    own = [error.startswith(own) for error, own in zip(killed["errors"], OWN, strict=True)]
    for what, measured, met, target in (
        ("seconds for a graph of 10,000 chunks, at most", slowest, operator.le, 1.0),
        (faster.format("NumPy"), speed["numpy"], operator.ge, 1.5),
        (faster.format("Numba"), speed["numba"], operator.ge, 1.5),
        ("peak MiB from store to store, at most", peak, operator.le, 1024),
        ("of the speed of a copy, at least", share, operator.ge, 0.7),
        ("right although a worker was killed", killed["equal"], operator.is_, True),
        ("wrong arguments are reported as themselves", all(own), operator.is_, True),
    ):
        yield {"what": what, "measured": measured, "target": target, "met": met(measured, target)}


def measure(plan, folder):
    """All measurements."""
    found = {
        "graphs": list(dask_runs.graphs(**plan["graphs"])),
        "threads": list(dask_runs.threads(**plan["threads"])),
    }
    found["stores"] = list(dask_runs.stores(**plan["stores"], folder=folder))
    with dask_runs.new_cluster() as client:
        found["sizes"] = list(dask_runs.sizes(**plan["sizes"], client=client))
        found["killed"] = dask_runs.killed(**plan["killed"], folder=folder, client=client)
    return found


def main(arguments=None):
    """Measure, show the targets, and write the record."""
    parser = argparse.ArgumentParser(prog="benchmarks.dask")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--output", type=Path, help="the file of the record")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(QUICK if options.quick else FULL, Path(folder))
    record = {
        "kind": "dask",
        "date": datetime.date.today().isoformat(),
        "quick": options.quick,
        "machine": machine.machine(),
        "versions": machine.versions(),
        **found,
    }
    record["targets"] = list(targets(record))
    tables.print_rows("Targets", record["targets"], "what")
    path = f"dask-{record['date']}-{record['machine']['cores']}-cores.json"
    path = options.output or (None if options.quick else records.FOLDER / path)
    if path is None:
        print("No record is written of a quick run; --output names a file for it.")
        return
    write(path, tables.as_json(record))
    print(f"The record: {path}")


if __name__ == "__main__":
    main()
