"""A quick `make dask`: what it documents, and a cluster in which a worker is killed."""

import json
import os
import subprocess
import sys
import time

import pytest

from lrnlib.book import records
from tools.repository import ROOT

if not os.environ.get("LRNLIB_REQUIRE_PEERS"):
    pytest.importorskip("distributed")
    pytest.importorskip("zarr")

from benchmarks import dask as benchmark
from benchmarks import dask_runs


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """The record of a quick run, in a process of its own, as distributed wants it."""
    path = tmp_path_factory.mktemp("dask") / "record.json"
    command = [sys.executable, "-m", "benchmarks.dask", "--quick", "--output", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    assert "100% Completed" in run.stdout, "no progress bar was shown"
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_killed_worker_changes_nothing(record):
    """The cluster finishes, and the result is right bit for bit."""
    killed = record["killed"]
    assert 0 < killed["done"] < killed["chunks"]
    assert killed["equal"] is True


def test_errors_are_reported_as_themselves(record):
    """A wrong argument at the call; a chunk that is not what its array says, from the worker."""
    at_the_call, in_a_worker = record["killed"]["errors"]
    assert at_the_call.startswith("ValueError: depth_radius must be ")
    assert in_a_worker.startswith("TypeError: x must be ")
    assert "complex128" in in_a_worker


def test_every_key_is_documented(record):
    """Also those of the records that are stored."""
    for each in (record, *records.newest("dask")):
        keys = set(each)
        for section in ("graphs", "threads", "sizes", "stores", "targets"):
            keys.update(*each[section])
        keys.update(each["killed"], *(row["copy"] for row in each["stores"]))
        for key in keys:
            assert f"``{key}``" in benchmark.__doc__, key


def test_no_round_finds_the_results_of_another(monkeypatch):
    """A cluster may still have what it has just computed, under the same name."""
    names = []
    monkeypatch.setattr(dask_runs, "finish", lambda y, by: names.append(y.name) or time.sleep(1e-3))
    next(dask_runs.sizes(1, [256], 3, client=None))
    assert len(set(names)) == 3


def test_a_target_that_is_missed_is_told(record):
    """Each of the seven, from numbers that are worse than it."""
    worse = {
        "graphs": [row | {"seconds": 1.1} for row in record["graphs"]],
        "threads": [row | {"speedup": 1.4} for row in record["threads"]],
        "stores": [record["stores"][0] | {"peak_mib": 1025, "share": 0.69}],
        "killed": {"equal": False, "errors": ["KilledWorker: ", "PicklingError: "]},
    }
    assert [row["met"] for row in benchmark.targets(worse)] == [False] * 7
