"""Interleaved rounds: each implementation in each round, so that all meet the same machine."""

import gc
import os
import time
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy import Sample, limit, round_significant
from benchmarks.cases import buffer_sets
from benchmarks.worker import QUIET, ImplementationError, columns_or_reason
from tools.gpu import missing

# OpenMP's and onnxruntime's threads look for more work for some milliseconds after a call.
SETTLE = 0.02
SPAN = 0.008  # seconds of work between two events, so that their own cost does not count
CALLS = (2, 200)  # between two events, at least and at most
LONGEST_HOLD = 0.1  # seconds
HOLD = r"""
extern "C" __global__ void hold(long long nanoseconds) {
  long long now, end;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(end));
  end += nanoseconds;
  do asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now)); while (now < end);
}
"""


def time_case(case, sessions, device, quick=False):
    """A row for each implementation: its times, or why there are none."""
    sample, sets = Sample(case), device.sets_of(case)
    rows = {
        name: columns_or_reason(_checked, case, session, sample, sets, name == "copy")
        for name, session in sessions.items()
    }
    right = {name: session for name, session in sessions.items() if _is_timed(rows[name])}
    for name, session in sessions.items():
        if name not in right:
            session.clear()  # what is not timed holds no memory
    timers, failed = interleaved(right, device, quick)
    for name, timer in timers.items():
        rows[name] |= timer.columns(case)
    for name, reason in failed.items():
        rows[name] |= {"status": "left out", "reason": reason}
    for session in right.values():
        session.clear()
    medians = {name: row["median_ms"] for name, row in rows.items() if _is_timed(row)}
    return [
        case.columns() | {"implementation": name} | row | device.compare(name, case, medians)
        for name, row in rows.items()
    ]


def _checked(case, session, sample, sets, copies):
    """Prepare the case and check a result: nothing wrong is timed."""
    session.request("prepare", case, sets)
    error = sample.error(session, copies)
    status = "timed" if error <= limit(case) else "wrong"
    return {"status": status, "error_ulp": round_significant(error)}


def _is_timed(row):
    return row["status"] == "timed"


def interleaved(sessions, device, quick):
    """The timers of the sessions after all rounds, and the reasons of those that failed."""
    timers, failed = {}, {}

    def attempt(name, action):
        try:
            return action()
        except ImplementationError as reason:
            failed[name] = str(reason)
            timers.pop(name, None)

    for name, session in sessions.items():
        timer = attempt(name, partial(device.timer, session))
        if timer:
            timers[name] = timer
    total = sum(timer.cost for timer in timers.values())
    rounds = 3 if quick else int(np.clip(device.budget / max(total, 1e-3), *device.rounds))
    rng = np.random.default_rng(0)
    gc.disable()
    try:
        for _ in range(rounds):
            for name in map(str, rng.permutation(list(timers))):
                attempt(name, timers[name].round)
    finally:
        gc.enable()
    return timers, failed


def statistics(seconds, case):
    """The median and the quartiles, and the median as nanoseconds of an element."""
    q1, median, q3 = 1000 * np.quantile(seconds, [0.25, 0.5, 0.75])
    return {
        "rounds": len(seconds),
        "median_ms": round_significant(median),
        "q1_ms": round_significant(q1),
        "q3_ms": round_significant(q3),
        "ns_per_element": round_significant(median * 1e6 / case.elements),
    }


class Cpu:
    """A CPU: each round has one call, in the implementation's own process."""

    budget = 12.0  # seconds of calls for one case
    rounds = (7, 41)  # at least, at most

    def sets_of(self, case):
        """How many sets of arrays take turns."""
        return 1

    def timer(self, session):
        """The timer of a session that has a case prepared."""
        return SingleCall(session)

    def compare(self, name, case, medians):
        """The median over the copy's and TensorFlow's, and the bound over the median.

        The bound is the time in which the bytes that must move do so at the copy's bandwidth.
        """
        if name not in medians:
            return {}
        columns = {
            f"ratio_to_{other}": round_significant(medians[name] / medians[other])
            for other in ("copy", "tensorflow")
            if other in medians
        }
        if "copy" in medians and name != "copy":
            bound = medians["copy"] * case.bytes_moved / (2 * case.bytes_result)
            columns["bound_ms"] = round_significant(bound)
            columns["achieved_over_bound"] = round_significant(bound / medians[name])
        return columns


