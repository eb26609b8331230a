"""Processes, one for each framework, each with a time limit, and none of which is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# The list of expected failures is one of CPUs. lrnlib's own backend for a GPU may see it.
ON_A_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
# The caller's path: what it can import, adapters of its own included, the process can.
START = (
    "import sys; sys.path[:] = {path!r}; from lrnlib.conformance.worker import main; main({name!r})"
)

Ended = tuple[str, str, str]  # its stdout, how it ended (empty: well), its stderr


def in_processes(names: Sequence[str], timeout: float) -> list[tuple[str, Ended]]:
    """Each name with what its process wrote and how it ended, in the order of the names."""
    running: list[subprocess.Popen[bytes]] = []
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        futures = [pool.submit(_one, name, timeout, running) for name in names]
        return [(name, future.result()) for name, future in zip(names, futures, strict=True)]
    finally:  # an interrupt ends here as well, and leaves no process
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            if process.poll() is None:
                _end(process)


def _one(name: str, timeout: float, running: list[subprocess.Popen[bytes]]) -> Ended:
    """Run one framework. Files, not pipes: a child that it leaves could hold a pipe open."""
    hidden = {} if name == "lrnlib-cupy" or ":" in name else ON_A_CPU
    with tempfile.TemporaryFile() as lines, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(path=sys.path, name=name)],
            stdin=subprocess.PIPE,  # kept open: when it closes, the process ends
            stdout=lines,
            stderr=errors,
            env=os.environ | QUIET | hidden,
            start_new_session=True,
        )
        running.append(process)
        try:
            code = process.wait(timeout)
            ended = f"its process ended with {code}" if code else ""
        except subprocess.TimeoutExpired:
            ended = f"no answer within {timeout:g} s"
        _end(process)
        texts = []
        for file in (lines, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", errors="replace"))
    return texts[0], ended, texts[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it, if it lives, and what it started, where the system has groups of processes."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):  # gone
        pass
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
