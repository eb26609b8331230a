"""In place of a GPU and of what is measured on it: NumPy, and a device whose times are made up."""

from dataclasses import replace

import numpy as np

from benchmarks import gpu_cases, gpu_peers
from benchmarks.gpu_device import Timing
from benchmarks.gpu_timing import Seat

TINY = gpu_cases.Case("forward", "tiny", (2, 3, 4, 9))


class OnHost:
    """A subject's code for CuPy, with NumPy's arrays."""

    def __init__(self):
        self.xp = np

    def array(self, result):
        return result

    def release(self):
        pass


class Unfused(OnHost, gpu_peers.Unfused):
    """The formula in whole arrays."""


class Lrnlib(OnHost, gpu_peers.Lrnlib):
    """lrnlib, into an array given."""


class Copy(OnHost, gpu_peers.Copy):
    """A copy, and the limit."""

    def forward(self, case, x):
        return x.copy


class Wrong(Lrnlib):
    """Another window, which must be called for its check and never again."""

    def forward(self, case, x):
        return once(super().forward(replace(case, depth_radius=case.depth_radius + 1), x))


class Broken(Lrnlib):
    """Right when it is checked, and then no more."""

    def forward(self, case, x):
        return once(super().forward(case, x))


def once(function):
    """A call that fails from the second time on."""
    calls = []

    def call():
        calls.append(None)
        if len(calls) > 1:
            raise RuntimeError("out of memory at /somebody/library.so")
        return function()

    return call


class Absent(OnHost):
    """Its library is not installed."""

    def __init__(self):
        import no_such_library  # noqa: F401


class Late(Lrnlib):
    """It asks for a library that is not installed when it gets its first case."""

    def forward(self, case, x):
        import no_such_compiler  # noqa: F401


class FakeDevice:
    """Each call takes a millisecond, or what is scripted."""

    cache = 1000

    def __init__(self, timings=()):
        self.asked, self.timings = [], list(timings)

    def measure(self, call, count, hold, wait=None):
        self.asked.append((count, hold))
        for _ in range(count):
            call()
        return self.timings.pop(0) if self.timings else Timing(0.001, 0.0001, True)

    def versions(self):
        return {"cupy": "0"}

    def describe(self):
        return {"device": "Fake GPU 1"}


def seated(**subjects):
    """A seat for each, its library imported."""
    seats = {name: Seat(subject) for name, subject in subjects.items()}
    for seat in seats.values():
        seat.ask("start")
    return seats