class SingleCall:
    """Times one call in each round, after other libraries' threads have settled."""

    def __init__(self, session):
        self._session, self._seconds = session, []
        self.cost = self._time() + SETTLE

    def _time(self):
        time.sleep(SETTLE)
        return self._session.request("time")

    def round(self):
        """Time one more call."""
        self._seconds.append(self._time())

    def columns(self, case):
        """The columns of the record."""
        return statistics(self._seconds, case)


class Timing(NamedTuple):
    """Seconds of one call: of the GPU's time, and of the host's until the call returned."""

    device: float
    host: float
    queued: bool | None  # all calls before the GPU began; None on a stream that cannot be held


class NoGpu(Exception):
    """There is no GPU to measure on; the message says what is missing."""


class Gpu:
    """The current GPU, timed by events on the stream that CuPy and PyTorch share.

    All implementations run in this process, unlike on a CPU: they share no threads that times
    depend on, and two processes share a GPU by turns, which times do depend on.
    """

    budget = 2.0  # seconds of work for one case
    rounds = (5, 15)

    def __init__(self):
        if reason := missing():
            raise NoGpu(reason)
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        import cupy

        self._cupy = cupy
        self._device = cupy.cuda.Device()
        self._hold = cupy.RawKernel(HOLD, "hold")
        self.cache = self._device.attributes["L2CacheSize"]

    def sets_of(self, case):
        """How many sets of arrays take turns: too many for the cache."""
        return buffer_sets(case, self.cache)

    def timer(self, session):
        """The timer of a session that has a case prepared."""
        return CallCount(session, self)

    def compare(self, name, case, medians):
        """The bytes that must move over the median, and that over the copy's own."""
        if name not in medians:
            return {}
        moved = 2 * case.bytes_result if name == "copy" else case.bytes_moved
        columns = {"gb_per_s": round_significant(moved / medians[name] / 1e6)}
        if "copy" in medians:
            share = moved / medians[name] / (2 * case.bytes_result / medians["copy"])
            columns["share_of_copy"] = round_significant(share)
        return columns

    def measure(self, call, count, hold, wait=None):
        """The time of `count` calls, queued while the GPU is held idle for `hold` seconds.

        `wait` is for results on a stream of their own, which cannot be held: it returns when
        the last result is there, and the first event is recorded by a GPU that is idle.
        """
        cuda = self._cupy.cuda
        start, end = cuda.Event(), cuda.Event()
        self._device.synchronize()
        if wait is None:
            self._hold((1,), (1,), (self._cupy.int64(hold * 1e9),))
        start.record()
        before = time.perf_counter()
        for _ in range(count):
            result = call()
        host = time.perf_counter() - before
        queued = not start.done if wait is None else None
        if wait is not None:
            wait(result)
        end.record()
        end.synchronize()
        seconds = cuda.get_elapsed_time(start, end) / 1000
        return Timing(seconds / count, host / count, queued)


class CallCount:
    """Times as many calls of a session between two events as make the events' cost negligible."""

    def __init__(self, session, gpu):
        self._session, self._gpu, self._timings = session, gpu, []
        self._measure(CALLS[0], 0.0)
        first = self._measure(CALLS[0], 0.0)
        self.count = int(np.clip(SPAN / max(first.device, 1e-7), *CALLS))
        # Twice what the host took at first, for it is slower at times.
        self._hold = min(LONGEST_HOLD, 2 * first.host * self.count + 1e-4)
        self.cost = first.device * self.count + self._hold

    def _measure(self, count, hold):
        return self._session.request("time_on_gpu", self._gpu, count, hold)

    def round(self):
        """One more timing; repeated, with a longer hold, if the GPU had to wait for the host."""
        for _ in range(3):
            timing = self._measure(self.count, self._hold)
            if timing.queued is not False or self._hold == LONGEST_HOLD:
                break
            self._hold = min(LONGEST_HOLD, 2 * self._hold)
        self._timings.append(timing)

    def columns(self, case):
        """The columns of the record."""
        device, host, queued = zip(*self._timings, strict=True)
        return {
            "calls": self.count,
            "buffers": self._gpu.sets_of(case),
            "queued": None if None in queued else all(queued),
            "host_ms": round_significant(1000 * np.median(host)),
            **statistics(device, case),
        }
