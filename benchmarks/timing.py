"""Interleaved rounds: each implementation in each round, so that all meet the same machine."""

import gc
import os
import sys
import time
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy import LIMITS, Sample, round_significant
from benchmarks.worker import QUIET, columns_or_reason
from tools.gpu import missing

# OpenMP's and onnxruntime's threads look for more work for some milliseconds after a call.
SETTLE = 0.02
# A core that has been idle is slow at first, and the caches hold what others left there.
WARM_UP = 0.1
BOUND = "copy_threads"  # what every bound on a CPU is computed from
SPAN = 0.008  # seconds of work between two events, so that their own cost does not count
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
    sample, rows, timers = Sample(case), {}, {}

    def attempt(name, action, *arguments):
        rows[name] |= columns_or_reason(action, *arguments)
        if rows[name]["status"] != "timed":
            del timers[name]
            sessions[name].clear()  # what is not timed holds no memory

    for name, session in sessions.items():
        rows[name] = case.columns() | {"implementation": name}
        timers[name] = Timer(session, device, case)
        attempt(name, timers[name].check, sample, session.implementation.copies)
    for name in list(timers):
        attempt(name, timers[name].calibrate)
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
    for name, timer in timers.items():
        rows[name] |= timer.columns()
        sessions[name].clear()
    medians = {name: rows[name]["median_ms"] for name in timers}
    for name in timers:
        rows[name] |= device.compare(name, case, medians)
    return list(rows.values())


class Timing(NamedTuple):
    """Seconds of one call: of the device's time, and of the host's until the call returned."""

    device: float
    host: float
    queued: bool | None  # all calls before the GPU began; None on a stream that cannot be held


class Timer:
    """Times as many calls of a session in each round as the device needs for an exact time."""

    def __init__(self, session, device, case):
        self._session, self._device, self._case = session, device, case
        self._timings = []

    def check(self, sample, copies):
        """Prepare the case and check a result: nothing wrong is timed."""
        self._session.request("prepare", self._case, self._device.sets_of(self._case))
        error = sample.error(self._session, copies)
        return {
            "status": "timed" if error <= LIMITS[self._case.dtype] else "wrong",
            "error_ulp": error,
        }

    def _measure(self, count, hold):
        return self._session.request("measure", self._device, count, hold)

    def calibrate(self):
        """Find how many calls to time at once, how long to hold them, and what a round costs."""
        least, most = self._device.calls
        for _ in range(least):  # twice on a GPU, whose first calls are slower
            first = self._measure(least, self._device.holds[0])
        self.count = int(np.clip(SPAN / max(first.device, 1e-7), least, most))
        # Twice what the host took at first, for it is slower at times.
        self._hold = float(np.clip(2 * first.host * self.count + 1e-4, *self._device.holds))
        self.cost = first.device * self.count + self._hold
        return {}

    def round(self):
        """One more timing; repeated, with a longer hold, if the GPU had to wait for the host."""
        longest = self._device.holds[1]
        for _ in range(3):
            timing = self._measure(self.count, self._hold)
            if timing.queued is not False or self._hold == longest:
                break
            self._hold = min(longest, 2 * self._hold)
        self._timings.append(timing)
        return {}

    def columns(self):
        """The median and the quartiles, the median as nanoseconds of an element, and on a GPU
        how it was timed."""
        device, host, queued = zip(*self._timings, strict=True)
        q1, median, q3 = 1000 * np.quantile(device, [0.25, 0.5, 0.75])
        values = {"median_ms": median, "q1_ms": q1, "q3_ms": q3}
        values["ns_per_element"] = median * 1e6 / self._case.elements
        columns = {"rounds": len(device)}
        if isinstance(self._device, Gpu):
            values["host_ms"] = 1000 * np.median(host)
            columns |= {"calls": self.count, "buffers": self._device.sets_of(self._case)}
            columns["queued"] = None if None in queued else all(queued)
        return columns | {name: round_significant(value) for name, value in values.items()}


class Cpu:
    """A CPU: each round has one call in the implementation's own process, after untimed ones."""

    budget = 6.0  # seconds of timed calls for one case
    rounds = (7, 15)  # at least, at most
    calls = (1, 1)
    holds = (SETTLE, SETTLE)

    def sets_of(self, case):
        """How many sets of arrays take turns."""
        return 1

    def measure(self, call, count, hold, wait=None):
        """The time of one call, which includes freeing its result, after threads have settled."""
        time.sleep(hold)
        warm = time.perf_counter() + WARM_UP
        call()
        while time.perf_counter() < warm:
            call()
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
        return Timing(seconds, seconds, True)

    def compare(self, name, case, medians):
        """The median over those of one thread's copy, fused C and TensorFlow, and what the bound
        is of it: the time in which the bytes that must move do so at the bandwidth of a copy on as
        many threads as lrnlib.
        """
        columns = {
            f"ratio_to_{other}": medians[name] / medians[other]
            for other in ("copy", "fused_c", "tensorflow")
            if other in medians
        }
        if BOUND in medians and name not in ("copy", BOUND):
            bound = medians[BOUND] * case.bytes_moved / (2 * case.bytes_result)
            columns |= {"bound_ms": bound, "achieved_over_bound": bound / medians[name]}
        return {name: round_significant(value) for name, value in columns.items()}


class Gpu:
    """The current GPU, timed by events on the stream that CuPy and PyTorch share.

    All implementations run in this process, unlike on a CPU: they share no threads that times
    depend on, and two processes share a GPU by turns, which times do depend on.
    """

    budget = 2.0  # seconds of work for one case
    rounds = (5, 15)
    calls = (2, 200)  # between two events, at least and at most
    holds = (0.0, LONGEST_HOLD)

    def __init__(self):
        if reason := missing():
            sys.exit(f"benchmarks.run gpu needs a GPU: {reason}")
        os.environ.update(QUIET | os.environ)
        import cupy

        self._cupy = cupy
        self._device = cupy.cuda.Device()
        self._hold = cupy.RawKernel(HOLD, "hold")
        self.cache = self._device.attributes["L2CacheSize"]

    def sets_of(self, case):
        """At least two, which together are larger than twice the cache."""
        return max(2, 2 * self.cache // case.bytes_moved + 1)

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

    def compare(self, name, case, medians):
        """The bytes that must move over the median, and that over the copy's own."""
        moved = 2 * case.bytes_result if name == "copy" else case.bytes_moved
        columns = {"gb_per_s": round_significant(moved / medians[name] / 1e6)}
        if "copy" in medians:
            share = moved / medians[name] / (2 * case.bytes_result / medians["copy"])
            columns["share_of_copy"] = round_significant(share)
        return columns
