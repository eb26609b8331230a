"""What the GPU's benchmark makes of its times: bars met or missed, and a record as documented."""

import json
from dataclasses import replace

import pytest

from benchmarks import gpu, gpu_cases, options
from benchmarks.gpu_bars import bars
from benchmarks.gpu_device import slug
from tests.benchmarks.fake_device import TINY, Absent, Copy, FakeDevice, Lrnlib


def made_up(**changes):
    """A record in which everything is measured: lrnlib 1 ms, the others 10."""
    names = ["lrnlib", "torch", "torch_compile", "jax", "jax_shifted", "cudnn"]
    rows = [
        case.parameters() | {"subject": name, "median_ms": 1.0 if name == "lrnlib" else 10.0}
        for case in (*gpu_cases.FORWARD, *gpu_cases.GRADIENT, *gpu_cases.RADIUS)
        for name in names
    ]
    for row in rows:
        row["share_of_copy"] = 0.9 / row["median_ms"]
        for name, value in changes.items():
            if name == row["subject"]:
                row |= value(row)
    accuracy = [
        case.parameters() | {"subject": "lrnlib", "error_ulp": 2.5} for case in gpu_cases.ACCURACY
    ]
    return {"rows": rows, "accuracy": accuracy}


def found(record, start):
    """The one bar whose words begin so."""
    (row,) = [row for row in bars(record) if row["what"].startswith(start)]
    return row


def test_bars_are_met_where_all_is_fast_and_right():
    """16 shares, 8 peers, 2 sweeps, 2 of accuracy."""
    rows = bars(made_up())
    assert len(rows) == 28
    assert all(row["met"] for row in rows)
    assert found(made_up(), "forward: times as fast as cuDNN, 8 of 8")["measured"] == 10


def test_bars_are_missed_by_the_worst_case():
    """One slow case, one slow radius, one wrong value; JAX counts by its faster form."""
    first = gpu_cases.FORWARD[0].parameters()

    def slow(row):
        return {"median_ms": 3.0, "share_of_copy": 0.3} if first.items() <= row.items() else {}

    record = made_up(lrnlib=slow, jax_shifted=lambda row: {"median_ms": 1.05})
    assert found(record, "forward, float32, AlexNet norm1, axis -1")["met"] is False
    assert found(record, "forward, float16, AlexNet norm1, axis -1")["met"] is True
    torch = found(record, "forward: times as fast as PyTorch eager")
    assert (torch["measured"], torch["met"]) == (3.333, False)
    assert found(record, "gradient: times as fast as JAX")["measured"] == 1.05

    radius = made_up(lrnlib=lambda row: {"median_ms": 1 + 0.05 * row["depth_radius"]})
    assert found(radius, "forward: depth_radius")["met"] is False
    record["accuracy"][0]["error_ulp"] = 3.5
    assert found(record, "error in ulp, beta in (0.5")["met"] is False
    assert found(record, "error in ulp, beta in (0.3")["met"] is True


def test_a_bar_without_its_measurement_is_not_met():
    """Nothing measured, and one radius or value missing; the words count the cases there are."""
    assert {row["met"] for row in bars({"rows": [], "accuracy": []})} == {None}
    record = made_up()
    record["rows"] = [
        row
        for row in record["rows"]
        if (row["subject"] != "cudnn" or row["axis"] == 1)
        and (row["name"] != "depth_radius" or row["depth_radius"] != 4)
    ]
    del record["accuracy"][0]["error_ulp"]
    assert found(record, "forward: times as fast as cuDNN, 4 of 8 cases")["met"] is True
    assert found(record, "forward: depth_radius")["met"] is None
    assert found(record, "error in ulp, beta in (0.5")["met"] is None


