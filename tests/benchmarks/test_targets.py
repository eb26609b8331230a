"""A target is met, missed, or without its measurement."""

from benchmarks import cases
from benchmarks.targets import targets
from lrnlib.book import records


def gpu_record(**changes):
    """A made-up record in which everything is measured: lrnlib takes 1 ms, the others 10."""
    names = ["lrnlib", "torch", "torch_compile", "jax", "jax_shifted", "cudnn"]
    timed = [case for section in ("forward", "gradient", "radius") for case in cases.GPU[section]]
    rows = [
        case.columns() | {"implementation": name, "median_ms": 1.0 if name == "lrnlib" else 10.0}
        for case in timed
        for name in names
    ]
    for row in rows:
        row["share_of_copy"] = 0.9 / row["median_ms"]
        row |= changes.get(row["implementation"], lambda row: {})(row)
    mine = {"implementation": "lrnlib", "error_ulp": 2.5}
    return {
        "kind": "gpu",
        "rows": rows,
        "accuracy": [case.columns() | mine for case in cases.ACCURACY],
    }


def target(record, start):
    """The one target whose description begins so."""
    (row,) = [row for row in targets(record) if row["what"].startswith(start)]
    return row


def test_the_stored_record_has_the_targets_of_the_table():
    """Computed anew from its rows, they are those that were stored."""
    cpu_record = records.load("cpu")
    assert targets(cpu_record) == cpu_record["targets"]


def test_a_missing_value_is_not_ignored():
    """One of several is enough for "not measured", and a large one for "not met"."""
    cpu_record = records.load("cpu")
    start = "numba, error in ulp, beta in (0.5"
    assert target(cpu_record, start)["met"] is True
    errors = next(row for row in cpu_record["accuracy"] if row["implementation"] == "numba")
    cpu_record["accuracy"].append(errors | {"error_ulp": 3.5})
    assert target(cpu_record, start)["met"] is False
    del cpu_record["accuracy"][-1]["error_ulp"]
    assert target(cpu_record, start)["met"] is None
    nothing = {"kind": "cpu", "rows": [], "memory": [], "accuracy": [], "import": {}}
    nothing["first_call"] = {}
    assert {row["met"] for row in targets(nothing)} == {None}


def test_gpu_targets_are_met_where_all_is_fast_and_right():
    """16 shares, 8 other libraries, 2 sweeps, 2 of accuracy."""
    rows = targets(gpu_record())
    assert len(rows) == 28
    assert all(row["met"] for row in rows)
    assert target(gpu_record(), "forward: times as fast as cuDNN, 8 of 8")["measured"] == 10


def test_gpu_targets_are_missed_by_the_worst_case():
    """One slow case, one slow radius, one wrong value; JAX counts by its faster form."""
    first = cases.GPU["forward"][0].columns()

    def slow(row):
        return {"median_ms": 3.0, "share_of_copy": 0.3} if first.items() <= row.items() else {}

    record = gpu_record(lrnlib=slow, jax_shifted=lambda row: {"median_ms": 1.05})
    assert target(record, "forward, float32, AlexNet norm1, axis -1")["met"] is False
    assert target(record, "forward, float16, AlexNet norm1, axis -1")["met"] is True
    torch = target(record, "forward: times as fast as PyTorch eager")
    assert (torch["measured"], torch["met"]) == (3.333, False)
    assert target(record, "gradient: times as fast as JAX")["measured"] == 1.05

    radius = gpu_record(lrnlib=lambda row: {"median_ms": 1 + 0.05 * row["depth_radius"]})
    assert target(radius, "forward: depth_radius")["met"] is False
    record["accuracy"][0]["error_ulp"] = 3.5
    assert target(record, "lrnlib, error in ulp, beta in (0.5")["met"] is False
    assert target(record, "lrnlib, error in ulp, beta in (0.3")["met"] is True


def test_a_gpu_target_without_its_measurement_is_not_met():
    """Nothing measured, one radius or value missing; the description counts the cases."""
    assert {row["met"] for row in targets({"kind": "gpu", "rows": [], "accuracy": []})} == {None}
    record = gpu_record()
    record["rows"] = [
        row
        for row in record["rows"]
        if (row["implementation"] != "cudnn" or row["axis"] == 1)
        and (row["name"] != "depth_radius" or row["depth_radius"] != 4)
    ]
    del record["accuracy"][0]["error_ulp"]
    assert target(record, "forward: times as fast as cuDNN, 4 of 8 cases")["met"] is True
    assert target(record, "forward: depth_radius")["met"] is None
    assert target(record, "lrnlib, error in ulp, beta in (0.5")["met"] is None
