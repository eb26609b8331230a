"""The figures to reach on a GPU, read from a record: what was measured, the bar, met or not."""

from benchmarks.gpu_cases import FORWARD, GRADIENT

LEAST, MOST = "at least", "at most"
SHARES = {"forward": 0.85, "gradient": 0.75}
PEERS = {  # the faster of the two that JAX can be told, since a user may choose
    "PyTorch eager": (("torch",), 5.0),
    "torch.compile": (("torch_compile",), 1.1),
    "JAX jit": (("jax", "jax_shifted"), 1.1),
    "cuDNN": (("cudnn",), 1.5),
}
ACCURACY = (((0.5, 0.75, 1.0), 3), ((0.3, 0.6), 4))
RADII = range(1, 8)


def bars(record):
    """A row for each bar; `met` is None where the record lacks the measurement."""
    rows = []
    for what, measured, sense, bar in (
        *_shares(record),
        *_peers(record),
        *_radii(record),
        *_accuracy(record),
    ):
        met = None
        if measured is not None:
            met = measured >= bar if sense == LEAST else measured <= bar
        words = f"{what}, {sense}"
        rows.append({"what": words, "measured": measured, "bar": bar, "met": met})
    return rows


def _of(record, case):
    """The rows of a case by subject."""
    wanted = case.parameters()
    return {
        row["subject"]: row
        for row in record["rows"]
        if all(row[key] == value for key, value in wanted.items())
    }


def _shares(record):
    for case in (*FORWARD, *GRADIENT):
        row = _of(record, case).get("lrnlib", {})
        where = f"{case.kind}, {case.dtype}, {case.name}, axis {case.axis}"
        yield f"{where}: of the copy", row.get("share_of_copy"), LEAST, SHARES[case.kind]


def _peers(record):
    """The least of the cases in which both were timed: the words say how many those are."""
    for cases in (FORWARD, GRADIENT):
        for peer, (names, bar) in PEERS.items():
            found = [ratio for case in cases if (ratio := _times_as_fast(record, case, names))]
            what = f"{cases[0].kind}: times as fast as {peer}, {len(found)} of {len(cases)} cases"
            yield what, min(found, default=None), LEAST, bar


def _times_as_fast(record, case, names):
    """The median of the fastest of these subjects over lrnlib's."""
    medians = {
        name: row["median_ms"] for name, row in _of(record, case).items() if "median_ms" in row
    }
    others = [medians[name] for name in names if name in medians]
    if not others or "lrnlib" not in medians:
        return None
    return round(min(others) / medians["lrnlib"], 3)


def _radii(record):
    """Only if every radius was timed, so that none is passed over."""
    for op in SHARES:
        rows = [
            row
            for row in record["rows"]
            if (row["kind"], row["name"], row["subject"]) == (op, "depth_radius", "lrnlib")
        ]
        times = {row["depth_radius"]: row["median_ms"] for row in rows if "median_ms" in row}
        whole = set(times) == set(RADII)
        ratio = round(max(times.values()) / min(times.values()), 3) if whole else None
        yield f"{op}: depth_radius 1 to 7, dearest / cheapest", ratio, MOST, 1.2


def _accuracy(record):
    for betas, bar in ACCURACY:
        rows = [
            row for row in record["accuracy"] if row["subject"] == "lrnlib" and row["beta"] in betas
        ]
        errors = [row["error_ulp"] for row in rows if "error_ulp" in row]
        whole = rows and len(errors) == len(rows)
        yield f"error in ulp, beta in {betas}", max(errors) if whole else None, MOST, bar
