"""An implementation with its current case, in this process or in one of its own."""

import contextlib
import gc
import itertools
import multiprocessing
import os
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

from benchmarks.cases import inputs_of, take

TIMEOUT = 600  # seconds
# On a GPU, JAX would take three quarters of the memory at once, and leave none for the others.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
CPU_ONLY = QUIET | {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}


class ImplementationError(Exception):
    """The implementation could not do what was requested; the message gives the reason."""


class Session:
    """An implementation, and its calls of the current case: one for each set of arrays."""

    def __init__(self, implementation):
        self.implementation = implementation
        self._calls = []

    def request(self, command, *arguments):
        """The result of the method of that name; any error is the implementation's."""
        try:
            return getattr(self, command)(*arguments)
        except Exception as error:
            raise ImplementationError(without_paths(error)) from error

    def start(self):
        """Import the library without what it writes to stderr, such as TensorFlow's first logs."""
        stderr = os.dup(2)
        with open(os.devnull, "w") as null:
            os.dup2(null.fileno(), 2)
        try:
            self._made = self.implementation()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)

    def prepare(self, case, sets=1):
        """Make the arrays of the library, and the calls; the last case's are freed before."""
        self._calls, self._axis = [], case.axis
        gc.collect()
        self._calls += (self._made.prepare(case, *inputs_of(case)) for _ in range(sets))
        self._turns = itertools.cycle(self._calls)

    def result(self, pixels):
        """The channels of these pixels in the result of the first set."""
        return take(self._made.array(self._calls[0]()), pixels, self._axis)

    def measure(self, device, count, hold):
        """The timing of some calls on a device, while the sets take turns."""
        return device.measure(lambda: next(self._turns)(), count, hold, self._made.wait)

    def memory(self, case):
        """Bytes at the peak of the first large call, less the result's: resident, allocated."""
        self.prepare(replace(case, shape=(1, 3, 3, case.shape[-1])))
        self._calls[0]()
        self.prepare(case)
        new = 0 if self._made.given_out else case.bytes_result
        before = resident_peak(reset=True)
        self._calls[0]()
        resident = resident_peak() - before - new
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        self._calls[0]()
        return resident, tracemalloc.get_traced_memory()[1] - before - new

    def clear(self):
        """Free the arrays and calls of the current case."""
        self._calls, self._turns = [], None
        gc.collect()
        with contextlib.suppress(Exception):  # an earlier call's error, which its row reports
            self._made.release()

    close = clear


def resident_peak(reset=False):
    """The most bytes that the process has had in memory, since the last reset."""
    process = Path("/proc/self")
    if not process.exists():
        raise NotImplementedError("the peak of resident memory is read from Linux's procfs")
    if reset:
        (process / "clear_refs").write_text("5")
    (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    return 1024 * int(kib)


class Worker:
    """A session in a process of its own, where no other library's threads and memory are."""

    def __init__(self, implementation):
        self.implementation = implementation
        context = multiprocessing.get_context("spawn")
        self._pipe, end = context.Pipe()
        self._process = context.Process(target=_serve, args=(end, implementation), daemon=True)
        self._process.start()
        end.close()

    def request(self, *request):
        """The result of the session's method of that name."""
        try:
            self._pipe.send(request)
            if not self._pipe.poll(TIMEOUT):
                self.close()
                raise ImplementationError(f"no answer within {TIMEOUT} s")
            answer = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            raise ImplementationError(f"its process ended: {self._process.exitcode}") from None
        if isinstance(answer, ImplementationError):
            raise answer
        return answer

    def clear(self):
        """Free the arrays and calls of the current case."""
        with contextlib.suppress(ImplementationError):
            self.request("clear")

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe, implementation):
    """Answer until the other end of the pipe is closed."""
    os.environ.update(CPU_ONLY | os.environ)
    session = Session(implementation)
    gc.disable()
    with contextlib.suppress(EOFError):
        while True:
            request = pipe.recv()
            try:
                answer = session.request(*request)
            except ImplementationError as error:
                answer = error
            pipe.send(answer)


def columns_or_reason(measure, *arguments):
    """The columns that a measurement returns, or the reason why there is none."""
    try:
        return measure(*arguments)
    except ImplementationError as reason:
        return {"status": "left out", "reason": str(reason)}


def without_paths(error):
    """The first line of a message, without the paths of folders on this machine."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"not installed: {error.name}"
    if isinstance(error, NotImplementedError):
        return str(error)
    line = (str(error).splitlines() or [""])[0]
    bare = re.sub(r"\(?(?:[A-Za-z]:\\|/)[^\s'\")]*\)?", "…", line)
    return f"{type(error).__name__}: {bare}"[:200]
