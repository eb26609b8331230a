"""The report has a row whatever a framework does, and the exit status shows new failures."""

import json
import re
import subprocess
import sys
import textwrap
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from lrnlib.conformance import (
    FRAMEWORKS,
    PROPERTIES,
    Outcome,
    Report,
    Row,
    known_failures,
    run,
    vectors,
)
from lrnlib.conformance.__main__ import main
from lrnlib.conformance.known_failures import KNOWN_FAILURES, KnownFailure, reason
from lrnlib.conventions import CONVENTIONS
from lrnlib.parameters import Parameters

ADAPTERS = '''
"""Adapters that misbehave."""
import atexit
import os
import subprocess
import threading
import time

from lrnlib.conformance.adapters.lrnlib_backends import Numpy


class Right(Numpy):
    """lrnlib."""


class Raises(Numpy):
    def forward(self, x, p):
        raise RuntimeError("no kernel for this")


class Hangs(Numpy):
    def forward(self, x, p):
        if x.shape[-1] == 13:
            subprocess.Popen(["sleep", "600"])
            time.sleep(600)
        return super().forward(x, p)


class LeavesAThread(Numpy):
    def __init__(self):
        threading.Thread(target=time.sleep, args=(600,)).start()


class CrashesInTheEnd(Numpy):
    def __init__(self):
        atexit.register(os.abort)


class Logs(Numpy):
    def __init__(self):
        os.write(2, b"\\xff\\xfe no UTF-8\\n" * 20000)


class Crashes(Numpy):
    def forward(self, x, p):
        if x.shape[-1] == 13:
            os.abort()
        return super().forward(x, p)


class Prints(Numpy):
    def forward(self, x, p):
        print("a log line")
        os.write(1, b"another one\\n")
        return super().forward(x, p)


class BreaksWhenMade(Numpy):
    def __init__(self):
        raise OSError("a shared library is missing")


class Absent(Numpy):
    needs = ("there_is_no_such_package",)


class Broken(Numpy):
    def __init__(self):
        import there_is_no_such_dependency
'''
VERSION = version("lrnlib")
PASSED, FAILED = Outcome("plain", True, 1e-7), Outcome("plain", False, 0.7, "0.2 expected, got 1")


@pytest.fixture
def misbehaving(tmp_path, monkeypatch):
    """The name of a module with those adapters, on the path of the subprocesses."""
    (tmp_path / "misbehaving.py").write_text(textwrap.dedent(ADAPTERS))
    monkeypatch.syspath_prepend(tmp_path)
    return "misbehaving"


def row_of(report, name):
    """Return the row of an adapter of the module."""
    (row,) = (row for row in report.rows if row.framework.endswith(f":{name}"))
    return row


def test_whatever_a_framework_does_is_one_row(misbehaving):
    """Adapters that raise, crash, log or cannot be constructed have a row; the others run."""
    names = ["Raises", "Crashes", "CrashesInTheEnd", "Prints", "Logs", "BreaksWhenMade", "Broken",
             "Absent", "Right"]  # fmt: skip
    report = run([f"{misbehaving}:{name}" for name in names])
    assert [row.framework for row in report.rows] == [f"{misbehaving}:{name}" for name in names]
    raises = row_of(report, "Raises")
    assert raises.outcomes["plain"].detail == "RuntimeError: no kernel for this"
    assert raises.outcomes["gradient-plain"].passed
    crashes = row_of(report, "Crashes")
    assert re.match("its process ended with .*, at spike", crashes.failure)
    reached = {o.name: o.passed for o in crashes.outcomes.values()}
    assert reached == {"plain": True, "spike": False}
    assert re.match("its .*, after the last vector", row_of(report, "CrashesInTheEnd").failure)
    for name, error in (
        ("BreaksWhenMade", "OSError: a shared library is missing"),
        ("Broken", "ModuleNotFoundError: No module named 'there_is_no_such_dependency'"),
    ):
        made = f"its process ended with 1, when it was made: {error}"
        assert row_of(report, name).failure == made
    assert row_of(report, "Absent").skip_reason == "there_is_no_such_package is not installed"
    for name in ("Prints", "Logs", "Right"):
        assert row_of(report, name).unexpected == []
        assert set(row_of(report, name).outcomes) == {v.name for v in vectors()}
    for line, name in zip(str(report).splitlines()[1:], names, strict=True):
        assert line.startswith(f"{misbehaving}:{name}")
    failing = {line.split()[0].partition(":")[2].rstrip(":") for line in report.unexpected}
    assert failing == set(names) - {"Prints", "Logs", "Right", "Absent"}


