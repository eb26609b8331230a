"""A pool of threads that lives as long as the process and serves all calls."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

_callers = threading.local()
_pool: ThreadPoolExecutor | None = None


def available() -> int:
    """Return how many threads a call may use: LRNLIB_NUM_THREADS, or all cores if unset or empty.

    Raises ValueError if the variable is set to anything but a positive integer.
    """
    value = os.environ.get("LRNLIB_NUM_THREADS")
    if value:
        try:
            count = int(value)
        except ValueError:
            count = 0
        if count < 1:
            raise ValueError(
                f"LRNLIB_NUM_THREADS must be a positive integer or unset, got {value!r}"
            )
    else:
        count = _cores()
    return count if callers() == 1 else 1


def callers() -> int:
    """Return how many threads compute at once beside and with this one: see `one_each`."""
    count: int = getattr(_callers, "count", 1)
    return count


@contextmanager
def one_each(tasks: int) -> Iterator[None]:
    """Let this thread's calls use no other threads, if there are as many tasks as cores."""
    _callers.count = _cores() if tasks >= _cores() else 1
    try:
        yield
    finally:
        _callers.count = 1


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(tasks: Sequence[Callable[[], object]]) -> None:
    """Run all tasks: the first in this thread, the others in the pool, which has all cores.

    Those that no worker has begun by then run in this thread too: other callers may have all
    workers, and while the interpreter shuts down there are none.
    """
    others = [(task, _submit(task)) for task in tasks[1:]]
    try:
        tasks[0]()
        for task, future in others:
            if future.cancel():
                task()
    finally:  # no worker writes into `out` after the call has ended
        for _, future in others:
            if not future.cancel():
                future.exception()
    for _, future in others:
        if not future.cancelled():
            future.result()


def _submit(task: Callable[[], object]) -> "Future[object]":
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(_cores(), thread_name_prefix="lrnlib")
    try:
        return _pool.submit(task)
    except RuntimeError:  # the interpreter is shutting down
        return Future()


def _forget_pool() -> None:
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):  # the threads of a pool are not in the child of a fork
    os.register_at_fork(after_in_child=_forget_pool)
