"""The numbers to reach, set before anything was measured, and whether a record reaches them."""

from benchmarks.cases import GPU, MEMORY, NORM1, NORM1_64, NORM2, RADII

AT_LEAST, AT_MOST = min, max  # the functions that find the worst of several values
TABLES = {"error_ulp": "accuracy", "resident_mib": "memory", "allocated_mib": "memory"}


def targets(record):
    """A row for each target; `met` is None where the record lacks the measurement."""
    rows = []
    for what, bound, target, values_in in TARGETS[record["kind"]]:
        values = values_in(record)
        measured, met = bound(values, default=None), None
        if values:
            met = measured >= target if bound is AT_LEAST else measured <= target
        what = what.format(count=len(values))
        rows.append({"what": what, "measured": measured, "target": target, "met": met})
    return rows


def _values(record, column, *selections, count=1):
    """A column of the rows that match a selection; empty if rows or values are missing, so that
    none is ignored."""
    rows = [
        row
        for row in record[TABLES.get(column, "rows")]
        if any(chosen.items() <= row.items() for chosen in selections)
    ]
    is_whole = len(rows) >= count and all(column in row for row in rows)
    return [row[column] for row in rows] if is_whole else []


def _worst(what, bound, target, *selected, **count):
    """A limit for each of the values."""
    return what, bound, target, lambda record: _values(record, *selected, **count)


def _quotient(what, target, over, under, column="median_ms", count=1):
    """The largest value in the rows of `over`, by the smallest in those of `under`."""

    def values_in(record):
        a, b = (_values(record, column, chosen, count=count) for chosen in (over, under))
        return [round(max(a) / min(b), 3)] if a and b else []

    return what, AT_MOST, target, values_in


def _time(target, kind, name, implementation, to, **special):
    case = {"kind": kind, "name": name, "axis": -1, "beta": 0.75} | special
    what = [f"{implementation} / {to}", kind, name, *(f"{k} {v}" for k, v in special.items())]
    over, under = ({"implementation": each} | case for each in (implementation, to))
    return _quotient(", ".join(what), target, over, under)


def _without_bias(target, implementation):
    """The time of data with windows of zeros where bias is 0, by that where it is 1."""
    for kind in ("relu", "relu gradient"):
        rows = {"kind": kind, "implementation": implementation}
        what = f"{implementation}, {kind}, bias 0 / bias 1"
        yield _quotient(what, target, *(rows | {"name": f"bias {bias}"} for bias in (0, 1)))


def _spread(what, target, column="median_ms", count=1, **rows):
    return _quotient(f"{what}, dearest / cheapest", target, rows, rows, column, count)


def _temporaries(target, backend, column):
    selections = [{"implementation": backend + suffix} for suffix in ("", "_out")]
    what = f"{backend}, temporaries beyond the result, {column}"
    return _worst(what, AT_MOST, target, column, *selections, count=2 * len(MEMORY))


def _errors(implementation):
    for target, betas in ((3, (0.5, 0.75, 1.0)), (4, (0.3, 0.6))):
        selections = [{"implementation": implementation, "beta": beta} for beta in betas]
        what = f"{implementation}, error in ulp, beta in {betas}"
        yield _worst(what, AT_MOST, target, "error_ulp", *selections)


def _copy_share(target, case):
    what = f"{case.kind}, {case.dtype}, {case.name}, axis {case.axis}: of the copy, at least"
    rows = case.columns() | {"implementation": "lrnlib"}
    return _worst(what, AT_LEAST, target, "share_of_copy", rows)


def _speedup(target, op, library, *names):
    """The least of the cases in which both were timed. JAX has two forms: the faster counts."""

    def values_in(record):
        return [
            round(min(others) / mine[0], 3)
            for case in COMPARED[op]
            if (mine := _median(record, case, "lrnlib"))
            and (others := _median(record, case, *names))
        ]

    what = f"{op}: times as fast as {library}, {{count}} of {len(COMPARED[op])} cases, at least"
    return what, AT_LEAST, target, values_in