EVEN = {v.name: v.parameters for v in vectors() if not isinstance(v.parameters.depth_radius, int)}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_even_windows_are_asked_for_where_the_framework_has_them(name):
    """Each by its own rule: PyTorch's reach further before their channel, ONNX's after it."""
    adapter = FRAMEWORKS[name]
    taken = {v for v, p in EVEN.items() if adapter.takes(adapter, p)}
    if adapter.convention:
        window_extent = CONVENTIONS[adapter.convention].window_extent
        by_rule = {v for v, p in EVEN.items() if window_extent(sum(p.reach) + 1) == p.reach}
        assert taken == by_rule != set()
    else:
        assert taken == (set(EVEN) if name.startswith(("lrnlib", "jax")) else set())
    assert adapter.takes(adapter, Parameters(2))


def test_what_hangs_is_ended_with_all_that_it_started(misbehaving):
    """The timeout holds although a child keeps the output open, or a thread goes on."""
    for timeout in (3, 30):  # on a busy machine they may get no further than imports in 3 s
        start = time.monotonic()
        report = run([f"{misbehaving}:Hangs", f"{misbehaving}:LeavesAThread"], timeout)
        assert time.monotonic() - start < 60 + timeout
        hangs, leaves = (row.failure.partition(", ") for row in report.rows)
        assert hangs[0] == leaves[0] == f"no answer within {timeout} s"
        if (reached := [hangs[2], leaves[2]]) == ["at spike", "after the last vector"]:
            break
    assert reached == ["at spike", "after the last vector"]
    assert len(report.unexpected) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the test reads /proc")
def test_no_process_outlives_the_one_that_started_it(tmp_path):
    """Not even if the parent is killed."""
    pid_file = tmp_path / "pid"
    (tmp_path / "pids.py").write_text(
        "import os, pathlib, time\n"
        "from lrnlib.conformance.adapters.lrnlib_backends import Numpy\n"
        "class Waits(Numpy):\n"
        "    def __init__(self):\n"
        f"        pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
        "        time.sleep(600)\n"
    )
    command = [sys.executable, "-m", "lrnlib.conformance", "--frameworks", "pids:Waits"]
    with subprocess.Popen(command, cwd=tmp_path) as parent:
        wait_until(lambda: pid_file.exists() and pid_file.read_text())
        parent.kill()
    status = Path(f"/proc/{pid_file.read_text()}/status")
    wait_until(lambda: not status.exists() or "State:\tZ" in status.read_text())


def wait_until(condition):
    """Fail if the condition is still false after a minute."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_installed_frameworks_are_as_expected():
    """TensorFlow has its known failures and no others; lrnlib's backends have none."""
    report = run(["lrnlib-numpy", "lrnlib-numba", "tensorflow-eager"])
    assert report.unexpected == []
    *ours, tensorflow = report.rows
    assert [(row.skip_reason, row.failing) for row in ours] == [("", []), ("", [])]
    assert tensorflow.skip_reason or tensorflow.failing  # `make oldest` is without it


def test_the_exit_status_notices_a_new_failure(misbehaving, capsys):
    """It is 1, and a line names the framework, the vector and the error."""
    assert main(["--frameworks", f"{misbehaving}:Raises"]) == 1
    printed = capsys.readouterr().out
    assert f"- {misbehaving}:Raises {VERSION}: plain fails: RuntimeError: no kernel" in printed
    assert "FAIL! error" in printed


def test_the_exit_status_of_what_is_right_is_0(capsys):
    """The table has the framework, its version and every property."""
    assert main(["--frameworks", "lrnlib-numpy"]) == 0
    head, line, *_ = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["framework", "version"]
    assert all(name in head for name in PROPERTIES)
    assert line.split()[:2] == ["lrnlib-numpy", VERSION]


def test_json_holds_every_outcome(misbehaving, capsys):
    """The JSON has each vector with its error, and is valid."""
    assert main(["--json", "--frameworks", f"{misbehaving}:Raises,lrnlib-numpy"]) == 1
    told = json.loads(capsys.readouterr().out)
    raises, right = told["rows"]
    assert {case["name"] for case in right["cases"]} == {v.name for v in vectors()}
    assert all(case["passed"] and case["error"] < 0.01 for case in right["cases"])
    assert raises["cases"][0]["error"] is None
    assert told["unexpected"]


