"""The experiment keeps what is finished, goes on from there, and writes what it documents."""

import gzip
import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import experiment
from benchmarks.training import SEARCHED, SETTINGS, VARIANTS, climb, describe
from lrnlib.book import network, records

STORED = records.FOLDER
RATES = {"paper": 0.5}
SWAP = {"constants": [0.5, 0.5], "accuracy": 0.75, "agreement": 0.5}
LAYERS = [describe(np.full((1, 8), value), np.ones((1, 8)), (2, 2.0, 1e-4)) for value in (1, 2)]


class FakeTrainer:
    """Its results name the task; it is stopped after as many tasks as `stop` says."""

    def __init__(self, stop=None):
        self.stop, self.calls = stop, []

    def _called(self, *task):
        self.calls.append(task)
        if len(self.calls) == self.stop:
            raise KeyboardInterrupt

    def search(self, setting, variant):
        self._called(setting, variant, None)
        return {"rate": RATES.get(variant, 0.1), "accuracy": {"0.1": 0.5}}

    def run(self, setting, variant, seed, rate):
        self._called(setting, variant, seed)
        result = {"rate": rate, "accuracy": (80 + seed) / 100}
        if variant == "rms":
            return result | {"diverged": True}
        return result | {"layers": LAYERS} | ({"swap": SWAP} if variant == "paper" else {})


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A call of `make experiment` with two seeds, in a folder of its own."""
    monkeypatch.setattr(experiment, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(records, "FOLDER", tmp_path / "records")
    monkeypatch.setattr(experiment.machine, "versions", lambda: {"lrnlib": "0"})

    def call(trainer, *more):
        path = tmp_path / "progress.json"
        arguments = ["--seeds", "2", "--progress", str(path), *more]
        experiment.main(arguments, lambda plan: trainer)
        return trainer

    return call


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_stopped_experiment_goes_on_where_it_was(run, tmp_path):
    todo = experiment.tasks(2)
    with pytest.raises(SystemExit, match=f"Stopped: 29 of {len(todo)} are kept"):
        run(FakeTrainer(stop=30))
    assert files(tmp_path) == ["progress.json"]
    rest = run(FakeTrainer()).calls
    assert rest == [(task.setting, task.variant, task.seed) for task in todo[29:]]
    assert run(FakeTrainer()).calls == []


def test_the_record_and_its_summary_hold_every_run(run, tmp_path):
    run(FakeTrainer())
    (path,) = (tmp_path / "results").iterdir()
    full = json.loads(path.read_text(encoding="utf-8"))
    short = records.load("experiment", tmp_path / "records")
    for setting in SETTINGS:
        expected = {variant: [0.8, 0.81] for variant in VARIANTS}
        assert short["accuracies"][setting] == expected
        assert short["swaps"][setting] == {"paper": [{"accuracy": 0.75, "agreement": 0.5}] * 2}
        assert short["scales"][setting]["paper"] == LAYERS
    rates = {row["variant"]: row["rate"] for row in full["runs"]}
    assert (rates["matched"], rates["constant"]) == (RATES["paper"], 0.1)
    assert all(short["rates"][setting] == rates for setting in SETTINGS)
    assert short["scales"]["0 to 1"]["rms"] == []
    assert len(full["searches"]) == len(SETTINGS) * len(SEARCHED)
    assert len(full["runs"]) == 2 * len(SETTINGS) * len(VARIANTS)


def test_the_books_summary_is_that_of_the_newest_record():
    full = records.load("experiment", STORED.parents[2] / "benchmarks/results")
    assert records.load("experiment") == experiment.summary(full)


def test_every_key_is_documented(run, tmp_path):
    """Also those of the records that are stored."""
    run(FakeTrainer())
    stored = [STORED, STORED.parents[2] / "benchmarks/results"]
    for folder in (tmp_path / "results", tmp_path / "records", *stored):
        for record in records.newest("experiment", folder):
            rows = [*record.get("searches", []), *record.get("runs", [])]
            for key in {*record, *(key for row in rows for key in row)}:
                assert f"``{key}``" in experiment.__doc__


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "progress.json"
    experiment.write(path, "old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        experiment.write(path, "new")
    assert (files(tmp_path), path.read_text()) == (["progress.json"], "old")


def test_runs_of_another_plan_are_not_mixed_in(run):
    with pytest.raises(SystemExit):
        run(FakeTrainer(stop=2))
    with pytest.raises(SystemExit, match="begun with another plan or other versions"):
        run(FakeTrainer(), "--images", "9")


def test_without_the_data_one_error_says_how_to_get_them(run, tmp_path, monkeypatch):
    """Nothing is written then."""

    def load_data():
        raise OSError("no route to host")

    datasets = SimpleNamespace(fashion_mnist=SimpleNamespace(load_data=load_data))
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(datasets=datasets))
    with pytest.raises(FileNotFoundError, match="no route to host"):
        network.fashion_mnist(tmp_path / "absent")
    monkeypatch.setattr(network.fashion_mnist, "__defaults__", (tmp_path / "absent",))
    with pytest.raises(SystemExit, match="apt install dataset-fashion-mnist"):
        experiment.main(["--progress", str(tmp_path / "progress.json")])
    assert files(tmp_path) == []


def test_debians_files_are_read(tmp_path):
    """Their headers have 16 and 8 bytes."""
    for name, count in (("train", 2), ("t10k", 1)):
        pixels, labels = bytes(range(196)) * 4 * count, bytes(range(count))
        contents = {"images-idx3": bytes(16) + pixels, "labels-idx1": bytes(8) + labels}
        for kind, content in contents.items():
            (tmp_path / f"{name}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
    (x, labels), (x_test, labels_test) = network.fashion_mnist(tmp_path)
    assert (x.shape, x_test.shape, *labels, *labels_test) == ((2, 28, 28), (1, 28, 28), 0, 1, 0)
    assert list(x[1, 27, -3:]) == [193, 194, 195]


@pytest.mark.parametrize(
    ("scores", "best"),
    [({0.1: 5, 0.03162: 7, 0.01: 6}, 0.03162), ({0.1: 5, 0.3162: 9, 1.0: 8}, 0.3162),
     ({0.01: 9, 0.003162: 8}, 0.01), ({}, 3.162e-05)],
)  # fmt: skip
def test_the_search_climbs_and_leaves_a_plateau_downwards(scores, best):
    """A rate without a score gives chance, as rates do that are far too high."""
    assert climb(lambda rate: scores.get(rate, 1), 0.1)["rate"] == best


def test_what_a_layer_does_is_described():
    """Sums over clipped windows, by loops; a constant has no part that is not constant."""
    a = np.maximum(np.random.default_rng(3).normal(size=(5, 9)), 0)
    sums = [[sum(row[max(0, i - 2) : i + 3] ** 2) for i in range(9)] for row in a]
    row = describe(a, 0.6 * a, (2, 2.0, 0.1))
    assert row["sum_over_bias"] == pytest.approx(np.median(np.array(sums)[a > 0]) * 0.1 / 2)
    assert row["not_constant"] == pytest.approx(0, abs=1e-7)
    assert row["quantiles"]["maximum"] == a.max()
    assert network.not_constant(np.array([1.0, 0]), np.array([3.0, 4])) == pytest.approx(0.8)