def _median(record, case, *names):
    each = (case.columns() | {"implementation": name} for name in names)
    return [value for rows in each for value in _values(record, "median_ms", rows)]


def _import(record):
    return [record["import"]["ratio"]] if record["import"] else []


def _first_call(record):
    return [record["first_call"]["seconds"]] if record["first_call"] else []


COMPARED = {
    op: [case for case in GPU[op] if case.dtype != "bfloat16"] for op in ("forward", "gradient")
}
EACH = "an element among 32 to 1024 channels"
RADIUS = {"kind": "radius", "implementation": "numpy"}
SWEEP = f"depth_radius {RADII[0]} to {RADII[-1]}"
LRNLIB_SWEEP = {"name": "depth_radius", "implementation": "lrnlib"}
TARGETS = {
    "cpu": [
        _time(0.6, "forward", NORM1, "numpy_out", "tensorflow"),
        _time(0.25, "forward", "512 channels", "numpy", "tensorflow"),
        _time(0.12, "forward", "1024 channels", "numpy", "tensorflow"),
        _time(0.3, "forward", NORM1, "numpy", "torch", axis=1),
        _time(1.25, "forward", NORM1_64, "numba_out", "fused_c"),
        _time(1.4, "forward", NORM1, "numba_out", "fused_c"),
        _time(0.12, "forward", NORM1, "numba_out", "tensorflow"),
        _time(0.05, "forward", "512 channels", "numba_out", "tensorflow"),
        _time(0.03, "forward", "1024 channels", "numba_out", "tensorflow"),
        _time(2.0, "forward", NORM1_64, "numba_out", "copy", axis=1),
        _time(0.08, "forward", NORM1_64, "numba_out", "torch", axis=1),
        _time(0.3, "forward", NORM1_64, "numba_out", "tensorflow", beta=0.6),
        _time(0.4, "gradient", NORM1, "numpy_out", "tensorflow"),
        _time(0.1, "gradient", NORM1, "numba_out", "tensorflow"),
        *_without_bias(1.3, "numpy_out"),
        *_without_bias(1.3, "numba_out"),
        _spread(f"numpy, {EACH}", 1.6, "ns_per_element", kind="channels", implementation="numpy"),
        _spread(
            f"numba_out, {EACH}", 1.6, "ns_per_element", kind="channels", implementation="numba_out"
        ),
        _quotient(
            "numpy, depth_radius 64 / 2", 3, *(RADIUS | {"depth_radius": r} for r in (64, 2))
        ),
        _temporaries(4, "numpy", "allocated_mib"),
        _temporaries(4, "numpy", "resident_mib"),
        _temporaries(1, "numba", "resident_mib"),
        *_errors("numpy"),
        *_errors("numba"),
        ("import lrnlib / import numpy", AT_MOST, 1.1, _import),
        ("first call with Numba, in seconds", AT_MOST, 4, _first_call),
    ],
    "keras": [_time(1.1, "gradient", name, "layer", "tensorflow_layer") for name in (NORM1, NORM2)],
    "torch": [_time(1 / 8, "gradient", NORM1, "lrnlib", "torch", axis=1)],
    "gpu": [
        *(_copy_share(0.85, case) for case in COMPARED["forward"]),
        *(_copy_share(0.75, case) for case in COMPARED["gradient"]),
        *(
            _speedup(target, op, *names)
            for op in COMPARED
            for target, *names in (
                (5.0, "PyTorch eager", "torch"),
                (1.1, "torch.compile", "torch_compile"),
                (1.1, "JAX jit", "jax", "jax_shifted"),
                (1.5, "cuDNN", "cudnn"),
            )
        ),
        *(
            _spread(f"{op}: {SWEEP}", 1.2, count=len(RADII), kind=op, **LRNLIB_SWEEP)
            for op in ("forward", "gradient")
        ),
        *_errors("lrnlib"),
    ],
}
