"""The numbers to reach, set before anything was measured, and whether a record reaches them."""

import itertools

from benchmarks.cases import GPU, NORM1, NORM1_64, RADII

AT_LEAST, AT_MOST = min, max  # the functions that find the worst of several values


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


def _column(rows, column, /, **chosen):
    """A column of the chosen rows; empty if one of them lacks it, so that none is ignored."""
    rows = [row for row in rows if all(row[key] == value for key, value in chosen.items())]
    return [row[column] for row in rows] if all(column in row for row in rows) else []


def _quotient(over, under, name="median_ms", count=1):
    """The largest value in the rows of `over`, by the smallest in those of `under`."""

    def values_in(record):
        a, b = (_column(record["rows"], name, **chosen) for chosen in (over, under))
        return [round(max(a) / min(b), 3)] if len(a) >= count and b else []

    return values_in


def _time(target, kind, name, implementation, to, **special):
    case = {"kind": kind, "name": name, "axis": -1, "beta": 0.75} | special
    what = [f"{implementation} / {to}", kind, name, *(f"{k} {v}" for k, v in special.items())]
    over, under = ({"implementation": each} | case for each in (implementation, to))
    return ", ".join(what), AT_MOST, target, _quotient(over, under)


def _channels(target, implementation):
    rows = {"kind": "channels", "implementation": implementation}
    what = f"{implementation}, an element among 32 to 1024 channels, dearest / cheapest"
    return what, AT_MOST, target, _quotient(rows, rows, "ns_per_element")


def _radius(target, implementation, wide, narrow):
    rows = {"kind": "radius", "implementation": implementation}
    over, under = (rows | {"depth_radius": radius} for radius in (wide, narrow))
    return (
        f"{implementation}, depth_radius {wide} / {narrow}",
        AT_MOST,
        target,
        _quotient(over, under),
    )


def _temporaries(target, backend, name):
    def values_in(record):
        new, given = (
            _column(record["memory"], name, implementation=backend + suffix)
            for suffix in ("", "_out")
        )
        return [*new, *given] if new and given else []

    return f"{backend}, temporaries beyond the result, {name}", AT_MOST, target, values_in


def _error(target, implementation, *betas):
    def values_in(record):
        rows = [row for row in record["accuracy"] if row["beta"] in betas]
        return _column(rows, "error_ulp", implementation=implementation)

    return f"{implementation}, error in ulp, beta in {betas}", AT_MOST, target, values_in


def _import(target):
    def values_in(record):
        return [record["import"]["ratio"]] if record["import"] else []

    return "import lrnlib / import numpy", AT_MOST, target, values_in


def _copy_share(target, case):
    def values_in(record):
        rows = case.columns() | {"implementation": "lrnlib"}
        return _column(record["rows"], "share_of_copy", **rows)

    what = f"{case.kind}, {case.dtype}, {case.name}, axis {case.axis}: of the copy, at least"
    return what, AT_LEAST, target, values_in


def _speedup(target, op, library, *names):
    """The least of the cases in which both were timed. JAX has two forms: the faster counts."""
    cases = _gpu_cases(op)

    def values_in(record):
        values = []
        for case in cases:
            mine, *others = (
                _column(record["rows"], "median_ms", implementation=name, **case.columns())
                for name in ("lrnlib", *names)
            )
            if mine and any(others):
                values.append(round(min(itertools.chain(*others)) / mine[0], 3))
        return values

    what = f"{op}: times as fast as {library}, {{count}} of {len(cases)} cases, at least"
    return what, AT_LEAST, target, values_in


def _radii(target, op):
    rows = {"kind": op, "name": "depth_radius", "implementation": "lrnlib"}
    what = f"{op}: depth_radius {RADII[0]} to {RADII[-1]}, dearest / cheapest"
    return what, AT_MOST, target, _quotient(rows, rows, count=len(RADII))


def _gpu_cases(op):
    return [case for case in GPU[op] if case.dtype != "bfloat16"]


TARGETS = {
    "cpu": [
        _time(0.9, "forward", NORM1, "numpy", "tensorflow"),
        _time(0.25, "forward", "512 channels", "numpy", "tensorflow"),
        _time(0.12, "forward", "1024 channels", "numpy", "tensorflow"),
        _time(0.3, "forward", NORM1, "numpy", "torch", axis=1),
        _time(1.5, "forward", NORM1_64, "numba_out", "copy"),
        _time(0.15, "forward", NORM1_64, "numba_out", "tensorflow"),
        _time(2.0, "forward", NORM1_64, "numba_out", "copy", axis=1),
        _time(0.08, "forward", NORM1_64, "numba_out", "torch", axis=1),
        _time(0.5, "forward", NORM1_64, "numba", "tensorflow", beta=0.6),
        _time(0.7, "gradient", NORM1, "numpy", "tensorflow"),
        _time(0.15, "gradient", NORM1, "numba", "tensorflow"),
        _channels(1.6, "numpy"),
        _channels(1.6, "numba_out"),
        _radius(3, "numpy", 64, 2),
        _temporaries(4, "numpy", "allocated_mib"),
        _temporaries(4, "numpy", "resident_mib"),
        _temporaries(1, "numba", "resident_mib"),
        _error(3, "numpy", 0.5, 0.75, 1.0),
        _error(4, "numpy", 0.3, 0.6),
        _error(3, "numba", 0.5, 0.75, 1.0),
        _error(4, "numba", 0.3, 0.6),
        _import(1.1),
    ],
    "gpu": [
        *(_copy_share(0.85, case) for case in _gpu_cases("forward")),
        *(_copy_share(0.75, case) for case in _gpu_cases("gradient")),
        *(
            _speedup(target, op, *names)
            for op in ("forward", "gradient")
            for target, *names in (
                (5.0, "PyTorch eager", "torch"),
                (1.1, "torch.compile", "torch_compile"),
                (1.1, "JAX jit", "jax", "jax_shifted"),
                (1.5, "cuDNN", "cudnn"),
            )
        ),
        _radii(1.2, "forward"),
        _radii(1.2, "gradient"),
        _error(3, "lrnlib", 0.5, 0.75, 1.0),
        _error(4, "lrnlib", 0.3, 0.6),
    ],
}
