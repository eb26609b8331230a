"""The fused C pass is right, runs on each thread's part, and is left out where it cannot be."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.accuracy import Sample
from benchmarks.cases import CPU, INSIDE, OUTSIDE
from benchmarks.implementations import fused
from benchmarks.machine import last_level_cache
from benchmarks.run import start_sessions
from benchmarks.timing import Cpu, time_case
from benchmarks.worker import ImplementationError, Session
from tests.benchmarks.fakes import TINY, started

WITHOUT_COMPILER = not any(map(shutil.which, ("cc", "gcc", "clang")))
needs_compiler = pytest.mark.skipif(WITHOUT_COMPILER, reason="there is no C compiler")


@needs_compiler
@pytest.mark.parametrize("shape", [(2, 3, 4, 9), (1, 1, 5, 1), (3, 2000), (2, 50, 3)])
def test_fused_c_is_right(shape, monkeypatch):
    """All pixels, on more threads than there are, among them some without a pixel."""
    monkeypatch.setenv("LRNLIB_NUM_THREADS", "3")
    (session,) = started(fused_c=fused.FusedC).values()
    case = replace(TINY, shape=shape)
    session.request("prepare", case)
    assert Sample(case, list(np.ndindex(shape[:-1]))).error(session) < 8


@needs_compiler
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"depth_radius": 3}, "it has depth_radius 2, beta 0.75"),
        ({"beta": 0.5}, "it has depth_radius 2, beta 0.75"),
        ({"axis": 1}, "it has depth_radius 2, beta 0.75"),
        ({"shape": (1, 5000)}, "it has no room for 5000 channels"),
    ],
)
def test_what_it_does_not_compute_is_left_out(change, reason):
    """Its row says why."""
    (row,) = time_case(replace(TINY, **change), started(fused_c=fused.FusedC), Cpu(), quick=True)
    assert row["status"] == "left out"
    assert row["reason"].startswith(reason)


def test_without_a_compiler_it_is_left_out_by_name(monkeypatch):
    """The others are measured all the same."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    sessions, left_out = start_sessions(
        {"copy_threads": fused.CopyThreads, "fused_c": fused.FusedC}, Session
    )
    assert list(sessions) == ["copy_threads"]
    reason = "there is no C compiler: install one, or name it in CC"
    assert left_out == [{"implementation": "fused_c", "reason": reason}]
    assert fused.version() is None


def test_a_compiler_that_fails_is_a_reason(monkeypatch):
    """The last thing that it wrote is given."""
    monkeypatch.setenv("CC", "false")
    (session,) = map(Session, [fused.FusedC])
    with pytest.raises(ImplementationError, match="the C compiler failed"):
        session.request("start")


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_threads_copy_everything(threads, monkeypatch):
    """Also where there are fewer numbers than threads."""
    monkeypatch.setenv("LRNLIB_NUM_THREADS", str(threads))
    for size in (5, 216):
        a, out = np.arange(size, dtype=np.float32), np.full(size, np.nan, np.float32)
        fused.copy_in_parts(out, a)
        assert np.array_equal(out, a)


def test_the_limit_is_measured_on_both_sides_of_the_cache():
    """One array has room in it beside its result, the other is larger than all of it."""
    sizes = {case.name: case.bytes_moved for case in CPU["limit"]}
    assert sizes[INSIDE] <= last_level_cache()
    assert sizes[OUTSIDE] > 3 * last_level_cache()
