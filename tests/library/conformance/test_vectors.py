"""The test vectors detect the mistakes that they name, and right implementations pass."""

import itertools
import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import lrnlib
from lrnlib.conformance import FAULTS, PROPERTIES, Vector, check, export, vectors
from lrnlib.conformance.comparison import compare
from lrnlib.conformance.faulty_lrn import around, gradient, right
from lrnlib.conformance.vectors import spread, vector
from lrnlib.parameters import Parameters

DTYPES = ("float16", "bfloat16", "float32", "float64")
NAMES = [v.name for v in vectors()]


def passed(outcomes):
    """Return the names of the outcomes that passed."""
    return {outcome.name for outcome in outcomes if outcome.passed}


def failed(fault):
    """Return the names of the vectors that detect a faulty LRN."""
    callables = (None, fault.function) if fault.gradient else (fault.function, None)
    return {outcome.name for outcome in check(*callables, DTYPES, True) if not outcome.passed}


def test_every_property_has_vectors_with_names_of_their_own():
    """Names are unique, and the vectors are in the order of the properties."""
    assert len(set(NAMES)) == len(NAMES)
    properties = [name for name, _ in itertools.groupby(v.property for v in vectors())]
    assert properties == list(PROPERTIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_is_right(name):
    """Its input has rank 4, and its expected values are finite unless its name says otherwise."""
    v = vector(name)
    assert v.x.ndim == 4
    assert v.expected.shape == v.tolerance.shape == v.x.shape
    assert v.detects
    finite = np.isfinite(v.expected)
    assert np.all(v.tolerance[finite & (v.expected != 0)] > 0)
    if v.name.startswith(("nan-", "inf-", "zero-windows", "gradient-nan")):
        assert not finite.all()
        assert finite.any()
    else:
        assert finite.all()


def test_most_vectors_weigh_every_parameter():
    """In most, alpha times the window sum is from bias / 10 to 10 bias, and bias is not 1."""
    weighed = []
    for v in vectors():
        p = v.parameters
        with np.errstate(all="ignore"):
            ratio = np.median(p.alpha * around(v.x.astype(float) ** 2, p) / p.bias)
        weighed.append(p.bias != 1 and 0.1 < ratio < 10)
    assert sum(weighed) > 0.6 * len(weighed)


def test_plain_has_no_two_sizes_alike():
    """All four sizes differ, so that a wrong axis changes the result."""
    assert len(set(vector("plain").x.shape)) == 4


def test_even_windows_are_asked_for_on_request():
    """An implementation that takes radii only is not judged by them."""
    even = {v.name for v in vectors() if v.property == "even"}
    assert even == {v.name for v in vectors() if not isinstance(v.parameters.depth_radius, int)}
    assert not even & {outcome.name for outcome in check(right, gradient(), DTYPES)}


def test_the_spike_by_hand():
    """A 4 among ones, radius 3: 1/(1.5 + 7/2) = 0.2 beside it, and 1/(1.5 + 22/2) within."""
    v = vector("spike")
    clipped = [Fraction(1, 1) / (Fraction(3, 2) + Fraction(n, 2)) for n in (4, 5, 6)]
    within = [Fraction(value) / (Fraction(3, 2) + Fraction(22, 2)) for value in (1, 4)]
    by_hand = [*clipped, *[within[0]] * 3, within[1], *[within[0]] * 3, *clipped[::-1]]
    assert v.expected[0, 0, 0] == pytest.approx([float(value) for value in by_hand], rel=1e-15)


def test_numbers_are_those_of_the_generator_in_all_versions_of_numpy():
    """They are the first 24 bits of PCG64's numbers."""
    steps = spread((3,), 1).astype(float) * 2**22  # scale / 2**23 is 2**-22
    assert steps.tolist() == [198333, 7557526, -5970012]


def test_lrnlib_passes_every_vector(backend):
    """Forward and gradient, of all four dtypes."""
    gradient = lrnlib.local_response_normalization_grad
    outcomes = check(
        lambda x, p: lrnlib.lrn(x, **vars(p), backend=backend),
        lambda dy, x, p: gradient(dy, x, **vars(p), backend=backend),
        DTYPES,
        even_windows=True,
    )
    assert [outcome.name for outcome in outcomes] == NAMES
    assert passed(outcomes) == set(NAMES)


def test_faulty_lrns_are_right_without_their_mistake():
    """The functions that the faulty LRNs are built from pass every vector."""
    assert passed(check(right, gradient(), DTYPES, True)) == set(NAMES)


def plain_float32(x, p):
    """The obvious implementation, in the dtype of x."""
    y = np.empty_like(x)
    for i in range(x.shape[-1]):
        near = x[..., max(0, i - p.reach[0]) : i + p.reach[1] + 1]
        s = np.float32(p.bias) + np.float32(p.alpha) * (near * near).sum(-1)
        y[..., i] = x[..., i] * np.exp(-np.float32(p.beta) * np.log(s))
    return y


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_plain_implementation_in_float32_passes_but_for_its_range():
    """The tolerance requires nothing clever: a power by exp and log is accurate enough."""
    outcomes = check(plain_float32, even_windows=True)
    assert {o.name for o in outcomes} - passed(outcomes) == {"large", "small"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_detected_by_the_vector_meant_for_it(fault):
    """The vector that a fault names detects it."""
    assert fault.detected_by in failed(fault)


def test_faults_cover_every_property_and_vector():
    """Each fault has a name and a description; all properties and vectors detect something."""
    assert len({fault.name for fault in FAULTS if fault.mistake}) == len(FAULTS)
    assert {vector(fault.detected_by).property for fault in FAULTS} == set(PROPERTIES)
    assert set(NAMES) <= set().union(*map(failed, FAULTS))


@pytest.fixture
def plain():
    """A vector of float64, and its expected values as a result."""
    v = vector("plain")
    double = Vector("plain", "formula", "", v.x.astype(np.float64), v.parameters)
    return double, double.expected.copy()


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_error_beyond_the_tolerance_fails(plain, sign):
    """An error within it passes: elements are compared one by one."""
    v, y = plain
    at = (1, 2, 3, 4)
    y[at] = v.expected[at] + sign * 0.9 * v.tolerance[at]
    assert compare(v, y).passed
    y[at] = v.expected[at] + sign * 1.1 * v.tolerance[at]
    outcome = compare(v, y)
    assert not outcome.passed
    assert "at (1, 2, 3, 4)" in outcome.detail
    assert outcome.error == pytest.approx(1.1 * v.tolerance[at] / abs(v.expected[at]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_nan_or_infinity_for_a_number_fails(plain, value):
    """The error is infinite."""
    v, y = plain
    y[0, 0, 0, 0] = value
    outcome = compare(v, y)
    assert not outcome.passed
    assert outcome.error == np.inf


def test_a_number_for_a_nan_fails():
    """So does an infinity of the other sign."""
    nan = vector("nan-16-channels")
    right = nan.expected.astype(np.float32)
    assert compare(nan, right).passed
    assert not compare(nan, np.nan_to_num(right)).passed
    big = Vector("big", "range", "", np.full((1, 1, 1, 1), 1e200), Parameters(0, 0, 1, -1))
    assert np.isinf(big.expected)
    assert compare(big, big.expected).passed
    assert not compare(big, -big.expected).passed


@pytest.mark.parametrize(
    "change",
    [lambda y: y[:1], *(lambda y, t=t: y.astype(t) for t in (np.float32, np.complex128, "str"))],
)
def test_a_result_of_another_shape_or_dtype_fails(plain, change):
    """The detail names both; nothing is broadcast or cast."""
    v, y = plain
    outcome = compare(v, result := change(y))
    assert (outcome.passed, outcome.error) == (False, None)
    assert outcome.detail == f"a result of shape {result.shape}, {result.dtype}"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, TypeError, "check needs forward, gradient or both; both are None"),
        ({"dtypes": ("f32",)}, ValueError, r"float64, got \('f32',\)"),
        ({"dtypes": "float32"}, ValueError, "float64, got 'float32'"),
        ({"dtypes": (np.float32,)}, ValueError, "dtypes must be a tuple of bfloat16, float16, "),
    ],
)
def test_arguments_that_select_no_vector_are_errors(arguments, error, message):
    """The message lists the dtypes that there are."""
    forward = right if arguments else None
    with pytest.raises(error, match=message):
        check(forward, **arguments)


def breaks(x, p):
    raise KeyError("no such window")


@pytest.mark.parametrize(
    ("function", "detail"),
    [(breaks, "KeyError: 'no such window'$"), (lambda x, p: [[1], [2, 3]], "ValueError: ")],
)
def test_what_raises_or_returns_no_array_fails_by_its_message(function, detail):
    """The exception is the outcome, and the next vector is tried."""
    outcomes = check(function)
    assert len(outcomes) > 20
    assert all(re.match(detail, outcome.detail) for outcome in outcomes)


def test_an_implementation_cannot_change_a_vector():
    """It gets copies of the arrays."""

    def scribbles(x, p):
        x[...] = 0
        return x

    before = vector("plain").x.copy()
    check(scribbles)
    np.testing.assert_array_equal(vector("plain").x, before)


def test_exported_vectors_are_the_vectors(tmp_path):
    """The files hold the arrays, bfloat16 as float32; the manifest lists all files."""
    folder = export(tmp_path / "a" / "b")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in manifest["vectors"]] == NAMES
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", *(entry["file"] for entry in manifest["vectors"])
    }  # fmt: skip
    for entry, v in zip(manifest["vectors"], vectors(), strict=True):
        arrays = np.load(folder / entry["file"])
        assert set(arrays) == {"x", "expected", "allowed"} | ({"dy"} if v.dy is not None else set())
        np.testing.assert_array_equal(arrays["x"].astype(v.x.dtype), v.x)
        np.testing.assert_array_equal(arrays["expected"], v.expected)
        assert entry["detects"] == v.detects
        assert Parameters(**entry["parameters"]["lrnlib"]) == v.parameters


