"""The record of the kernels' machine code is that of lrn.cu as it is."""

import hashlib
import json
from pathlib import Path

import pytest

from benchmarks import machine_code
from lrnlib.book import records
from tests.library.fake_gpu import nvrtc
from tools.gpu import KERNELS, sha256

LISTING = """
.text.kernel:
        /*0000*/                   LDG.E.128 R4, [R2] ;
        /*0010*/               @P0 EXIT ;
        /*0020*/              @!P1 BRA `(.L_x_1) ;
        /*0030*/                   MUFU.RSQ R3, R4 ;
        /*0040*/                   MUFU.RCP R3, R4 ;
.L_x_1:
        /*0050*/                   STG.E.128 [R2], R4 ;
        /*0060*/                   EXIT ;
$fallback:
        /*0070*/                   STG.E.128 [R2], R4 ;
"""
LOOP = (
    "        /*0060*/              @!P2 BRA `(.L_x_1) ;\n        /*0070*/                   EXIT ;"
)


@pytest.mark.parametrize(
    ("listing", "instructions"),
    [
        (LISTING, 5),  # without the two that a branch leaps over, and without the fallback
        (LISTING.replace("        /*0060*/                   EXIT ;", LOOP), 2),  # one turn
    ],
)
def test_the_fastest_path_is_counted(listing, instructions):
    """From the beginning, or once through the loop that stores results; four to a vector."""
    assert machine_code.instructions_per_element(listing, 4) == instructions / 4


def test_a_way_with_all_loads_goes_through_loops():
    """A loop of two instructions, turned twice, and five more; a load beyond has no way."""
    load = "        /*0001*/                   LDG.E R4, [R2] ;\n"
    again = "        /*0002*/              @!P0 BRA `(.L_x_9) ;\n"
    shortcut = "        /*0003*/               @P0 BRA `(.L_x_1) ;\n"
    end = LISTING.split("R3, R4 ;\n")[-1]
    listing = f"\n.text.kernel:\n{shortcut}.L_x_9:\n{load}{again}{load}{end}"
    assert machine_code.fewest_instructions(listing, 0) == 3
    assert machine_code.fewest_instructions(listing, 3) == 1 + 2 * 2 + 3
    with pytest.raises(ValueError, match="loads 1 times"):
        machine_code.fewest_instructions(listing, 1)


def test_the_record_is_of_these_kernels():
    """After a change, `python -m benchmarks.machine_code` writes a new record."""
    record = records.load("machine_code")
    assert record["lrn.cu"] == sha256(KERNELS)
    assert record["of the chapter"] == machine_code.hashes_of_the_chapter()


def test_the_record_is_what_the_compiler_says():
    """Registers and spills are read again; instructions need a disassembler."""
    if nvrtc.library() is None:
        pytest.skip("nvidia-cuda-nvrtc-cu12 is not installed")
    record = records.load("machine_code")
    if record["compiler"] != f"NVRTC {nvrtc.version()}":
        pytest.skip(f"the record is of {record['compiler']}")
    for row, now in zip(record["rows"], compiled(), strict=True):
        assert row == now | {"instructions_per_element": row["instructions_per_element"]}


def compiled():
    """What the compiler says now; it says the same again of the same sources, so this is kept."""
    sources = [sha256(Path(path)) for path in (KERNELS, machine_code.__file__, nvrtc.__file__)]
    asked = nvrtc.library()._name, nvrtc.version(), sources, machine_code.hashes_of_the_chapter()
    key = hashlib.sha256(repr(asked).encode()).hexdigest()
    stored = nvrtc.BUILD / f"{key}.json"
    if not stored.exists():
        rows = [row._asdict() for row in machine_code.rows()]
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_text(json.dumps(rows), encoding="utf-8")
    return json.loads(stored.read_text(encoding="utf-8"))


def test_a_forward_pass_keeps_a_gpu_busy():
    """No kernel spills; along the last axis in float32 it needs 40 registers at most."""
    rows = records.load("machine_code")["rows"]
    rows = [row for row in rows if row["variant"] != "without correction and rest"]  # only counted
    assert all(row["spilled_bytes"] == 0 for row in rows)
    assert rows[0]["kernel"] == "channels_last"
    assert rows[0]["registers"] <= 40
