"""Interleaved rounds on a GPU: many calls of each subject between two events, in turns."""

import contextlib
import gc
import itertools
from functools import lru_cache

import numpy as np

from benchmarks.cases import DTYPES, inputs, take
from benchmarks.checking import Sample, limit
from benchmarks.gpu_cases import drawn_alike, rotation
from benchmarks.timing import short, statistics
from benchmarks.worker import SubjectError, without_paths

SPAN = 0.008  # seconds of work between two events, so that their own cost does not count
CALLS = (2, 200)  # between two events, at least and at most
BUDGET = 2.0  # seconds of work for one case
ROUNDS = (5, 15)
LONGEST = 0.1  # seconds for which the GPU is held


class Seat:
    """A subject in this process, and its calls of the case in hand, one for each set of arrays.

    One process is enough, unlike on a CPU: the libraries share no threads that a time depends
    on, and a GPU that a process of its own uses is shared by turns, which times do depend on.
    """

    def __init__(self, subject):
        self._class = subject
        self._subject = None
        self._calls = []

    def ask(self, command, *arguments):
        """What the method of that name returns; any error is the subject's."""
        try:
            return getattr(self, command)(*arguments)
        except Exception as error:
            raise SubjectError(without_paths(error)) from error

    def start(self):
        """Import the library."""
        self._subject = self._class()

    def prepare(self, case, arrays=None, sets=1):
        """Make the arrays of the library, and the calls."""
        x, dy = arrays or inputs(case)
        self._axis, self._calls = case.axis, []
        for _ in range(sets):
            made = (
                self._subject.gradient(case, dy, x)
                if case.op == "gradient"
                else self._subject.forward(case, x)
            )
            self._calls.append(made)
        self._next = itertools.cycle(self._calls)

    def result(self, pixels=None):
        """The channels of these pixels, or all of the result, of the first set."""
        array = self._subject.array(self._calls[0]())
        return array if pixels is None else take(array, pixels, self._axis)

    def measure(self, device, count, hold):
        """The time of a call, while the sets take turns."""
        return device.measure(lambda: next(self._next)(), count, hold, self._subject.wait)

    def clear(self):
        """Let go of the arrays, and give their memory back."""
        self._calls, self._next = [], None
        gc.collect()
        with contextlib.suppress(Exception):  # it is one of an earlier call, whose row has it
            self._subject.release()


_inputs = lru_cache(maxsize=1)(inputs)


def drawn(case):
    """The case's input, which is not drawn again for the same shape."""
    dtype = DTYPES[case.dtype]
    arrays = _inputs(drawn_alike(case))
    return tuple(None if a is None else a.astype(dtype, copy=False) for a in arrays)


def time_case(case, seats, device, quick=False):
    """A row for each subject: timed, or why it was not."""
    arrays = drawn(case)
    sample = Sample(case, arrays)
    sets = rotation(case, device.cache)
    rows = {
        name: start_row(case, seat, sample, arrays, sets, copies=name == "copy")
        for name, seat in seats.items()
    }
    right = {name: seat for name, seat in seats.items() if rows[name]["status"] == "timed"}
    for name, found in interleaved(right, device, quick).items():
        if isinstance(found, str):
            rows[name] |= {"status": "left out", "reason": found}
        else:
            rows[name] |= {"buffers": sets} | found.row(case)
    for seat in seats.values():
        seat.clear()
    for name, row in rows.items():
        row |= bandwidth(name, case, rows)
    return [case.parameters() | {"subject": name} | row for name, row in rows.items()]


def start_row(case, seat, sample, arrays, sets, copies):
    """Prepare and check: nothing wrong is timed, and what is not timed holds no memory."""
    row = {"status": "timed"}
    try:
        seat.ask("prepare", case, arrays, sets)
        row["error_ulp"] = short(sample.error(seat, copies))
    except SubjectError as refusal:
        row = {"status": "left out", "reason": str(refusal)}
    if row.get("error_ulp", 0) > limit(case):
        row["status"] = "wrong"
    if row["status"] != "timed":
        seat.clear()
    return row


class Pace:
    """How many calls of a subject go between two events, and its times so far."""

    def __init__(self, seat, device):
        self._seat, self._device = seat, device
        self._ask(CALLS[0], 0.0)
        first = self._ask(CALLS[0], 0.0)
        self.count = int(np.clip(SPAN / max(first.device, 1e-7), *CALLS))
        # Twice what the host took at first, for it is slower at times.
        self._hold = min(LONGEST, 2 * first.host * self.count + 1e-4)
        self.cost = first.device * self.count + self._hold
        self._timings = []

    def _ask(self, count, hold):
        return self._seat.ask("measure", self._device, count, hold)

    def round(self):
        """One more time; again, the GPU held for longer, if it did not wait for the host."""
        for _ in range(3):
            timing = self._ask(self.count, self._hold)
            if timing.queued is not False or self._hold == LONGEST:
                break
            self._hold = min(LONGEST, 2 * self._hold)
        self._timings.append(timing)

    def row(self, case):
        """The columns of the record."""
        queued = {timing.queued for timing in self._timings}
        return {
            "calls": self.count,
            "queued": None if None in queued else all(queued),
            "host_ms": short(1000 * np.median([timing.host for timing in self._timings])),
            **statistics([timing.device for timing in self._timings], case),
        }


def interleaved(seats, device, quick):
    """The pace of each subject; one that fails on the way has its reason instead."""
    paces, failed = {}, {}
    for name, seat in seats.items():
        try:
            paces[name] = Pace(seat, device)
        except SubjectError as refusal:
            failed[name] = str(refusal)
    total = sum(pace.cost for pace in paces.values())
    rounds = 3 if quick else int(np.clip(BUDGET / max(total, 1e-3), *ROUNDS))
    rng = np.random.default_rng(0)
    gc.disable()
    try:
        for _ in range(rounds):
            for name in rng.permutation([name for name in paces if name not in failed]):
                try:
                    paces[name].round()
                except SubjectError as refusal:
                    failed[str(name)] = str(refusal)
    finally:
        gc.enable()
    return paces | failed


def bandwidth(name, case, rows):
    """The bytes that must move over the median, and that over the copy's own."""
    per_second = {
        subject: (2 * case.bytes_result if subject == "copy" else case.bytes_moved)
        / (1e-3 * row["median_ms"])
        for subject, row in rows.items()
        if "median_ms" in row
    }
    if name not in per_second:
        return {}
    found = {"gb_per_s": short(per_second[name] / 1e9)}
    if "copy" in per_second:
        found["share_of_copy"] = short(per_second[name] / per_second["copy"])
    return found
