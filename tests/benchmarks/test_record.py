"""The benchmark's record is what its documentation says, and a part of a run is none."""

import json
from dataclasses import replace

import pytest

from benchmarks import cases, cpu, options
from benchmarks.bars import bars
from benchmarks.printing import as_json
from benchmarks.properties import import_times

TINY = cases.Case("forward", "tiny", (2, 3, 4, 9))
TINY_GRADIENT = replace(TINY, kind="gradient")
TIMES = {"rounds", "median_ms", "q1_ms", "q3_ms", "ns_per_element", "ratio_to_copy"}
TIMES |= {"bound_ms", "achieved_over_bound"}
PARAMETERS = {"kind", "name", "shape", "axis", "depth_radius", "beta", "subject", "status"}


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """What a short run on a few pixels writes, without peers and without import times."""
    path = tmp_path_factory.mktemp("new") / "results" / "record.json"
    sections = {"forward": [TINY], "gradient": [TINY_GRADIENT], "sweep": [TINY]}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cpu, "TIMED", sections)
        patched.setattr(cases, "MEMORY", [TINY, TINY_GRADIENT])
        patched.setattr(cases, "ACCURACY", [replace(TINY, spread=True)])
        parts = "forward,gradient,sweep,memory,accuracy"
        cpu.main(["--quick", "--only", parts, "--subjects", "copy,numpy", "--output", str(path)])
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_record_is_as_documented(record):
    """Every key of the record is in cpu.py's documentation, and none is missing."""
    for key in record:
        assert f"``{key}``" in cpu.__doc__
    assert list(record["subjects"]) == ["copy", "numpy"]
    assert record["quick"] is True
    assert record["left_out"] == []
    assert record["import"] == {}
    assert {"cpu", "cores", "memory_gib", "caches", "system"} <= set(record["machine"])
    assert {"python", "lrnlib", "numpy"} <= set(record["versions"])


def test_the_rows_are_as_documented(record):
    """Each time has its case, its subject, its check and its ratios."""
    assert len(record["rows"]) == 6
    for row in record["rows"]:
        own = TIMES if row["subject"] == "numpy" else TIMES - {"bound_ms", "achieved_over_bound"}
        assert set(row) == PARAMETERS | own | {"error_ulp"}
        assert row["status"] == "timed"
        assert row["shape"][0] == 1
        for key in row:
            assert f"``{key}``" in cpu.__doc__


def test_the_other_tables_are_as_documented(record):
    """Memory of each subject; the accuracy of those that compute."""
    assert [row["subject"] for row in record["memory"]] == ["copy", "numpy", "copy", "numpy"]
    for row in record["memory"]:
        assert set(row) >= PARAMETERS
        assert ("resident_mib" in row) == (row["status"] == "measured")
    (row,) = record["accuracy"]
    assert (row["subject"], row["status"], row["values"]) == ("numpy", "measured", 108)
    assert 0 < row["error_ulp"] < 8


def test_the_record_has_a_line_for_each_row(record):
    """Two records differ in the lines of the rows that differ."""
    text = as_json(record)
    assert json.loads(text) == record
    for table in ("rows", "memory", "accuracy", "bars"):
        for row in record[table]:
            assert f"  {json.dumps(row)}" in text.replace("},\n", "}\n").split("\n")


def test_a_bar_without_its_measurement_is_not_met(record):
    """Not measured is said, even if only one of several values is missing."""
    found = {row["what"]: row for row in record["bars"]}
    assert found["numba / tensorflow, gradient, AlexNet norm1"]["met"] is None
    errors = next(row for what, row in found.items() if what.startswith("numpy, error in ulp"))
    assert errors["met"] is True
    missing = dict(record["accuracy"][0])
    del missing["error_ulp"]
    again = bars(record | {"accuracy": [*record["accuracy"], missing]})
    assert next(row for row in again if row["what"] == errors["what"])["met"] is None
    worse = record["accuracy"][0] | {"error_ulp": 3.5}
    again = bars(record | {"accuracy": [*record["accuracy"], worse]})
    assert next(row for row in again if row["what"] == errors["what"])["met"] is False


def test_a_part_is_no_record(monkeypatch, tmp_path, capsys):
    """Without --output, a part or a quick run writes nothing."""
    monkeypatch.setattr(options, "RESULTS", tmp_path)
    monkeypatch.setattr(cpu, "TIMED", {"sweep": [TINY]})
    cpu.main(["--quick", "--only", "sweep", "--subjects", "copy"])
    assert list(tmp_path.iterdir()) == []
    assert "No record is written" in capsys.readouterr().out


@pytest.mark.parametrize(("option", "value"), [("--only", "forwards"), ("--subjects", "caffe")])
def test_an_unknown_name_is_an_error_that_lists_the_names(option, value, capsys):
    """Before anything is measured."""
    with pytest.raises(SystemExit):
        cpu.main([option, value])
    assert f"{value!r} is none of {'forward' if option == '--only' else 'copy'}, " in (
        capsys.readouterr().err
    )


def test_an_import_is_timed():
    """Milliseconds, and the quotient of the two."""
    found = import_times(rounds=1)
    assert found["ratio"] == pytest.approx(found["lrnlib_ms"] / found["numpy_ms"], rel=1e-3)
    assert found["numpy_ms"] > 1