def test_a_framework_that_is_named_must_be_installed(misbehaving, capsys):
    """A missing framework is skipped by default, but a failure if it is named."""
    assert main(["--frameworks", f"{misbehaving}:Absent"]) == 1
    assert "there_is_no_such_package is not installed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frameworks", "caffe"], f"framework must be one of {', '.join(FRAMEWORKS)}, or "),
        (["--timeout", "0"], "timeout must be a finite int or float from 1 to 86400, got 0.0"),
        (["--timeout", "inf"], "timeout must be a finite int or float from 1 to 86400, got inf"),
        (["--export", "x", "--json"], "--export writes files alone, without --json and"),
        (["--timeout", "soon"], "invalid float value: 'soon'"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, capsys):
    """The exit status is 2, and no framework runs."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_exporting_over_files_is_an_error_of_the_arguments(tmp_path, capsys):
    """The message names the folder that is not empty."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit):
        main(["--export", str(tmp_path)])
    assert "is not an empty folder; name another" in capsys.readouterr().err
    assert main(["--export", str(tmp_path / "new")]) == 0


@pytest.mark.parametrize(
    ("frameworks", "error", "message"),
    [
        ("lrnlib-numpy", TypeError, "frameworks must be an iterable of names, got the str"),
        ([5], TypeError, "framework must be a str, got 5 of type int"),
        (["caffe"], ValueError, "framework must be one of lrnlib-numpy, "),
    ],
)
def test_bad_lists_of_names_are_refused(frameworks, error, message):
    """No process is started."""
    with pytest.raises(error, match=message):
        run(frameworks)


@pytest.fixture
def listed(monkeypatch):
    """A list of known failures with one entry."""
    entry = KnownFailure("a-*", ("pl*", "spike"), "2.1", "it errs", but=("planet",), fixed="2.10")
    monkeypatch.setattr(known_failures, "KNOWN_FAILURES", (entry,))


@pytest.mark.parametrize(
    ("framework", "version", "case", "known"),
    [
        ("a-b", "2.1.0", "plain", True),
        ("a-b", "1.0", "spike", True),
        ("a-b", "2.9.3+cpu", "plain", True),  # 9 is before 10
        ("a-b", "2.10.0", "plain", False),
        ("a-b", "2.10rc1", "plain", False),
        ("a-b", "2.1rc5", "plain", True),
        ("a-b", "2.9a1+git123", "plain", True),
        ("a-b", "", "plain", True),
        ("a-b", "2.1.0", "planet", False),
        ("a-b", "2.1.0", "edges", False),
        ("b-a", "2.1.0", "plain", False),
    ],
)
def test_the_list_matches_frameworks_cases_and_versions(listed, framework, version, case, known):
    """A failure is known by framework and vector, up to the version that fixed it."""
    assert reason(framework, version, case) == ("it errs (seen on 2.1)" if known else "")


def test_a_known_failure_that_passes_is_reported(listed):
    """The table marks it with ok?."""
    report = Report((Row("a-b", "2.1", "", {"plain": PASSED}),))
    assert report.unexpected == [
        "a-b 2.1: plain passes, and is listed as failing: it errs (seen on 2.1)"
    ]
    assert "ok? 1e-07" in str(report)


def test_a_failure_in_a_fixed_version_is_reported(listed):
    """One in a version before the fix is not."""
    old, new = (Row("a-b", version, "", {"plain": FAILED}) for version in ("2.9", "2.10"))
    assert old.unexpected == []
    assert new.unexpected == ["a-b 2.10: plain fails: 0.2 expected, got 1"]
    lines = str(Report((old, new))).splitlines()
    assert "FAIL 7e-01" in lines[1]
    assert "FAIL! 7e-01" in lines[2]


def test_the_table_of_a_notebook_has_headers_and_no_numbers():
    """Errors differ between processors, but verdicts do not."""
    report = Report((Row("a-b", "2.1", "", {"plain": FAILED}),
                     Row("<c>", "", "", {}, skip_reason="d is not installed")))  # fmt: skip
    html = report._repr_html_()
    assert '<th scope="col">formula</th>' in html
    assert '<th scope="row">a-b</th><td>2.1</td><td>FAIL!</td><td>-</td>' in html
    assert "&lt;c&gt;" in html
    assert "not run: d is not installed" in html
    assert "0.7" not in html
    assert repr(report) == "Report(frameworks=2, unexpected=1)"


def test_every_entry_of_the_list_names_frameworks_and_vectors_that_exist():
    """No entry is left over after a vector is renamed."""
    from fnmatch import filter as matching

    names = [v.name for v in vectors()]
    for e in KNOWN_FAILURES:
        assert matching(FRAMEWORKS, e.frameworks)
        assert all(matching(names, pattern) for pattern in e.cases)
        assert set(e.but) <= set(names)
