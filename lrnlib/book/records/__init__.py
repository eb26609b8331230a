"""Dated results of the benchmarks, as package data: the chapters need no network for them."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def newest(kind: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The records of the latest day: several if several machines were measured on it."""
    paths = sorted(folder.glob(f"{kind}-*.json"))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    latest = max((record["date"] for record in records), default=None)
    return [record for record in records if record["date"] == latest]


def load(kind: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The newest record of a kind, "cpu", "keras", "torch", "gpu" or "machine_code"."""
    records = newest(kind, folder)
    if not records:
        raise FileNotFoundError(f"there is no record of kind {kind!r} in {folder}")
    return records[-1]
