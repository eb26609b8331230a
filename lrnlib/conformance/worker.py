"""Run one framework; the process is started by `isolation`.

It writes lines of JSON: its version, and for each vector one line when it starts and one with
the outcome. So the report knows which vector was running if the process crashes or hangs.
"""

import json
import math
import os
from dataclasses import asdict
from importlib.util import find_spec
from threading import Thread
from typing import Any, TextIO

from lrnlib.conformance.adapters import Unavailable, adapter_of
from lrnlib.conformance.adapters.base import version
from lrnlib.conformance.comparison import run_vector
from lrnlib.conformance.vectors import vectors


def main(name: str) -> None:
    """Run every vector of the dtypes that the framework supports."""
    lines = _take_stdout()
    Thread(target=_exit_with_the_parent, daemon=True).start()
    adapter_type = adapter_of(name)
    _write(lines, call=adapter_type.__doc__, version=version(adapter_type.package))
    missing = [module for module in adapter_type.needs if find_spec(module) is None]
    if missing:
        _write(lines, skip_reason=f"{', '.join(missing)} is not installed")
        return
    try:
        adapter = adapter_type()
    except Unavailable as error:
        _write(lines, skip_reason=str(error))
        return
    for vector in vectors():
        if vector.dtype in adapter.dtypes and adapter.takes(vector.parameters):
            _write(lines, starts=vector.name)
            outcome = run_vector(vector, adapter.forward, adapter.gradient)
            _write(lines, outcome=outcome and asdict(outcome))
    _write(lines, finished=True)


def _exit_with_the_parent() -> None:
    """Exit when stdin closes: then the parent has ended, by whatever cause."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _take_stdout() -> TextIO:
    """Return the stdout that the parent reads; discard what the framework prints."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return lines


def _write(lines: TextIO, **event: Any) -> None:
    outcome = event.get("outcome")
    if outcome and outcome["error"] is not None and not math.isfinite(outcome["error"]):
        outcome["error"] = "inf"  # JSON has no infinity
    print(json.dumps(event), file=lines, flush=True)
