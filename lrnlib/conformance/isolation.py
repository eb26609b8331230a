"""Run each framework in a subprocess with a timeout, and kill its whole process group."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# The known failures are those on a CPU, so all but lrnlib-cupy are run without a GPU.
CPU_ONLY = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
# The process gets the caller's sys.path, so that it can import the caller's adapters.
START = (
    "import sys; sys.path[:] = {path!r}; from lrnlib.conformance.worker import main; main({name!r})"
)

Result = tuple[str, str, str]  # stdout, why it failed (empty if it did not), stderr


def run_isolated(names: Sequence[str], timeout: float) -> list[tuple[str, Result]]:
    """Return each name with the result of its process, in the order of the names."""
    running: list[subprocess.Popen[bytes]] = []
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        futures = [pool.submit(_run, name, timeout, running) for name in names]
        return [(name, future.result()) for name, future in zip(names, futures, strict=True)]
    finally:  # after an interrupt too, kill every process
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            if process.poll() is None:
                _kill(process)


def _run(name: str, timeout: float, running: list[subprocess.Popen[bytes]]) -> Result:
    """Run one framework. Its output goes to files: a child process could keep a pipe open."""
    hidden = {} if name == "lrnlib-cupy" or ":" in name else CPU_ONLY
    with tempfile.TemporaryFile() as lines, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(path=sys.path, name=name)],
            stdin=subprocess.PIPE,  # when it closes, the worker exits
            stdout=lines,
            stderr=errors,
            env=os.environ | QUIET | hidden,
            start_new_session=True,
        )
        running.append(process)
        try:
            code = process.wait(timeout)
            failure = f"its process ended with {code}" if code else ""
        except subprocess.TimeoutExpired:
            failure = f"no answer within {timeout:g} s"
        _kill(process)
        texts = []
        for file in (lines, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", errors="replace"))
    return texts[0], failure, texts[1]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and, where the system has process groups, all that it started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):  # it has ended already
        pass
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
