"""The newest record of a GPU run is of the kernels that are here, or the tests say otherwise."""

import hashlib
import json

import pytest

from lrnlib.book import records
from tools.gpu import stale_reason

THESE, OTHER = b"these kernels\n", b"these kernelz\n"
HASHES = {text: hashlib.sha256(text).hexdigest() for text in (THESE, OTHER)}
NONE_YET = "no GPU has run lrn.cu yet: `make gpu` on a machine with one"
OLD, NEW, NEWEST = "2026-01-01", "2026-01-02", "2026-01-03"


def test_the_kernels_are_those_of_the_newest_record():
    """Only a machine with a GPU can correct it, so elsewhere the reason is shown: no failure."""
    if reason := stale_reason():
        pytest.skip(reason)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ({}, NONE_YET),
        ({f"cpu-{OLD}-2-cores": THESE}, NONE_YET),
        # The newest counts, even if an older one was of these kernels.
        (
            {f"gpu-{OLD}-h200": THESE, f"gpu-{NEW}-h200": OTHER},
            f"lrn.cu has changed since the newest record, of {NEW}: ",
        ),
        ({f"gpu-{NEW}-h200": OTHER, f"gpu-{NEWEST}-h200": THESE}, None),
        # Two GPUs measured on one day are two newest records, whatever older ones are of.
        ({f"gpu-{NEW}-a100": THESE, f"gpu-{NEW}-h200": OTHER, f"gpu-{OLD}-h200": OTHER}, None),
    ],
)
def test_changed_kernels_are_named_by_both_hashes(stored, reason, tmp_path):
    """Loading a record that is not there is an error."""
    kernels = tmp_path / "lrn.cu"
    kernels.write_bytes(THESE)
    for name, text in stored.items():
        record = {"date": name[4:14], "lrn.cu": HASHES[text]}
        (tmp_path / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    found = stale_reason(kernels, tmp_path)
    assert found == reason or found.startswith(reason)
    if reason == NONE_YET:
        with pytest.raises(FileNotFoundError, match="no record of kind 'gpu'"):
            records.load("gpu", tmp_path)
    elif reason:
        assert all(digest in found for digest in HASHES.values())
