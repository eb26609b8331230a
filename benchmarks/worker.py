"""An implementation with its current case, in this process or in one of its own."""

import contextlib
import gc
import itertools
import multiprocessing
import os
import re
import time

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
        self._class = implementation
        self._implementation = None
        self._calls = []

    def request(self, command, *arguments):
        """The result of the method of that name; any error is the implementation's."""
        try:
            return getattr(self, command)(*arguments)
        except Exception as error:
            raise ImplementationError(without_paths(error)) from error

    def start(self):
        """Import the library without what it writes to stderr, such as TensorFlow's first logs."""
        stderr, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        try:
            self._implementation = self._class()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(null)

    def prepare(self, case, sets=1):
        """Make the arrays of the library, and the calls; the last case's are freed before."""
        self._calls = []
        gc.collect()
        x, dy = inputs_of(case)
        self._axis = case.axis
        for _ in range(sets):
            arrays = (x,) if dy is None else (dy, x)
            self._calls.append(getattr(self._implementation, case.op)(case, *arrays))
        self._turns = itertools.cycle(self._calls)

    def result(self, pixels=None):
        """The channels of these pixels, or all of the result, from the first set."""
        array = self._implementation.array(self._calls[0]())
        return array if pixels is None else take(array, pixels, self._axis)

    def time(self):
        """Seconds of one call, which includes freeing its result."""
        call = self._calls[0]
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    def time_on_gpu(self, gpu, count, hold):
        """The timing of a call on a GPU, while the sets take turns."""
        return gpu.measure(lambda: next(self._turns)(), count, hold, self._implementation.wait)

    def clear(self):
        """Free the arrays and calls of the current case."""
        self._calls, self._turns = [], None
        gc.collect()
        with contextlib.suppress(Exception):  # an earlier call's error, which its row reports
            self._implementation.release()

    def close(self):
        """End the session."""
        self.clear()


class Worker:
    """A session in a process of its own, where no other library's threads and memory are."""

    def __init__(self, implementation, session=Session):
        context = multiprocessing.get_context("spawn")
        self._pipe, end = context.Pipe()
        arguments = end, session, implementation
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        end.close()

    def request(self, command, *arguments):
        """The result of the session's method of that name."""
        try:
            self._pipe.send((command, *arguments))
            if not self._pipe.poll(TIMEOUT):
                self.close()
                raise ImplementationError(f"no answer within {TIMEOUT} s")
            reason, value = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            raise ImplementationError(f"its process ended: {self._process.exitcode}") from None
        if reason is not None:
            raise ImplementationError(reason)
        return value

    def clear(self):
        """Free the arrays and calls of the current case."""
        with contextlib.suppress(ImplementationError):
            self.request("clear")

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe, new_session, implementation):
    """Answer until the other end of the pipe is closed."""
    for name, value in CPU_ONLY.items():
        os.environ.setdefault(name, value)
    session = new_session(implementation)
    gc.disable()
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        try:
            answer = None, session.request(*request)
        except ImplementationError as error:
            answer = str(error), None
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
