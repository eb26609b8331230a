"""A run writes the record that its documentation describes, and none of a part."""

import json
import re
from dataclasses import replace

import pytest

from benchmarks import cases, machine, run, sections, timing
from benchmarks.implementations import Copy, cpu, cudnn, fused
from benchmarks.tables import as_json
from lrnlib.book import records
from tests.benchmarks.fakes import TINY, TINY_GRADIENT, Absent, FakeGpu, Lrnlib

STORED = records.FOLDER
OF_A_CASE = {*TINY.columns(), "implementation", "status"}
OF_A_TIME = {"rounds", "median_ms", "q1_ms", "q3_ms", "ns_per_element", "error_ulp"}
OF_CPU = {"ratio_to_copy", "bound_ms", "achieved_over_bound"}
CPU = ["copy", "copy_threads", "numpy"]
OF_GPU = {"calls", "buffers", "queued", "host_ms", "gb_per_s", "share_of_copy"}
LEFT_OUT = [{"implementation": "absent", "reason": "not installed: no_such_library"}]
SUITE = '<testsuites><testsuite errors="0" failures="{}" skipped="2" tests="9"/></testsuites>'


@pytest.fixture(scope="module")
def patched(tmp_path_factory):
    """The runner on a few pixels: without other libraries, and with a fake GPU."""
    folder = tmp_path_factory.mktemp("records")
    timed = {"forward": [TINY], "gradient": [TINY_GRADIENT], "sweep": [TINY]}
    named = [replace(case, name=cases.MEMORY[0].name) for case in (TINY, TINY_GRADIENT)]
    others = {
        "accuracy": [replace(TINY, spread=True)],
        "memory": named,
        "import": [],
        "first_call": [],
        "steps": [],
    }
    implementations = {"copy": Copy, "lrnlib": Lrnlib, "absent": Absent}
    on_a_cpu = {"copy_threads": fused.CopyThreads, "numpy": cpu.Numpy}
    source = {"commit": "c0ffee", "changed": False, "lrn.cu": "5eed"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(run.SECTIONS, "cpu", timed | others)
        patch.setitem(run.SECTIONS, "gpu", timed | {"accuracy": others["accuracy"]})
        patch.setitem(run.PARTICIPANTS, "sweep", (*CPU, "lrnlib"))
        patch.setitem(run.IMPLEMENTATIONS, "cpu", implementations | on_a_cpu)
        patch.setitem(run.IMPLEMENTATIONS, "gpu", implementations)
        patch.setattr(run, "Gpu", FakeGpu)
        patch.setattr(cudnn, "version", lambda: None)
        patch.setattr(machine, "gpu", lambda: {"gpu": {"device": "Tesla T4 (16 GB)"}, **source})
        patch.setattr(records, "FOLDER", folder)
        yield folder


@pytest.fixture(scope="module")
def cpu_record(patched, tmp_path_factory):
    """What a short run writes."""
    path = tmp_path_factory.mktemp("new") / "results" / "record.json"
    sections = "forward,gradient,sweep,memory,accuracy"
    parts = ["--quick", "--only", sections, "--implementations", ",".join([*CPU, "absent"])]
    run.main(["cpu", *parts, "--output", str(path)])
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gpu_record(patched):
    """What a complete run writes, among the records."""
    report = patched / "tests.xml"
    report.write_text(SUITE.format(0), encoding="utf-8")
    run.main(["gpu", "--tests", str(report)])
    report.unlink()
    (path,) = patched.iterdir()
    record = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == f"gpu-{record['date']}-tesla-t4-16-gb.json"
    path.unlink()
    return record


@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_every_key_is_documented(kind, request):
    """Those of the record and those of its rows; so are those of the stored record."""
    for record in (request.getfixturevalue(f"{kind}_record"), *records.newest(kind, STORED)):
        rows = [row for table in record.values() if isinstance(table, list) for row in table]
        for key in {*record, *(key for row in rows for key in row)}:
            assert f"``{key}``" in run.__doc__


def test_a_cpu_record_is_complete(cpu_record):
    """Each time has its case, its error and its ratios; memory and accuracy have their rows."""
    assert list(cpu_record["implementations"]) == [*CPU, "absent"]
    assert cpu_record["quick"] is True
    assert cpu_record["left_out"] == LEFT_OUT
    assert cpu_record["import"] == cpu_record["first_call"] == cpu_record["steps"] == {}
    assert {"cpu", "cores", "memory_gib", "caches", "system"} <= set(cpu_record["machine"])
    assert {"python", "lrnlib", "numpy", "c_compiler"} <= set(cpu_record["versions"])
    assert [row["implementation"] for row in cpu_record["rows"]] == CPU * 3
    for row in cpu_record["rows"]:
        is_copy = row["implementation"] in sections.COPIES
        missing = {"bound_ms", "achieved_over_bound"} if is_copy else set()
        assert set(row) == OF_A_CASE | OF_A_TIME | OF_CPU - missing
        assert row["status"] == "timed"
        assert row["shape"][0] == 1
    assert [row["implementation"] for row in cpu_record["memory"]] == ["copy", "numpy"] * 2
    for row in cpu_record["memory"]:
        assert set(row) >= OF_A_CASE
        assert ("resident_mib" in row) == (row["status"] == "measured")
    (row,) = cpu_record["accuracy"]
    assert (row["implementation"], row["status"], row["values"]) == ("numpy", "measured", 108)
    assert 0 < row["error_ulp"] < 8
    met = {row["what"]: row["met"] for row in cpu_record["targets"]}
    assert met["numba_out / tensorflow, gradient, AlexNet norm1"] is None
    assert met["numpy, error in ulp, beta in (0.5, 0.75, 1.0)"] is True


def test_a_gpu_record_is_complete(gpu_record):
    """Each time has its case, its error, its calls and its share of the copy."""
    assert gpu_record["tests"] == {"passed": 7, "skipped": 2}
    assert gpu_record["gpu"] == {"device": "Tesla T4 (16 GB)"}
    assert (gpu_record["kind"], gpu_record["lrn.cu"]) == ("gpu", "5eed")
    assert gpu_record["quick"] is False
    assert gpu_record["left_out"] == LEFT_OUT
    assert [row["implementation"] for row in gpu_record["rows"]] == ["copy", "lrnlib"] * 3
    for row in gpu_record["rows"]:
        assert set(row) == OF_A_CASE | OF_A_TIME | OF_GPU
        assert row["status"] == "timed"
    (row,) = gpu_record["accuracy"]
    assert (row["implementation"], row["status"], row["values"]) == ("lrnlib", "measured", 216)
    assert len(gpu_record["targets"]) == 28


def test_the_record_has_a_line_for_each_row(cpu_record):
    """Two records differ in the lines of the rows that differ."""
    text = as_json(cpu_record)
    assert json.loads(text) == cpu_record
    for table in ("rows", "memory", "accuracy", "targets"):
        for row in cpu_record[table]:
            assert re.search(f"^  {re.escape(json.dumps(row))},?$", text, re.MULTILINE)


@pytest.mark.parametrize(
    "part",
    [
        ["cpu", "--quick", "--only", "sweep", "--implementations", "copy"],
        ["gpu", "--quick"],
        ["gpu", "--only", "forward"],
        ["gpu", "--implementations", "copy"],
    ],
)
def test_a_part_is_no_record(part, patched, capsys):
    """Without --output, a part or a quick run writes nothing; what is left out is named."""
    run.main(part)
    printed = capsys.readouterr()
    assert "No record is written" in printed.out
    assert ("left out: absent (" in printed.err) == ("--implementations" not in part)
    assert list(patched.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cpu", "--only", "forwards"], "'forwards' is none of forward, "),
        (["cpu", "--implementations", "caffe"], "'caffe' is none of copy, "),
        (["gpu", "--only", "memory"], "'memory' is none of forward, "),
        (["gpu", "--implementations", "caffe"], "'caffe' is none of copy, "),
        (["gpu", "--tests", "{}"], "reports tests that failed"),
    ],
)
def test_what_cannot_be_measured_is_an_error(arguments, message, tmp_path, capsys):
    """Before anything is measured or a GPU is looked for; an error lists the known names."""
    report = tmp_path / "tests.xml"
    report.write_text(SUITE.format(1), encoding="utf-8")
    with pytest.raises(SystemExit):
        run.main([argument.format(report) for argument in arguments])
    assert message in capsys.readouterr().err


def test_without_a_gpu_it_says_so(monkeypatch):
    """One sentence, and an exit status that stops make."""
    monkeypatch.setattr(run, "Gpu", timing.Gpu)
    monkeypatch.setattr(timing, "missing", lambda: "CuPy finds none")
    with pytest.raises(SystemExit, match="needs a GPU: CuPy finds none"):
        run.main(["gpu"])
