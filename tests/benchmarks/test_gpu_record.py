"""The newest record of a GPU run is of the kernels that are here, or the tests say otherwise."""

import hashlib
import json

import pytest

from benchmarks.gpu_record import counted, newest, not_measured
from tools.gpu import KERNELS

REPORT = '<testsuites><testsuite errors="0" failures="{}" skipped="2" tests="9"/></testsuites>'


@pytest.fixture
def kernels(tmp_path):
    """Some kernels, and the hash that a record of them has."""
    path = tmp_path / "lrn.cu"
    path.write_bytes(b"these kernels\n")
    return path


def write(results, date, text, device="nvidia-h200"):
    """A record of kernels with this text."""
    record = {"date": date, "lrn.cu": hashlib.sha256(text).hexdigest()}
    results.mkdir(exist_ok=True)
    (results / f"gpu-{date}-{device}.json").write_text(json.dumps(record), encoding="utf-8")


def test_the_kernels_are_those_of_the_newest_record():
    """Only a machine with a GPU can put it right, so elsewhere it is said and no failure."""
    if reason := not_measured(KERNELS):
        pytest.skip(reason)


def test_no_record_at_all_is_said(kernels, tmp_path):
    """A CPU's record is none."""
    assert "no GPU has run lrn.cu yet" in not_measured(kernels, tmp_path / "nowhere")
    (tmp_path / "cpu-2026-01-01-2-cores.json").write_text("{}", encoding="utf-8")
    assert "no GPU has run lrn.cu yet" in not_measured(kernels, tmp_path)


def test_a_record_of_these_kernels_is_enough(kernels, tmp_path):
    """Whatever older records were of."""
    write(tmp_path / "results", "2026-01-02", b"these kernels\n")
    write(tmp_path / "results", "2026-01-01", b"other kernels\n")
    assert not_measured(kernels, tmp_path / "results") is None


def test_changed_kernels_are_said_by_both_hashes(kernels, tmp_path):
    """Even if an older record was of these kernels; and after a change of one letter."""
    write(tmp_path / "results", "2026-01-02", b"other kernels\n")
    write(tmp_path / "results", "2026-01-01", b"these kernels\n")
    said = not_measured(kernels, tmp_path / "results")
    assert "2026-01-02" in said
    for text in (b"these kernels\n", b"other kernels\n"):
        assert hashlib.sha256(text).hexdigest() in said
    write(tmp_path / "results", "2026-01-03", b"these kernels\n")
    assert not_measured(kernels, tmp_path / "results") is None
    kernels.write_bytes(b"these kernelz\n")
    assert "has changed" in not_measured(kernels, tmp_path / "results")


def test_of_one_day_any_gpu_counts(kernels, tmp_path):
    """Two GPUs measured on one day are two newest records."""
    write(tmp_path / "results", "2026-01-02", b"other kernels\n", "nvidia-a100")
    write(tmp_path / "results", "2026-01-02", b"these kernels\n", "nvidia-h200")
    write(tmp_path / "results", "2026-01-01", b"other kernels\n")
    assert len(newest(tmp_path / "results")) == 2
    assert not_measured(kernels, tmp_path / "results") is None


def test_the_tests_before_are_counted(tmp_path):
    """Those skipped did not pass, and after a failure there is nothing to record."""
    report = tmp_path / "tests.xml"
    report.write_text(REPORT.format(0), encoding="utf-8")
    assert counted(report) == {"passed": 7, "skipped": 2}
    report.write_text(REPORT.format(1), encoding="utf-8")
    with pytest.raises(ValueError, match="tests that failed"):
        counted(report)