def test_the_manifest_has_the_arguments_of_every_framework(tmp_path):
    """They are null for a window that the framework does not accept; lrnlib has them all."""
    manifest = json.loads((export(tmp_path / "v") / "manifest.json").read_text("utf-8"))
    entries = {entry["name"]: entry["parameters"] for entry in manifest["vectors"]}
    assert entries["pixel-norm"]["cudnn"] is None
    assert entries["plain"]["cudnn"] == {
        "lrnN": 5, "lrnAlpha": 1.25, "lrnBeta": 0.75, "lrnK": 1.5
    }  # fmt: skip
    assert entries["one-sided"]["tensorflow"] is None
    assert entries["one-sided"]["lrnlib"]["depth_radius"] == [0, 5]


def test_exported_files_are_the_same_each_time(tmp_path):
    """They are the same byte by byte, so that they can be published and compared."""
    one, two = export(tmp_path / "one"), export(tmp_path / "two")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


def test_nothing_is_overwritten(tmp_path):
    """A file or a folder that is not empty is refused by name; an empty one is accepted."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    for name in ("full", "file"):
        with pytest.raises(FileExistsError, match=f"{name}' exists and is not an empty folder"):
            export(tmp_path / name)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert len(list(export(tmp_path / "empty").iterdir())) == len(NAMES) + 1


@pytest.mark.parametrize("existed", [False, True])
@pytest.mark.parametrize("step", ["savez", "replace"])
def test_an_error_leaves_no_files(tmp_path, monkeypatch, existed, step):
    """An error on the way leaves no folder, or the one that existed, empty."""
    owner = np if step == "savez" else Path
    original, done = getattr(owner, step), []

    def breaks(*args, **arrays):
        if len(done) == (3 if existed or step == "savez" else 0):
            raise OSError("no space left")
        done.append(original(*args, **arrays))

    if existed:
        (tmp_path / "vectors").mkdir()
    monkeypatch.setattr(owner, step, breaks)
    with pytest.raises(OSError, match="no space left"):
        export(tmp_path / "vectors")
    assert [path.name for path in tmp_path.iterdir()] == (["vectors"] if existed else [])
    assert not existed or list((tmp_path / "vectors").iterdir()) == []


def test_others_can_read_what_is_exported(tmp_path):
    """A new folder has the usual mode, and an existing one keeps its own."""
    (tmp_path / "any").mkdir()
    usual = (tmp_path / "any").stat().st_mode
    assert export(tmp_path / "new").stat().st_mode == usual
    assert export(tmp_path / "any").stat().st_mode == usual


def test_the_working_directory_can_be_exported_to(tmp_path, monkeypatch):
    """The folder "." may be named, if it is empty."""
    monkeypatch.chdir(tmp_path)
    assert len(list(export(".").iterdir())) == len(NAMES) + 1
    assert Path("manifest.json").exists()


# The loosest vector of each property: the median of its relative tolerances.
LOOSEST = {
    "formula": "2.8e-06", "axes": "1.6e-06", "even": "9.9e-06", "channels": "5.4e-05",
    "outlier": "1.0e-06",
    "nan-inf": "1.1e-05", "range": "1.5e-05", "zeros": "2.1e-06", "float64": "3.3e-14",
    "float16": "5.0e-04", "bfloat16": "3.9e-03", "gradient": "1.2e-05",
}  # fmt: skip


def test_no_tolerance_is_raised_unnoticed():
    """The tolerances are the derived ones; a looser one must be written here as well."""
    found = {}
    for v in vectors():
        with np.errstate(all="ignore"):
            median = np.nanmedian(np.where(v.expected == 0, np.nan, v.tolerance / abs(v.expected)))
        found[v.property] = max(found.get(v.property, 0), float(median))
    assert {name: f"{value:.1e}" for name, value in found.items()} == LOOSEST
