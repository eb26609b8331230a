"""A record as text: tables for people, and JSON with a line for each row."""

import json
import re

COLUMNS = {
    "median_ms": "ms",
    "q1_ms": "q1",
    "q3_ms": "q3",
    "ratio_to_copy": "/copy",
    "ratio_to_fused_c": "/fused C",
    "ratio_to_tensorflow": "/TF",
    "achieved_over_bound": "of bound",
    "resident_mib": "resident MiB",
    "allocated_mib": "allocated MiB",
    "host_ms": "host ms",
    "gb_per_s": "GB/s",
    "share_of_copy": "of copy",
    "error_ulp": "ulp",
    "measured": "measured",
    "target": "target",
}
MET = {True: "met", False: "NOT met", None: "not measured"}


def print_rows(title, rows, first="implementation"):
    """A line for each row, with those of the columns that any of them has."""
    used = [column for column in COLUMNS if any(row.get(column) is not None for row in rows)]
    width = max((len(row[first]) for row in rows), default=0) + 2
    print(f"\n{title}\n{'':{width}}" + "".join(f"{COLUMNS[column]:>14}" for column in used))
    for row in rows:
        values = "".join(f"{'-' if (v := row.get(c)) is None else v:>14}" for c in used)
        status = MET[row["met"]] if "met" in row else row["status"]
        remark = "" if status in ("timed", "measured") else status
        line = f"{row[first]:{width}}{values}  {remark} {row.get('reason', '')}"
        print(line.rstrip(), flush=True)


def as_json(record):
    """JSON with each row of a table on one line, so that two records can be compared."""
    text = json.dumps(record, indent=1)  # by one space, so that a row's values have three
    text = re.sub(r",\n {3,}", ", ", text)
    return re.sub(r"\n {3,}|\n  (?=[]}])", "", text) + "\n"
