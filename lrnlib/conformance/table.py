"""The report as a table in text and in HTML."""

from collections.abc import Sequence
from html import escape

from lrnlib.conformance.comparison import Outcome
from lrnlib.conformance.row import Row
from lrnlib.conformance.vector import PROPERTIES

HEAD = ["framework", "version", *PROPERTIES, "first failing case"]


def as_text(rows: Sequence[Row]) -> str:
    """Return a line a framework, a column a property: the verdict, unless ok, and the error."""
    lines = [HEAD]
    for row in rows:
        cells = [f"not run: {row.skip_reason}"]
        if not row.skip_reason:
            cells = [*(_with_error(row, name) for name in PROPERTIES), row.first]
        lines.append([row.framework, row.version, *cells])
    return _aligned(lines)


def as_html(rows: Sequence[Row]) -> str:
    """Return the verdicts without the errors, which differ between processors."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in HEAD)
    body = "".join(map(_html_row, rows))
    return (
        f'<div style="overflow-x: auto"><table class="dataframe"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def verdict(row: Row, name: str) -> tuple[str, Outcome | None]:
    """Return the verdict on a property and the outcome with the largest error."""
    outcomes = row.of(name)
    if not outcomes:
        return "-", None
    failing = [outcome for outcome in outcomes if not outcome.passed]
    new = [outcome for outcome in failing if not row.reason(outcome)]
    fixed = [outcome for outcome in outcomes if outcome.passed and row.reason(outcome)]
    worst = max(
        new or failing or outcomes, key=lambda o: float("inf") if o.error is None else o.error
    )
    if failing:
        return ("FAIL!" if new else "FAIL"), worst
    return ("ok?" if fixed else "ok"), worst


def _with_error(row: Row, name: str) -> str:
    shown, outcome = verdict(row, name)
    if outcome is None:
        return shown
    error = "error" if outcome.error is None else f"{outcome.error:.0e}"
    return error if shown == "ok" else f"{shown} {error}"


def _aligned(lines: list[list[str]]) -> str:
    """Pad all columns but the last to their widest cells."""
    full = max(map(len, lines))
    widths = [max(len(line[i]) for line in lines if len(line) == full) for i in range(full - 1)]
    padded = ([*map(str.ljust, line[:-1], widths), line[-1]] for line in lines)
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


def _html_row(row: Row) -> str:
    title = f'<th scope="row">{escape(row.framework)}</th><td>{escape(row.version)}</td>'
    if row.skip_reason:
        span = len(PROPERTIES) + 1
        return f'<tr>{title}<td colspan="{span}">not run: {escape(row.skip_reason)}</td></tr>'
    cells = [verdict(row, name)[0] for name in PROPERTIES] + [row.first]
    return f"<tr>{title}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
