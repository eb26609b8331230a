"""The figures to reach, read from a record: what was measured, the bar, met or not."""

from benchmarks.cases import NORM1, NORM1_64


def bars(record):
    """A row for each bar; `met` is None where the record lacks the measurement."""
    rows = []
    for what, measured, bar in [*_times(record), *_sweeps(record), *_properties(record)]:
        met = None if measured is None else measured <= bar
        rows.append({"what": what, "measured": measured, "bar": bar, "met": met})
    return rows


TIMES = [
    (0.9, "forward", NORM1, "numpy", "tensorflow", {}),
    (0.25, "forward", "512 channels", "numpy", "tensorflow", {}),
    (0.12, "forward", "1024 channels", "numpy", "tensorflow", {}),
    (0.3, "forward", NORM1, "numpy", "torch", {"axis": 1}),
    (1.5, "forward", NORM1_64, "numba_out", "copy", {}),
    (0.15, "forward", NORM1_64, "numba_out", "tensorflow", {}),
    (2.0, "forward", NORM1_64, "numba_out", "copy", {"axis": 1}),
    (0.08, "forward", NORM1_64, "numba_out", "torch", {"axis": 1}),
    (0.5, "forward", NORM1_64, "numba", "tensorflow", {"beta": 0.6}),
    (0.7, "gradient", NORM1, "numpy", "tensorflow", {}),
    (0.15, "gradient", NORM1, "numba", "tensorflow", {}),
]


def _times(record):
    for bar, kind, name, subject, to, special in TIMES:
        words = (f"{key} {value}" for key, value in special.items())
        what = ", ".join((f"{subject} / {to}", kind, name, *words))
        yield what, _ratio(record, kind, name, subject, to, **special), bar


def _ratio(record, kind, name, subject, to, axis=-1, beta=0.75):
    """The quotient of two subjects' medians in one case."""
    medians = {
        row["subject"]: row.get("median_ms")
        for row in record["rows"]
        if (row["kind"], row["name"], row["axis"], row["beta"]) == (kind, name, axis, beta)
    }
    return _quotient(medians.get(subject), medians.get(to))


def _sweeps(record):
    for subject in ("numpy", "numba_out"):
        costs = _column(record["rows"], "ns_per_element", kind="channels", subject=subject)
        what = f"{subject}, an element among 32 to 1024 channels, dearest / cheapest"
        yield what, _quotient(max(costs, default=None), min(costs, default=None)), 1.6
    wide, narrow = (
        _column(record["rows"], "median_ms", kind="radius", subject="numpy", depth_radius=radius)
        for radius in (64, 2)
    )
    yield "numpy, depth_radius 64 / 2", _quotient(*(sum(t) or None for t in (wide, narrow))), 3


def _properties(record):
    for backend, column, bar in (
        ("numpy", "allocated_mib", 4),
        ("numpy", "resident_mib", 4),
        ("numba", "resident_mib", 1),
    ):
        new, given = (_column(record["memory"], column, subject=backend + s) for s in ("", "_out"))
        largest = max(new + given) if new and given else None
        yield f"{backend}, temporaries beyond the result, {column}", largest, bar
    for backend in ("numpy", "numba"):
        for betas, bar in (((0.5, 0.75, 1.0), 3), ((0.3, 0.6), 4)):
            rows = [row for row in record["accuracy"] if row["beta"] in betas]
            found = _column(rows, "error_ulp", subject=backend)
            yield f"{backend}, error in ulp, beta in {betas}", max(found, default=None), bar
    yield "import lrnlib / import numpy", record["import"].get("ratio"), 1.1


def _column(rows, name, **chosen):
    """A column of the rows chosen; nothing if one of them lacks it, so that none is passed over."""
    rows = [row for row in rows if all(row[key] == value for key, value in chosen.items())]
    return [row[name] for row in rows] if all(name in row for row in rows) else []


def _quotient(a, b):
    return round(a / b, 3) if a and b else None
