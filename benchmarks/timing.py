"""Interleaved rounds: one call of each subject in each, so that all meet the same machine."""

import time

import numpy as np

from benchmarks.checking import Sample, limit
from benchmarks.worker import SubjectError

BUDGET = 12.0  # seconds of calls for one case
ROUNDS = (7, 41)  # at least, at most
# OpenMP's and onnxruntime's threads look for more work for some milliseconds after a call.
SETTLE = 0.02


def time_case(case, workers, quick=False):
    """A row for each subject: timed, or why it was not."""
    sample = Sample(case)
    rows = {
        name: start_row(case, worker, sample, copies=name == "copy")
        for name, worker in workers.items()
    }
    right = {name: worker for name, worker in workers.items() if rows[name]["status"] == "timed"}
    for name, seconds in interleaved(right, quick).items():
        if isinstance(seconds, str):
            rows[name] |= {"status": "left out", "reason": seconds}
        else:
            rows[name] |= statistics(seconds, case)
    for name, row in rows.items():
        row |= ratios(name, case, rows)
    return [case.parameters() | {"subject": name} | row for name, row in rows.items()]


def start_row(case, worker, sample, copies):
    """Prepare and check: nothing wrong is timed."""
    try:
        worker.ask("prepare", case)
        error = sample.error(worker, copies)
    except SubjectError as refusal:
        return {"status": "left out", "reason": str(refusal)}
    status = "timed" if error <= limit(case) else "wrong"
    return {"status": status, "error_ulp": short(error)}


def interleaved(workers, quick):
    """The seconds of each call by subject; a subject that fails on the way has its reason."""
    first, failed = one_round(workers, list(workers))
    total = sum(first.values()) + SETTLE * len(first)
    rounds = 3 if quick else int(np.clip(BUDGET / max(total, SETTLE), *ROUNDS))
    times = {name: [] for name in first}
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        order = [name for name in rng.permutation(list(times)) if name not in failed]
        seconds, broken = one_round(workers, order)
        failed |= broken
        for name, value in seconds.items():
            times[name].append(value)
    return times | failed


def one_round(workers, order):
    """Seconds of one call of each subject, and the reasons of those that failed."""
    seconds, failed = {}, {}
    for name in order:
        time.sleep(SETTLE)
        try:
            seconds[name] = workers[name].ask("time")
        except SubjectError as refusal:
            failed[name] = str(refusal)
    return seconds, failed


def statistics(seconds, case):
    """The median and the quartiles, and the median as nanoseconds of an element."""
    q1, median, q3 = 1000 * np.quantile(seconds, [0.25, 0.5, 0.75])
    return {
        "rounds": len(seconds),
        "median_ms": short(median),
        "q1_ms": short(q1),
        "q3_ms": short(q3),
        "ns_per_element": short(median * 1e6 / case.elements),
    }


def ratios(name, case, rows):
    """The median over the copy's and TensorFlow's, and the bound over the median.

    The bound is the time in which the bytes that must move do so at the copy's bandwidth.
    """
    medians = {subject: row["median_ms"] for subject, row in rows.items() if "median_ms" in row}
    if name not in medians:
        return {}
    mine, copied = medians[name], medians.get("copy")
    found = {
        f"ratio_to_{other}": short(mine / medians[other])
        for other in ("copy", "tensorflow")
        if other in medians
    }
    if copied and name != "copy":
        bound = copied * case.bytes_moved / (2 * case.bytes_result)
        found |= {"bound_ms": short(bound), "achieved_over_bound": short(bound / mine)}
    return found


def short(value):
    """Four digits: more would be noise in every record's difference."""
    return float(f"{value:.4g}")
