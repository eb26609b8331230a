"""The GPU's benchmark, without one: its bytes, buffers, checks, rounds and events."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import cases, gpu_cases
from benchmarks.checking import Sample, limit
from benchmarks.gpu_device import Device, Timing
from benchmarks.gpu_timing import CALLS, LONGEST, Pace, drawn, time_case
from benchmarks.worker import SubjectError
from tests.benchmarks.fake_device import (
    TINY,
    Broken,
    Copy,
    FakeDevice,
    Late,
    Lrnlib,
    Unfused,
    Wrong,
    seated,
)

DTYPES = ("float32", "float16", "bfloat16")


def test_bytes_are_counted_by_hand():
    """4 bytes of a float32 and 2 of a half: x and y; or x, dy and dx."""
    assert TINY.bytes_moved == 2 * 216 * 4
    assert replace(TINY, dtype="float16").bytes_moved == 2 * 216 * 2
    assert replace(TINY, kind="gradient", dtype="bfloat16").bytes_moved == 3 * 216 * 2


@pytest.mark.parametrize("case", [TINY, replace(TINY, kind="gradient")])
@pytest.mark.parametrize("cache", [1, 1000, 1728, 10**5, 50 * 2**20])
def test_buffers_in_turn_are_larger_than_the_cache(case, cache):
    """Twice as large, with no set too many, and at least two sets."""
    sets = gpu_cases.rotation(case, cache)
    assert sets >= 2
    assert sets * case.bytes_moved > 2 * cache
    assert sets == 2 or (sets - 1) * case.bytes_moved <= 2 * cache


def test_every_bar_has_its_case():
    """The shapes and types of the issue, one of them in bfloat16, and the radii from 1 to 7."""
    wanted = {
        (shape, axis, dtype)
        for dtype in ("float32", "float16")
        for shape, axis in (
            ((128, 55, 55, 96), -1),
            ((128, 27, 27, 256), -1),
            ((128, 96, 55, 55), 1),
            ((128, 192, 56, 56), 1),
        )
    }
    for op in ("forward", "gradient"):
        section = gpu_cases.SECTIONS[op]
        found = {(case.shape, case.axis, case.dtype) for case in section}
        assert found == wanted | {((128, 55, 55, 96), -1, "bfloat16")}
        radii = [case.depth_radius for case in gpu_cases.RADIUS if case.op == op]
        assert radii == list(range(1, 8))
    every = [case for of in gpu_cases.SECTIONS.values() for case in of]
    keys = [json.dumps(case.parameters()) for case in every]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", ["forward", "gradient"])
def test_parameters_do_not_change_the_input(kind, dtype):
    """So it is drawn once for a whole sweep, and cast for each type."""
    for case in (TINY, replace(TINY, kind=kind, dtype=dtype, depth_radius=7, name="other")):
        for mine, right in zip(drawn(case), cases.inputs(case), strict=True):
            if right is None:
                assert mine is None
                continue
            assert mine.dtype == right.dtype
            np.testing.assert_array_equal(mine, right)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("kind", ["forward", "gradient"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("subject", [Unfused, Lrnlib])
def test_right_results_pass(subject, dtype, kind, axis):
    """In each type and both layouts, well within the limit."""
    case = replace(TINY, kind=kind, axis=axis, dtype=dtype)
    (seat,) = seated(subject=subject).values()
    if (subject, dtype) == (Unfused, "bfloat16"):
        with pytest.raises(SubjectError, match="not written for bfloat16"):
            seat.ask("prepare", case)
        return
    seat.ask("prepare", case)
    assert Sample(case).error(seat) < limit(case) / 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_wrong_result_is_refused_before_it_is_timed(dtype):
    """In each type; the row has the error and no time."""
    device, case = FakeDevice(), replace(TINY, dtype=dtype)
    wrong, right = time_case(case, seated(wrong=Wrong, lrnlib=Lrnlib), device, quick=True)
    assert wrong["status"] == "wrong"
    assert wrong["error_ulp"] > limit(case)
    assert set(wrong) == {*case.parameters(), "subject", "status", "error_ulp"}
    assert (right["status"], right["rounds"]) == ("timed", 3)


def test_a_subject_that_fails_does_not_end_the_run():
    """It is named with the reason, without the folder that it tells; the others are timed."""
    seats = seated(copy=Copy, broken=Broken, late=Late, lrnlib=Lrnlib)
    copy, broken, late, right = time_case(TINY, seats, FakeDevice(), quick=True)
    assert (late["status"], late["reason"]) == ("left out", "not installed: no_such_compiler")
    assert (broken["status"], broken["reason"]) == (
        "left out",
        "RuntimeError: out of memory at …",
    )
    assert copy["status"] == right["status"] == "timed"
    assert right["buffers"] == gpu_cases.rotation(TINY, FakeDevice.cache)


def test_bandwidth_is_that_of_the_bytes_that_must_move():
    """A copy of 864 bytes in 1 ms, a gradient of three times as many in as long."""
    case = replace(TINY, kind="gradient")
    copy, mine = time_case(case, seated(copy=Copy, lrnlib=Lrnlib), FakeDevice(), quick=True)
    assert (copy["gb_per_s"], copy["share_of_copy"]) == (0.001728, 1)
    assert (mine["gb_per_s"], mine["share_of_copy"]) == (0.002592, 1.5)
    (alone,) = time_case(case, seated(lrnlib=Lrnlib), FakeDevice(), quick=True)
    assert "share_of_copy" not in alone


def test_the_sets_of_arrays_take_turns():
    """Each is called as often as the others."""
    calls = []

    class Counted(Lrnlib):
        def forward(self, case, x):
            number = len(calls)
            calls.append(0)

            def call():
                calls[number] += 1

            return call

    (seat,) = seated(counted=Counted).values()
    seat.ask("prepare", TINY, None, 3)
    seat.ask("measure", FakeDevice(), 12, 0)
    assert calls == [4, 4, 4]


def paced(*timings):
    """A pace whose two first times are 1 ms of the GPU and 0.1 ms of the host."""
    (seat,) = seated(lrnlib=Lrnlib).values()
    seat.ask("prepare", TINY)
    first = Timing(0.001, 0.0001, True)
    device = FakeDevice([first, first, *timings])
    return Pace(seat, device), device


def test_the_gpu_is_held_until_the_host_has_queued_all():
    """Twice as long when it was too short, three times at most; the last time counts."""
    late, early = Timing(0.002, 0.0001, False), Timing(0.001, 0.0001, True)
    pace, device = paced(late, late, early)
    pace.round()
    assert pace.count == 8
    (first, second, third) = [hold for _, hold in device.asked[2:]]
    assert (second, third) == (2 * first, 4 * first)
    assert first >= 2 * 8 * 0.0001
    row = pace.row(TINY)
    assert (row["median_ms"], row["host_ms"], row["queued"]) == (1.0, 0.1, True)


def test_a_gpu_that_waited_for_the_host_is_told():
    """The row says so; a stream that cannot be held says nothing, and is asked once."""
    pace, device = paced(*[Timing(0.002, 0.0001, False)] * 3)
    pace.round()
    assert pace.row(TINY)["queued"] is False
    assert all(hold <= LONGEST for _, hold in device.asked)
    pace, device = paced(Timing(0.002, 0.0001, None))
    pace.round()
    assert pace.row(TINY)["queued"] is None
    assert len(device.asked) == 3


def test_the_number_of_calls_has_limits():
    """Few of what takes long, and not more than a queue takes of what takes no time."""
    for seconds, count in ((1.0, CALLS[0]), (1e-9, CALLS[1])):
        (seat,) = seated(lrnlib=Lrnlib).values()
        seat.ask("prepare", TINY)
        assert Pace(seat, FakeDevice([Timing(seconds, 0.0001, True)] * 2)).count == count


class FakeEvent:
    """An event whose stream is ended by `synchronize`."""

    def __init__(self, log, done):
        self._log, self.done = log, done

    def record(self):
        self._log.append("event")

    def synchronize(self):
        self._log.append("end")


def device_with(log, done):
    """A Device whose CuPy writes down what it is told."""
    device = object.__new__(Device)
    cuda = SimpleNamespace(Event=lambda: FakeEvent(log, done), get_elapsed_time=lambda a, b: 6.0)
    device._cupy = SimpleNamespace(cuda=cuda, int64=np.int64)
    device._device = SimpleNamespace(synchronize=lambda: log.append("idle"))
    device._hold = lambda grid, block, args: log.append(int(args[0]))
    return device


def test_the_events_enclose_the_calls_alone():
    """The hold comes before the first one; 6 ms for three calls are 2 each."""
    log = []
    found = device_with(log, False).measure(lambda: log.append("call"), 3, 0.001)
    assert log == ["idle", 1_000_000, "event", "call", "call", "call", "event", "end"]
    assert (found.device, found.queued) == (0.002, True)
    assert device_with([], True).measure(lambda: None, 3, 0.001).queued is False


def test_a_stream_of_its_own_is_waited_for():
    """The GPU is idle when the first event is recorded, and the last result there at the second."""
    log = []

    def wait(result):
        log.append(f"wait for {result}")

    found = device_with(log, True).measure(lambda: len(log), 2, 0.001, wait)
    assert log == ["idle", "event", "wait for 2", "event", "end"]
    assert found.queued is None
