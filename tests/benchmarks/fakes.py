"""In place of a GPU and of what is measured on it: NumPy, and a device whose times are made up."""

from dataclasses import replace

from benchmarks import implementations
from benchmarks.cases import Case
from benchmarks.implementations import cpu, gpu
from benchmarks.timing import Gpu, Timing
from benchmarks.worker import Session

TINY = Case("forward", "tiny", (2, 3, 4, 9))
TINY_GRADIENT = replace(TINY, kind="gradient")


class OnHost(implementations.Implementation):
    """Runs an implementation's code for CuPy with NumPy's arrays."""

    __init__ = object.__init__
    array = implementations.Implementation.array
    release = implementations.Implementation.release


class Unfused(OnHost, gpu.Unfused):
    """The formula in whole arrays."""


class Lrnlib(OnHost, gpu.LrnlibCupy):
    """lrnlib, into an array given."""


class Absent(implementations.Implementation):
    """Its library is not installed."""

    def __init__(self):
        import no_such_library  # noqa: F401


class Late(Lrnlib):
    """It asks for a library that is not installed when it gets its first case."""

    def prepare(self, case, x, dy=None):
        import no_such_compiler  # noqa: F401


class Wrong(cpu.Numpy):
    """Another window, which must be called for its check and never again."""

    def prepare(self, case, x, dy=None):
        return once(super().prepare(replace(case, depth_radius=case.depth_radius + 1), x))


class Broken(cpu.Numpy):
    """Right when it is checked, and then no more."""

    def prepare(self, case, x, dy=None):
        return once(super().prepare(case, x))


class Dying(cpu.Numpy):
    """It takes its process with it."""

    def prepare(self, case, x, dy=None):
        raise SystemExit(3)


def once(function):
    """A call that fails from the second time on."""

    def calls():
        yield function()
        raise RuntimeError("out of memory at /home/somebody/library.so")

    return calls().__next__


class FakeGpu(Gpu):
    """Each call takes a millisecond, or the time in a script."""

    cache = 1000

    def __init__(self, timings=()):
        self.measured, self.timings = [], list(timings)

    def measure(self, call, count, hold, wait=None):
        self.measured.append((count, hold))
        for _ in range(count):
            call()
        return self.timings.pop(0) if self.timings else Timing(0.001, 0.0001, True)


def started(new_session=Session, **implementations):
    """A session of each, its library imported."""
    sessions = {name: new_session(each) for name, each in implementations.items()}
    for session in sessions.values():
        session.request("start")
    return sessions
