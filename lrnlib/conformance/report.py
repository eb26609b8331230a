"""Run every framework against every vector and report what was not expected."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from lrnlib._validation import check_real
from lrnlib.conformance.adapters import FRAMEWORKS, adapter_of
from lrnlib.conformance.adapters.base import version
from lrnlib.conformance.comparison import Outcome
from lrnlib.conformance.isolation import run_isolated
from lrnlib.conformance.row import Row
from lrnlib.conformance.table import as_html, as_text
from lrnlib.conformance.vector import PROPERTIES

TIMEOUT = 300.0  # seconds for one framework
MAX_FAILURE = 200  # characters


@dataclass(frozen=True, repr=False)
class Report:
    """The result of `run`: prints as a table with errors; a notebook shows it without them."""

    rows: tuple[Row, ...]

    @property
    def unexpected(self) -> list[str]:
        """New failures and known failures that passed, of all frameworks."""
        return [line for row in self.rows for line in row.unexpected]

    def __repr__(self) -> str:
        return f"Report(frameworks={len(self.rows)}, unexpected={len(self.unexpected)})"

    def __str__(self) -> str:
        return as_text(self.rows)

    def _repr_html_(self) -> str:
        return as_html(self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return every outcome, and what is unexpected, in a dict that JSON can hold."""
        return {
            "lrnlib": version("lrnlib"),
            "properties": dict(PROPERTIES),
            "rows": [_row_to_json(row) for row in self.rows],
            "unexpected": self.unexpected,
        }


def run(frameworks: Iterable[str] | None = None, timeout: float = TIMEOUT) -> Report:
    """Run every framework in a subprocess of its own, and report the outcomes.

    If a framework raises, that vector fails; if it crashes or hangs, its row ends there, and
    the others go on. GPUs are hidden from all but lrnlib-cupy and your own adapters, since the
    known failures are those on a CPU.

    Parameters
    ----------
    frameworks : iterable of str, optional
        Names of ``lrnlib.conformance.FRAMEWORKS``, or ``module:Class`` for an `Adapter` of
        your own. None means all; those that are not installed are reported as not run.
    timeout : float, default 300
        Seconds that one framework may take; then it is killed, and its row says at which
        vector.

    Returns
    -------
    Report
        Its rows are in the order of the names.

    Raises
    ------
    TypeError
        If a name is not a str, or `timeout` not a number.
    ValueError
        If a name is unknown, or `timeout` is not from 1 second to a day.

    Examples
    --------
    >>> report = run(["lrnlib-numpy"])
    >>> report.unexpected
    []
    >>> [row.outcomes["plain"].passed for row in report.rows]
    [True]
    """
    if isinstance(frameworks, str):
        raise TypeError(f"frameworks must be an iterable of names, got the str {frameworks!r}")
    names = list(FRAMEWORKS if frameworks is None else frameworks)
    for name in names:
        if not isinstance(name, str) or ":" not in name:
            adapter_of(name)
    seconds = check_real("timeout", timeout, low=1, high=86400)
    return Report(tuple(_parse(name, *result) for name, result in run_isolated(names, seconds)))


def _parse(name: str, lines: str, failed: str, errors: str) -> Row:
    """Return the row for the output of a process; `failed` is empty if it exited with 0."""
    events = [event for line in lines.splitlines() if (event := _event(line))]
    told = {key: value for event in events for key, value in event.items()}
    outcomes = {}
    for event in events:
        if outcome := event.get("outcome"):
            outcome["error"] = None if outcome["error"] is None else float(outcome["error"])
            outcomes[outcome["name"]] = Outcome(**outcome)
    call = (told.get("call") or "").strip()
    row = Row(name, told.get("version", ""), call, outcomes, told.get("skip_reason", ""))
    if row.skip_reason or (told.get("finished") and not failed):
        return row
    running = told.get("starts", "") if not told.get("finished") else ""
    at = f"at {running}" if running else "after the last vector"
    if "starts" not in told:
        at = "when it was made"
    last_line = (errors.splitlines() or [""])[-1]
    failure = f"{failed or 'its process ended'}, {at}" + (f": {last_line}" if last_line else "")
    failure = failure[:MAX_FAILURE]
    if running:
        outcomes[running] = Outcome(running, False, None, failure)
    return replace(row, failure=failure)


def _event(line: str) -> dict[str, Any]:
    """Parse a line; return {} if the process was killed while writing it."""
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return event


def _row_to_json(row: Row) -> dict[str, Any]:
    cases = []
    for outcome in row.outcomes.values():
        finite = outcome.error is not None and math.isfinite(outcome.error)
        case = asdict(outcome) | {"error": outcome.error if finite else None}
        cases.append(case | {"expected_failure": row.reason(outcome) or None})
    return {
        "framework": row.framework,
        "version": row.version,
        "call": row.call,
        "absent": row.skip_reason or None,
        "failure": row.failure or None,
        "cases": cases,
    }
