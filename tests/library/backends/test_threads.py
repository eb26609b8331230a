"""LRNLIB_NUM_THREADS is a positive integer; anything else is an error before any work."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lrnlib
from lrnlib.backends import _threads


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "two", " ", "²", "9" * 5000])
def test_other_values_are_an_error(host_backend, monkeypatch, value):
    """The message names the variable and the value; `out` is unchanged."""
    monkeypatch.setenv("LRNLIB_NUM_THREADS", value)
    x, out = np.ones((2, 3)), np.full((2, 3), 7.0)
    message = f"LRNLIB_NUM_THREADS must be a positive integer or unset, got {value!r}"
    for f, args in ((lrnlib.lrn, [x]), (lrnlib.local_response_normalization_grad, [x, x])):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            f(*args, out=out, backend=host_backend)
    np.testing.assert_array_equal(out, 7)


def test_positive_integers_and_unset(monkeypatch):
    """A positive integer is used; an empty string counts as unset."""
    monkeypatch.delenv("LRNLIB_NUM_THREADS", raising=False)
    unset = _threads.available()
    for value, count in (("3", 3), ("", unset)):
        monkeypatch.setenv("LRNLIB_NUM_THREADS", value)
        assert _threads.available() == count >= 1


def test_callers_for_all_cores_take_one_thread_each(monkeypatch):
    """Fewer callers take all threads, and so do calls afterwards."""
    monkeypatch.setenv("LRNLIB_NUM_THREADS", "3")
    for callers, count in ((_threads._cores() - 1, 3), (_threads._cores(), 1)):
        with _threads.one_each(callers):
            assert _threads.available() == count
        assert _threads.available() == 3


def test_the_pool_lives():
    """Later calls use the threads that earlier ones started, no more than there are cores."""
    names = set()
    for _ in range(100):
        _threads.run([lambda: names.add(threading.current_thread().name)] * 5)
    assert len(names - {threading.current_thread().name}) <= _threads._cores()


def test_all_tasks_run_where_no_worker_is_free():
    """Tasks that call `run` themselves, from more callers than there are workers, all run."""
    done = []

    def nested():
        _threads.run([lambda: done.append(1)] * 4)

    with ThreadPoolExecutor(4 * _threads._cores()) as callers:
        for _ in range(100):
            callers.submit(_threads.run, [nested] * 3)
    assert len(done) == 100 * 3 * 4


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_a_task_is_raised(failing):
    """Whichever thread it comes from, and after all tasks have ended."""

    def task(k):
        if k == failing:
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        _threads.run([lambda k=k: task(k) for k in range(2)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_computes():
    """The threads of a pool are not in the child, which starts its own."""
    code = """import os, warnings, numpy as np, lrnlib
warnings.simplefilter("ignore")
os.environ["LRNLIB_NUM_THREADS"] = "2"
x = np.ones((4096, 256), np.float32)
y = lrnlib.lrn(x)
child = os.fork()
if child == 0:
    os._exit(not np.array_equal(lrnlib.lrn(x), y))
print(os.waitpid(child, 0)[1])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "0\n", done.stderr
