"""Nothing wrong is timed, no failure ends a run, and a GPU's events enclose the calls alone."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.accuracy import LIMITS
from benchmarks.implementations import Copy, cpu
from benchmarks.start_time import first_call_times, import_times
from benchmarks.steps import step_times
from benchmarks.timing import LONGEST_HOLD, Cpu, Gpu, Timer, Timing, time_case
from benchmarks.worker import ImplementationError, Session, Worker, without_paths
from tests.benchmarks.fakes import (
    TINY,
    TINY_GRADIENT,
    Broken,
    Dying,
    FakeGpu,
    Late,
    Lrnlib,
    Wrong,
    started,
)


def test_ratios_are_those_of_the_medians():
    """A gradient's bound is one and a half copies by all threads; the copies have none."""
    compare = Cpu().compare
    medians = {"copy": 3.0, "copy_threads": 2.0, "fused_c": 4.0, "tensorflow": 24.0, "mine": 6.0}
    assert compare("mine", TINY_GRADIENT, medians) == {
        "ratio_to_copy": 2.0,
        "ratio_to_fused_c": 1.5,
        "ratio_to_tensorflow": 0.25,
        "bound_ms": 3.0,
        "achieved_over_bound": 0.5,
    }
    assert compare("mine", TINY, medians)["achieved_over_bound"] == 0.3333
    assert compare("copy", TINY, medians) == {
        "ratio_to_copy": 1.0,
        "ratio_to_fused_c": 0.75,
        "ratio_to_tensorflow": 0.125,
    }
    assert "bound_ms" not in compare("copy_threads", TINY, medians)
    assert compare("mine", TINY, {"copy": 3.0, "mine": 6.0}) == {"ratio_to_copy": 2.0}
    assert compare("mine", TINY, {"mine": 6.0}) == {}


def test_bandwidth_is_that_of_the_bytes_that_must_move():
    """A copy of 864 bytes in 1 ms, a gradient of three times as many in as long."""
    compare, medians = FakeGpu().compare, {"copy": 1.0, "mine": 1.0}
    assert compare("copy", TINY_GRADIENT, medians) == {"gb_per_s": 0.001728, "share_of_copy": 1}
    assert compare("mine", TINY_GRADIENT, medians) == {"gb_per_s": 0.002592, "share_of_copy": 1.5}
    assert compare("mine", TINY_GRADIENT, {"mine": 1.0}) == {"gb_per_s": 0.002592}


CPU_AND_GPU = [(Cpu(), "float32"), *((FakeGpu(), dtype) for dtype in LIMITS)]


@pytest.mark.parametrize(("device", "dtype"), CPU_AND_GPU)
def test_what_is_wrong_or_fails_is_not_timed(device, dtype):
    """Its row has the error or the reason, without a folder, and no time; the others go on."""
    case = replace(TINY, dtype=dtype)
    implementations = {"wrong": Wrong, "broken": Broken, "late": Late, "copy": Copy}
    new_session = Session
    if isinstance(device, Cpu):
        new_session, implementations["dying"] = Worker, Dying
    sessions = started(new_session, **implementations, right=cpu.Numpy)
    rows = {r["implementation"]: r for r in time_case(case, sessions, device, quick=True)}
    if "dying" in sessions:
        with pytest.raises(ImplementationError, match="its process ended: 3"):
            sessions["dying"].request("measure", device, 1, 0)
    for session in sessions.values():
        session.close()
    assert list(rows) == list(sessions)
    assert rows["wrong"]["status"] == "wrong"
    assert rows["wrong"]["error_ulp"] > LIMITS[dtype]
    assert set(rows["wrong"]) == {*case.columns(), "implementation", "status", "error_ulp"}
    reasons = {n: row["reason"] for n, row in rows.items() if row["status"] == "left out"}
    assert reasons.pop("dying", "its process ended: 3") == "its process ended: 3"
    assert reasons == {
        "broken": "RuntimeError: out of memory at …",
        "late": "not installed: no_such_compiler",
    }
    assert (rows["right"]["status"], rows["right"]["rounds"]) == ("timed", 3)
    assert rows["copy"]["status"] == "timed"
    assert rows["right"].get("buffers", 1) == device.sets_of(case)


def test_a_message_names_no_folder():
    """Neither that of a library nor that of a user, on any system."""
    for path in ("/home/me/lib.so", r"C:\Users\me\lib.dll"):
        assert without_paths(ImportError(f"cannot import a ({path}) now")) == (
            "ImportError: cannot import a … now"
        )
    assert without_paths(RuntimeError("")) == "RuntimeError: "


def test_an_import_is_timed():
    """Milliseconds, and the quotient of the two."""
    found = import_times(rounds=1)
    assert found["ratio"] == pytest.approx(found["lrnlib_ms"] / found["numpy_ms"], rel=1e-3)
    assert found["numpy_ms"] > 1


