"""Every framework against every vector: a table, and what in it was not expected."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from lrnlib._validation import check_real
from lrnlib.conformance.adapters import FRAMEWORKS, adapter_of
from lrnlib.conformance.adapters.base import version
from lrnlib.conformance.checking import Outcome
from lrnlib.conformance.isolation import in_processes
from lrnlib.conformance.known_failures import reason
from lrnlib.conformance.table import as_html, as_text
from lrnlib.conformance.vector import PROPERTIES
from lrnlib.conformance.vectors import vectors

PATIENCE = 300.0  # seconds for one framework
LONGEST = 200  # characters of a failure


@dataclass(frozen=True)
class Row:
    """One framework.

    Attributes
    ----------
    framework, version, call : str
        Its name here, its package's version, and what is called.
    outcomes : dict of str to Outcome
        By the name of the vector; those it does not offer are missing.
    absent : str
        Why it was not run, if it was not.
    failure : str
        Why it did not come to its end, if it did not.
    """

    framework: str
    version: str
    call: str
    outcomes: Mapping[str, Outcome]
    absent: str = ""
    failure: str = ""

    def of(self, property: str) -> list[Outcome]:
        """The outcomes of the vectors of one property."""
        names = [vector.name for vector in vectors() if vector.property == property]
        return [self.outcomes[name] for name in names if name in self.outcomes]

    @cached_property
    def failing(self) -> list[Outcome]:
        """In the order of the vectors."""
        return [outcome for outcome in self.outcomes.values() if not outcome.passed]

    @property
    def first(self) -> str:
        """The first case that failed, or why the framework did not come to its end."""
        return self.failure or (self.failing[0].name if self.failing else "")

    def reason(self, outcome: Outcome) -> str:
        """Why this failure is expected; empty if it is not."""
        return reason(self.framework, self.version, outcome.name)

    @property
    def unexpected(self) -> list[str]:
        """New failures, and failures of the list that are none any more, in words."""
        title = f"{self.framework} {self.version}".rstrip()
        found = [f"{title}: {self.failure}"] if self.failure else []
        for outcome in self.outcomes.values():
            why = self.reason(outcome)
            if not outcome.passed and not why and outcome.detail != self.failure:
                found.append(f"{title}: {outcome.name} fails: {outcome.detail}")
            if outcome.passed and why:
                found.append(f"{title}: {outcome.name} passes, and is listed as failing: {why}")
        return found


@dataclass(frozen=True, repr=False)
class Report:
    """What `run` returns; as text, the table with errors; in a notebook, without."""

    rows: tuple[Row, ...]

    @property
    def unexpected(self) -> list[str]:
        """What differs from the list of expected failures, over all frameworks."""
        return [line for row in self.rows for line in row.unexpected]

    def __repr__(self) -> str:
        return f"Report(frameworks={len(self.rows)}, unexpected={len(self.unexpected)})"

    def __str__(self) -> str:
        return as_text(self.rows)

    def _repr_html_(self) -> str:
        return as_html(self.rows)

    def to_json(self) -> dict[str, Any]:
        """The same as a dict of JSON's types: every vector's outcome, and what is unexpected."""
        return {
            "lrnlib": version("lrnlib"),
            "properties": dict(PROPERTIES),
            "rows": [_row_to_json(row) for row in self.rows],
            "unexpected": self.unexpected,
        }


def run(frameworks: Iterable[str] | None = None, timeout: float = PATIENCE) -> Report:
    """Run every framework in a process of its own, and report.

    A framework that raises fails that vector; one that crashes or hangs ends with its row, and
    the others go on. GPUs are hidden from all but lrnlib and adapters of one's own, since the
    known failures are those on a CPU.

    Parameters
    ----------
    frameworks : iterable of str, optional
        Names of ``lrnlib.conformance.FRAMEWORKS``, or ``module:Class`` for an `Adapter` of
        one's own. None takes all; those not installed are named and left out.
    timeout : float, default 300
        Seconds that one framework may take; one that takes longer is ended, and its row says
        at which vector.

    Returns
    -------
    Report
        The rows in the order of the names.

    Raises
    ------
    TypeError
        If a name is not a str, or `timeout` not a number.
    ValueError
        If a name is unknown, or `timeout` is not from 1 second to a day.

    Examples
    --------
    >>> report = run(["lrnlib-numpy"])
    >>> report
    Report(frameworks=1, unexpected=0)
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
    return Report(tuple(_read(name, *ended) for name, ended in in_processes(names, seconds)))


def _read(name: str, lines: str, ended: str, errors: str) -> Row:
    """A row from the lines that its process wrote; `ended` is empty if it ended well."""
    events = [event for line in lines.splitlines() if (event := _event(line))]
    told = {key: value for event in events for key, value in event.items()}
    outcomes = {}
    for event in events:
        if outcome := event.get("outcome"):
            outcome["error"] = None if outcome["error"] is None else float(outcome["error"])
            outcomes[outcome["name"]] = Outcome(**outcome)
    row = Row(name, told.get("version", ""), (told.get("call") or "").strip(), outcomes,
              told.get("absent", ""))  # fmt: skip
    if row.absent or (told.get("finished") and not ended):
        return row
    in_hand = told.get("starts", "") if not told.get("finished") else ""
    at = f"at {in_hand}" if in_hand else "after the last vector"
    if "starts" not in told:
        at = "when it was made"
    said = (errors.splitlines() or [""])[-1]
    failure = f"{ended or 'its process ended'}, {at}" + (f": {said}" if said else "")
    if in_hand:
        outcomes[in_hand] = Outcome(in_hand, False, None, failure[:LONGEST])
    return replace(row, failure=failure[:LONGEST])


def _event(line: str) -> dict[str, Any]:
    """What a line says; nothing if the process was ended while it wrote it."""
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
        "absent": row.absent or None,
        "failure": row.failure or None,
        "cases": cases,
    }
