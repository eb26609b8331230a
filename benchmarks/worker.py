"""A subject in a process of its own, and the end of the pipe from which it is asked."""

import gc
import multiprocessing
import os
import re
import time
import tracemalloc
from pathlib import Path

from benchmarks.cases import inputs, take

PATIENCE = 600  # seconds
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}


class LeftOut(Exception):
    """The subject's library cannot be imported; the message says which."""


class SubjectError(Exception):
    """The subject did not answer, or could not do what it was asked."""


class Worker:
    """The parent's side. Libraries' threads and allocators do not meet in one process."""

    def __init__(self, subject):
        context = multiprocessing.get_context("spawn")
        self._pipe, end = context.Pipe()
        self._process = context.Process(target=serve, args=(end, subject), daemon=True)
        self._process.start()
        end.close()

    def ask(self, command, *arguments):
        """What the method of `Seat` of that name returns there."""
        try:
            self._pipe.send((command, *arguments))
            if not self._pipe.poll(PATIENCE):
                raise SubjectError(f"no answer within {PATIENCE} s")
            outcome, value = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            raise SubjectError(f"its process ended: {self._process.exitcode}") from None
        if outcome is not None:
            raise outcome(value)
        return value

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.join()


def serve(pipe, subject):
    """Answer until the other end of the pipe is gone."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    seat = Seat(subject)
    gc.disable()
    while True:
        try:
            command, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer = None, getattr(seat, command)(*arguments)
        except ImportError as error:
            answer = LeftOut, without_paths(error)
        except Exception as error:
            answer = SubjectError, without_paths(error)
        pipe.send(answer)


def without_paths(error):
    """The first line of a message, without what it tells about the machine's folders."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"not installed: {error.name}"
    if isinstance(error, NotImplementedError):
        return str(error)
    line = (str(error).splitlines() or [""])[0]
    bare = re.sub(r"\(?(?:[A-Za-z]:\\|/)[^\s'\")]*\)?", "…", line)
    return f"{type(error).__name__}: {bare}"[:200]


class Seat:
    """The subject's side: the case in hand and the call that computes it."""

    def __init__(self, subject):
        self._class = subject
        self._subject = self._call = None

    def start(self):
        """Import the library, whose logs are silenced: TensorFlow's come before its settings."""
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            self._subject = self._class()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)

    def prepare(self, case):
        """Make the input and the call; the last case's are gone before."""
        self._call = None
        gc.collect()
        x, dy = inputs(case)
        self._axis = case.axis
        self._call = (
            self._subject.gradient(case, dy, x)
            if case.op == "gradient"
            else self._subject.forward(case, x)
        )

    def result(self, pixels=None):
        """The channels of these pixels, or all of the result."""
        array = self._subject.array(self._call())
        return array if pixels is None else take(array, pixels, self._axis)

    def time(self):
        """Seconds of one call, in which its result is also freed."""
        start = time.perf_counter()
        self._call()
        return time.perf_counter() - start

    def memory(self, case):
        """Bytes at the peak of the first large call, less the result's: resident, allocated."""
        self.prepare(case.small())
        self._call()
        self.prepare(case)
        new = 0 if self._subject.given_out else case.bytes_result
        before = resident_peak(reset=True)
        self._call()
        resident = resident_peak() - before - new
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        self._call()
        return resident, tracemalloc.get_traced_memory()[1] - before - new


def resident_peak(reset=False):
    """The most bytes that the process has had in memory, since the last reset."""
    process = Path("/proc/self")
    if not process.exists():
        raise NotImplementedError("the peak of resident memory is read from Linux's procfs")
    if reset:
        (process / "clear_refs").write_text("5")
    (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    return 1024 * int(kib)
