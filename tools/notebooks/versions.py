"""The versions that computed a chapter's outputs: recorded in it, and shown by a page."""

import importlib.metadata
import os
import platform
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import nbformat

from tools.notebooks.notebooks import Notebook, code_cells, imported

BACKENDS = {"cupy", "numba"}  # lrnlib imports them


def record(notebook: Notebook, seconds: float) -> dict[str, object]:
    """The date, the run time and the versions of what the chapter imports."""
    return {
        "date": date.today().isoformat(),
        "seconds": round(seconds),
        "system": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), **dict(sorted(installed(notebook)))},
    }


def installed(notebook: Notebook) -> Iterator[tuple[str, str]]:
    """The distribution and version of each library that the chapter uses."""
    names = {"lrnlib", "numpy"}
    for cell in code_cells(notebook):
        names |= imported(cell) | {name for name in BACKENDS if name in cell.source}
    distributions = importlib.metadata.packages_distributions()
    for name in names:
        for distribution in distributions.get(name, [])[:1]:
            yield distribution, importlib.metadata.version(distribution)


def recorded(chapter: Path) -> dict[str, object]:
    """The record in the chapter's metadata."""
    metadata = nbformat.read(chapter, as_version=4).metadata
    try:
        return metadata["lrnlib"]["executed"]
    except KeyError:
        raise ValueError(f"{chapter.name} has no record of its execution: make execute") from None


def tables(records: dict[str, dict[str, object]]) -> str:
    """Markdown tables of the records, which are by page, as `chapters/formula`."""
    lines = ["| chapter | executed on | run time |", "|---|---|---|"]
    found: dict[tuple[str, str], list[str]] = {}
    for name, each in records.items():
        minutes, seconds = divmod(each["seconds"], 60)
        time = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        lines.append(f"| [](/{name}.ipynb) | {each['date']}, {each['system']} | {time} |")
        for versioned in each["versions"].items():
            found.setdefault(versioned, []).append(name)
    lines += ["", "| library | version | chapters |", "|---|---|---|"]
    for (library, version), names in sorted(found.items()):
        where = ", ".join(f"[](/{name}.ipynb)" for name in names)
        shown = "all" if len(names) == len(records) else where
        lines.append(f"| {library} | {version} | {shown} |")
    return "\n".join(lines)
