"""Threads that start and end within one call."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


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
        return count
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(tasks: Sequence[Callable[[], object]]) -> None:
    """Run all tasks: the first in this thread, each of the others in a thread of its own."""
    if len(tasks) == 1:
        tasks[0]()
        return
    with ThreadPoolExecutor(len(tasks) - 1) as pool:
        others = [pool.submit(task) for task in tasks[1:]]
        tasks[0]()
        for other in others:
            other.result()
