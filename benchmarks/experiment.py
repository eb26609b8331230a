"""Trains a small network on Fashion-MNIST, with LRN and with what may stand in its place.

`make experiment` takes about twenty minutes on two cores. It may be stopped at any time: runs that
are finished are kept in _build/experiment.json, and the next call goes on from there. At the end
it writes benchmarks/results/experiment-DATE-CORES-cores.json:

``kind``, ``date``, ``seconds``
    "experiment"; the day of the end; the time of all runs together.
``machine``, ``versions``
    As in the records of `benchmarks.run`.
``plan``
    The sizes of everything, below.
``searches``
    For each ``setting`` and ``variant`` the learning ``rate`` found, and the ``accuracy`` of
    each rate tried, on held-out training images. "matched" has none: it is the constant at the
    rate of the paper's LRN.
``runs``
    For each setting, variant and ``seed``: the ``accuracy`` on the test images; for each
    ``layers`` of normalization its input's ``quantiles`` (of the responses above 0) and, for
    LRN, ``sum_over_bias``, the median of alpha S / k, and ``not_constant``, the share of its
    result that no constant explains. ``swap``, for LRN: each layer replaced by its best of the
    ``constants``, without training; ``accuracy`` then, and ``agreement``, the share of the
    predictions that stay. ``diverged`` is true if a weight is not finite.

The book reads a summary of it, written to lrnlib/book/records: ``rates``, ``accuracies``,
``swaps`` and ``scales`` for each setting and variant.
"""

import argparse
import datetime
import json
import os
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import machine, training
from benchmarks.training import MATCHED, PLAN, SEARCHED, SETTINGS, VARIANTS
from lrnlib.book import records
from tools.gpu import ROOT

PROGRESS = ROOT / "_build/experiment.json"
RESULTS = ROOT / "benchmarks/results"


@dataclass(frozen=True)
class Task:
    """A search for a rate, if it has no seed, or a run."""

    setting: str
    variant: str
    seed: int | None = None

    @property
    def name(self):
        what = "rate" if self.seed is None else f"seed {self.seed}"
        return f"{self.setting}, {self.variant}, {what}"


def tasks(seeds):
    """All searches, then the runs seed by seed, so that a part treats all variants alike."""
    return [
        Task(setting, variant, seed)
        for seed in (None, *range(seeds))
        for setting in SETTINGS
        for variant in (SEARCHED if seed is None else VARIANTS)
    ]


class Progress:
    """What is finished, in a file that is replaced as a whole after each task."""

    def __init__(self, path, plan):
        self._path = path
        self.origin = {"plan": plan, "versions": machine.versions()}
        self.done = {}
        if path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["origin"] != self.origin:
                sys.exit(f"{path} was begun with another plan or other versions: remove it first")
            self.done = stored["done"]

    def add(self, task, result):
        self.done[task.name] = asdict(task) | result
        write(self._path, json.dumps({"origin": self.origin, "done": self.done}))


def write(path, text):
    """Replace the file, or leave it as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def finish(progress, todo, trainer):
    """Do what is not done yet, and show how far it is."""
    left = [task for task in todo if task.name not in progress.done]
    bar(len(todo) - len(left), len(todo), "")
    start = time.perf_counter()
    for count, task in enumerate(left, start=1):
        began = time.perf_counter()
        if task.seed is None:
            result = trainer.search(task.setting, task.variant)
        else:
            searched = Task(task.setting, MATCHED.get(task.variant, task.variant))
            rate = progress.done[searched.name]["rate"]
            result = trainer.run(task.setting, task.variant, task.seed, rate)
        progress.add(task, result | {"seconds": round(time.perf_counter() - began, 1)})
        minutes = (time.perf_counter() - start) / count * (len(left) - count) / 60
        bar(len(todo) - len(left) + count, len(todo), f"{minutes:3.0f} min left, {task.name}")
    print(file=sys.stderr)


def bar(done, total, text):
    """One line that is written over, on a terminal; a line each, in a file."""
    filled = 30 * done // total
    line = f"[{'#' * filled}{'.' * (30 - filled)}] {done}/{total} {text}"
    begin, end = ("\r", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{begin}{line:<78}", end=end, file=sys.stderr, flush=True)


def record(progress, todo):
    """The record of all tasks."""
    rows = [progress.done[task.name] for task in todo]
    return {
        "kind": "experiment",
        "date": datetime.date.today().isoformat(),
        "seconds": round(sum(row["seconds"] for row in rows)),
        "machine": machine.machine(),
        **progress.origin,
        "searches": [row for row in rows if row["seed"] is None],
        "runs": [row for row in rows if row["seed"] is not None],
    }


def summary(full):
    """The part that the book reads: for each setting and variant what its seeds gave."""
    kept = ("kind", "date", "seconds", "machine", "versions", "plan")
    short = {key: full[key] for key in kept}
    short |= {"rates": {}, "accuracies": {}, "swaps": {}, "scales": {}}
    for row in full["runs"]:
        where = row["setting"], row["variant"]
        short["rates"].setdefault(row["setting"], {})[row["variant"]] = row["rate"]
        _at(short["accuracies"], where).append(row["accuracy"])
        if "swap" in row:
            swap = {key: row["swap"][key] for key in ("accuracy", "agreement")}
            _at(short["swaps"], where).append(swap)
        _at(short["scales"], where).append(row.get("layers", []))
    for variants in short["scales"].values():
        variants.update({name: _medians(runs) for name, runs in variants.items()})
    return short


def _at(table, where):
    setting, variant = where
    return table.setdefault(setting, {}).setdefault(variant, [])


def _medians(runs):
    """Of each layer's numbers, over the runs that did not diverge."""
    return [
        {key: _median([layer[key] for layer in layers]) for key in layers[0]}
        for layers in zip(*filter(None, runs), strict=True)
    ]


def _median(values):
    if isinstance(values[0], dict):
        return {key: _median([value[key] for value in values]) for key in values[0]}
    return statistics.median(values)


def main(arguments=None, trainer=training.Trainer):
    """Run what is missing, and write the record."""
    parser = argparse.ArgumentParser(prog="benchmarks.experiment")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each variant (5)")
    images = PLAN["images"]
    parser.add_argument("--images", type=int, default=images, help=f"to train with ({images})")
    parser.add_argument("--progress", type=Path, default=PROGRESS, help="where runs are kept")
    options = parser.parse_args(arguments)
    plan = PLAN | {"images": options.images}
    todo, progress = tasks(options.seeds), Progress(options.progress, plan)
    try:
        finish(progress, todo, trainer(plan))
    except FileNotFoundError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(f"\nStopped: {len(progress.done)} of {len(todo)} are kept; the next call goes on.")
    full = record(progress, todo)
    name = f"experiment-{full['date']}-{full['machine']['cores']}-cores.json"
    for folder, content in ((RESULTS, full), (records.FOLDER, summary(full))):
        write(folder / name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        print(f"The record: {folder / name}")


if __name__ == "__main__":
    main()
