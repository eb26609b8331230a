"""The records of GPU runs: the newest ones, and whether they are of the kernels that are here."""

import hashlib
import json
import xml.etree.ElementTree as ElementTree

from benchmarks.options import RESULTS


def newest(results=RESULTS):
    """The records of the latest day; several if several GPUs were measured on it."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in results.glob("gpu-*.json")]
    latest = max((record["date"] for record in records), default=None)
    return [record for record in records if record["date"] == latest]


def not_measured(kernels, results=RESULTS):
    """Why the records do not speak of the kernels in this file; None where they do."""
    records = newest(results)
    if not records:
        return "no GPU has run lrn.cu yet: `make gpu` on a machine with one"
    here = hashlib.sha256(kernels.read_bytes()).hexdigest()
    there = [record["lrn.cu"] for record in records]
    if here in there:
        return None
    return (
        f"lrn.cu has changed since the newest record, of {records[0]['date']}: its sha256 is "
        f"{here}, the record's {there[0]}; `make gpu` on a machine with a GPU"
    )


def counted(report):
    """How many tests passed, and how many were skipped, by pytest's report in JUnit's XML."""
    suites = list(ElementTree.parse(report).iter("testsuite"))
    count = {
        name: sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }
    if count["failures"] or count["errors"]:
        raise ValueError(f"{report} tells of tests that failed")
    return {"passed": count["tests"] - count["skipped"], "skipped": count["skipped"]}