def test_a_subject_that_is_not_installed_is_left_out_by_name(monkeypatch, capsys):
    """The reason is the library's name; the others go on."""
    monkeypatch.setattr(gpu, "SUBJECTS", {"absent": Absent, "lrnlib": Lrnlib})
    seats, left_out = gpu.started(gpu.SUBJECTS)
    assert list(seats) == ["lrnlib"]
    assert left_out == [{"subject": "absent", "reason": "not installed: no_such_library"}]
    assert "left out: absent" in capsys.readouterr().err


@pytest.fixture
def short_run(monkeypatch, tmp_path):
    """The benchmark on a few pixels, with NumPy and a device that is none."""
    sections = {"forward": [TINY], "gradient": [replace(TINY, kind="gradient")], "radius": [TINY]}
    monkeypatch.setattr(gpu_cases, "SECTIONS", sections)
    monkeypatch.setattr(gpu_cases, "ACCURACY", [replace(TINY, spread=True)])
    monkeypatch.setattr(gpu, "SUBJECTS", {"copy": Copy, "lrnlib": Lrnlib, "absent": Absent})
    monkeypatch.setattr(gpu, "Device", FakeDevice)
    monkeypatch.setattr(gpu.gpu_cudnn, "version", lambda: None)
    monkeypatch.setattr(options, "RESULTS", tmp_path)
    source = {"commit": "c0ffee", "changed": False, "lrn.cu": "5eed"}
    monkeypatch.setattr(gpu, "source", lambda: source)
    return tmp_path


def test_the_record_is_as_documented(short_run):
    """Every key of the record and of its rows is in gpu.py's documentation, and none is missing."""
    report = short_run / "tests.xml"
    report.write_text('<testsuite tests="7" failures="0" errors="0" skipped="1"/>')
    gpu.main(["--tests", str(report)])
    (path,) = short_run.glob("gpu-*-fake-gpu-1.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    rows = record["rows"]
    for key in {*record, *(key for row in rows + record["bars"] for key in row)}:
        assert f"``{key}``" in gpu.__doc__
    assert path.name == f"gpu-{record['date']}-fake-gpu-1.json"
    assert record["tests"] == {"passed": 6, "skipped": 1}
    assert (record["kind"], record["lrn.cu"], record["quick"]) == ("gpu", "5eed", False)
    assert record["left_out"] == [{"subject": "absent", "reason": "not installed: no_such_library"}]
    assert [row["subject"] for row in rows] == ["copy", "lrnlib"] * 3
    assert {row["status"] for row in rows} == {"timed"}
    assert {"gb_per_s", "share_of_copy", "buffers", "queued", "dtype"} <= set(rows[0])
    (row,) = record["accuracy"]
    assert (row["subject"], row["status"], row["values"]) == ("lrnlib", "measured", 216)
    assert len(record["bars"]) == 28


def test_a_part_is_no_record(short_run, capsys):
    """Without --output, a part or a quick run writes nothing."""
    for part in (["--quick"], ["--only", "forward"], ["--subjects", "copy"]):
        gpu.main(part)
        assert "No record is written" in capsys.readouterr().out
    assert list(short_run.iterdir()) == []


@pytest.mark.parametrize(("option", "value"), [("--only", "memory"), ("--subjects", "caffe")])
def test_an_unknown_name_is_an_error_that_lists_the_names(option, value, capsys):
    """Before a GPU is looked for."""
    with pytest.raises(SystemExit):
        gpu.main([option, value])
    assert f"{value!r} is none of {'forward' if option == '--only' else 'copy'}, " in (
        capsys.readouterr().err
    )


def test_without_a_gpu_it_says_so(monkeypatch):
    """One sentence, and an exit status that stops make."""
    monkeypatch.setattr("benchmarks.gpu_device.missing", lambda: "CuPy finds none")
    with pytest.raises(SystemExit, match="needs a GPU: CuPy finds none"):
        gpu.main([])


def test_a_device_is_part_of_a_file_name():
    """Letters, digits and hyphens."""
    assert slug("NVIDIA H200") == "nvidia-h200"
    assert slug("Tesla T4 (16 GB)") == "tesla-t4-16-gb"
