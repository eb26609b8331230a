"""A record as text: tables for people, and JSON with a line for each row."""

import json

COLUMNS = {
    "median_ms": "ms",
    "q1_ms": "q1",
    "q3_ms": "q3",
    "ratio_to_copy": "/copy",
    "ratio_to_tensorflow": "/TF",
    "achieved_over_bound": "of bound",
    "resident_mib": "resident MiB",
    "allocated_mib": "allocated MiB",
    "host_ms": "host ms",
    "gb_per_s": "GB/s",
    "share_of_copy": "of copy",
    "error_ulp": "ulp",
}


def print_rows(case, rows):
    """One case: a line for each implementation."""
    shape = "x".join(map(str, case.shape))
    title = f"{case.kind}: {case.name}, {case.dtype} {shape}, axis {case.axis}"
    print(f"\n{title}, depth_radius {case.depth_radius}, beta {case.beta}")
    used = [column for column in COLUMNS if any(column in row for row in rows)]
    print(f"{'':14}" + "".join(f"{COLUMNS[column]:>14}" for column in used))
    for row in rows:
        values = "".join(f"{row.get(column, ''):>14}" for column in used)
        remark = "" if row["status"] in ("timed", "measured") else row["status"]
        line = f"{row['implementation']:14}{values}  {remark} {row.get('reason', '')}"
        print(line.rstrip(), flush=True)


def print_targets(rows):
    """The numbers to reach, and whether they were reached."""
    met = {True: "met", False: "NOT met", None: "not measured"}
    width = max(len(row["what"]) for row in rows)
    print(f"\n{'':{width}}  measured  target")
    for row in rows:
        measured = "-" if row["measured"] is None else row["measured"]
        print(f"{row['what']:{width}}{measured:>10}{row['target']:>8}  {met[row['met']]}")


def as_json(record):
    """JSON with each row of a table on one line, so that two records can be compared."""
    parts = []
    for key, value in record.items():
        if isinstance(value, list):
            lines = ",\n".join(f"  {json.dumps(row)}" for row in value)
            text = f"[\n{lines}\n ]" if value else "[]"
        else:
            text = json.dumps(value, indent=1).replace("\n", "\n ")
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