def test_the_steps_of_the_chapter_are_timed():
    """Each that the chapter defines, and lrnlib's backends."""
    found = step_times(rounds=1, pixels=60)
    assert list(found) == ["loops", "shifts", "blocks", "compiled", "numpy_out", "numba_out"]
    assert all(time > 0 for time in found.values())


def test_a_first_call_compiles():
    """Seconds, in a cache of its own."""
    assert first_call_times(rounds=1)["seconds"] > 0.1


def test_the_sets_of_arrays_take_turns():
    """Each is called as often as the others."""
    calls = []

    class Counted(Lrnlib):
        def prepare(self, case, x, dy=None):
            number = len(calls)
            calls.append(0)

            def call():
                calls[number] += 1

            return call

    (session,) = started(counted=Counted).values()
    session.request("prepare", TINY, 3)
    session.request("measure", FakeGpu(), 12, 0)
    assert calls == [4, 4, 4]


FIRST = Timing(0.001, 0.0001, True)


def timer_of(*timings, first=FIRST):
    """A timer whose two first times are 1 ms of the GPU and 0.1 ms of the host."""
    (session,) = started(lrnlib=Lrnlib).values()
    session.request("prepare", TINY)
    gpu = FakeGpu([first, first, *timings])
    timer = Timer(session, gpu, TINY)
    timer.calibrate()
    return timer, gpu


def test_statistics_of_known_times():
    """Milliseconds; the quartiles of 1 to 5; nanoseconds of each of 216 values."""
    timer, _ = timer_of(*(Timing(0.001 * n, 0.002, True) for n in range(1, 6)))
    for _ in range(5):
        timer.round()
    assert timer.columns() == {
        "rounds": 5,
        "calls": 8,
        "buffers": 2,
        "queued": True,
        "median_ms": 3.0,
        "q1_ms": 2.0,
        "q3_ms": 4.0,
        "ns_per_element": 1.389e4,
        "host_ms": 2.0,
    }


def test_the_gpu_is_held_until_the_host_has_queued_all():
    """Twice as long when it was too short, three times at most; the last time counts."""
    late, early = Timing(0.002, 0.0001, False), Timing(0.001, 0.0001, True)
    timer, gpu = timer_of(late, late, early)
    timer.round()
    assert timer.count == 8
    (first, second, third) = [hold for _, hold in gpu.measured[2:]]
    assert (second, third) == (2 * first, 4 * first)
    assert first >= 2 * 8 * 0.0001
    row = timer.columns()
    assert (row["median_ms"], row["host_ms"], row["queued"]) == (1.0, 0.1, True)


@pytest.mark.parametrize(("queued", "attempts"), [(False, 3), (None, 1)])
def test_a_gpu_that_waited_for_the_host_is_reported(queued, attempts):
    """The row says so; for a stream that cannot be held it says nothing, after one attempt."""
    timer, gpu = timer_of(*[Timing(0.002, 0.0001, queued)] * 3)
    timer.round()
    assert timer.columns()["queued"] is queued
    assert all(hold <= LONGEST_HOLD for _, hold in gpu.measured)
    assert len(gpu.measured) == 2 + attempts


def test_the_number_of_calls_has_limits():
    """Few of what takes long, and not more than a queue takes of what takes no time."""
    for seconds, count in zip((1.0, 1e-9), Gpu.calls, strict=True):
        assert timer_of(first=Timing(seconds, 0.0001, True))[0].count == count


def gpu_with(log, done):
    """A Gpu whose CuPy logs its calls; its events are `done` when the host has queued all."""

    event = {"record": lambda: log.append("event"), "synchronize": lambda: log.append("end")}
    event = SimpleNamespace(**event, done=done)
    gpu = object.__new__(Gpu)
    cuda = SimpleNamespace(Event=lambda: event, get_elapsed_time=lambda a, b: 6.0)
    gpu._cupy = SimpleNamespace(cuda=cuda, int64=np.int64)
    gpu._device = SimpleNamespace(synchronize=lambda: log.append("idle"))
    gpu._hold = lambda grid, block, args: log.append(int(args[0]))
    return gpu


@pytest.mark.parametrize("done", [False, True])
def test_the_events_enclose_the_calls_alone(done):
    """The hold comes before the first one; 6 ms for three calls are 2 each."""
    log = []
    found = gpu_with(log, done).measure(lambda: log.append("call"), 3, 0.001)
    assert log == ["idle", 1_000_000, "event", "call", "call", "call", "event", "end"]
    assert (found.device, found.queued) == (0.002, not done)


def test_a_stream_of_its_own_is_waited_for():
    """The GPU is idle when the first event is recorded, and the last result there at the second."""
    log = []
    gpu = gpu_with(log, True)
    found = gpu.measure(lambda: len(log), 2, 0.001, lambda result: log.append(f"wait for {result}"))
    assert log == ["idle", "event", "wait for 2", "event", "end"]
    assert found.queued is None
