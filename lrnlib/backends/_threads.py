"""Work shared among threads, which start and end within one call."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def available() -> int:
    """How many threads may run at once: LRNLIB_NUM_THREADS, or what the system grants."""
    wanted = os.environ.get("LRNLIB_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(tasks: Sequence[Callable[[], object]]) -> None:
    """Run every task: the first in this thread, each other one in its own."""
    if len(tasks) == 1:
        tasks[0]()
        return
    with ThreadPoolExecutor(len(tasks) - 1) as pool:
        others = [pool.submit(task) for task in tasks[1:]]
        tasks[0]()
        for other in others:
            other.result()
