"""The newest record of a GPU run is of the kernels that are here, or the tests say otherwise."""

import hashlib
import json

import pytest

from lrnlib.book import records
from tools.gpu import stale_reason

THESE, OTHER = b"these kernels\n", b"other kernels\n"


@pytest.fixture
def kernels(tmp_path):
    """Some kernels."""
    path = tmp_path / "lrn.cu"
    path.write_bytes(THESE)
    return path


def write(folder, date, text, device="nvidia-h200"):
    """A record of kernels with this text."""
    record = {"date": date, "lrn.cu": hashlib.sha256(text).hexdigest()}
    (folder / f"gpu-{date}-{device}.json").write_text(json.dumps(record), encoding="utf-8")


def test_the_kernels_are_those_of_the_newest_record():
    """Only a machine with a GPU can correct it, so elsewhere the reason is shown: no failure."""
    if reason := stale_reason():
        pytest.skip(reason)


def test_without_a_record_the_reason_is_given(kernels, tmp_path):
    """A CPU's record does not count; loading one that is not there is an error."""
    assert "no GPU has run lrn.cu yet" in stale_reason(kernels, tmp_path / "nowhere")
    (tmp_path / "cpu-2026-01-01-2-cores.json").write_text("{}", encoding="utf-8")
    assert "no GPU has run lrn.cu yet" in stale_reason(kernels, tmp_path)
    with pytest.raises(FileNotFoundError, match="no record of kind 'gpu'"):
        records.load("gpu", tmp_path)


def test_changed_kernels_are_named_by_both_hashes(kernels, tmp_path):
    """Even if an older record was of these kernels; and after a change of one letter."""
    write(tmp_path, "2026-01-02", OTHER)
    write(tmp_path, "2026-01-01", THESE)
    reason = stale_reason(kernels, tmp_path)
    assert "2026-01-02" in reason
    for text in (THESE, OTHER):
        assert hashlib.sha256(text).hexdigest() in reason
    write(tmp_path, "2026-01-03", THESE)
    assert stale_reason(kernels, tmp_path) is None
    kernels.write_bytes(b"these kernelz\n")
    assert "has changed" in stale_reason(kernels, tmp_path)


def test_on_one_day_any_gpu_counts(kernels, tmp_path):
    """Two GPUs measured on one day are two newest records, whatever older ones are of."""
    write(tmp_path, "2026-01-02", OTHER, "nvidia-a100")
    write(tmp_path, "2026-01-02", THESE, "nvidia-h200")
    write(tmp_path, "2026-01-01", OTHER)
    assert len(records.newest("gpu", tmp_path)) == 2
    assert stale_reason(kernels, tmp_path) is None
