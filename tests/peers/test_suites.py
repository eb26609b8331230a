"""Ported tests of other projects: right LRN passes them, and which faulty ones each detects."""

from dataclasses import astuple

import numpy as np
import pytest

from lrnlib import reference
from lrnlib.conformance.faults import FAULTS, Fault
from lrnlib.conformance.faulty_lrn import gradient, identity, right
from lrnlib.conformance.suites import (
    SUITES,
    Suite,
    cases_of,
    detected_by_vectors,
    detection_rates,
    detects,
)

DRAWS = 20
RIGHT = {False: right, True: gradient()}
BY_NAME = {fault.name: fault for fault in FAULTS}
FORWARD = {fault.name for fault in FAULTS if not fault.gradient}
GRADIENT = set(BY_NAME) - FORWARD

# No suite has data for these: hundreds of channels, outliers, NaN, the ends of the range, half
# types with large values, float64 to its last digits, and even windows.
NOWHERE = {
    "at-most-15", "running-sum", "running-sum-384", "prefix-sum", "band-product",
    "zeros-for-nans", "squares-overflow", "at-least-1e-12", "zero-guarded", "half-squares",
    "half-sums", "cut-off", "float32-inside", "rounded-parameters", "running-shares",
    "nan-everywhere", "gradient-in-float32", "even-mirrored", "even-as-odd",
}  # fmt: skip

PYTORCH_ALONE = {"gradient-not-mirrored"}  # has even windows, of which it compares no values

# Detected by the suites without random data, and by the one draw that TensorFlow's seed gives.
DETECTED = {
    "tensorflow": set(BY_NAME) - NOWHERE - PYTORCH_ALONE - {"by-the-largest"},
    "onnx": {"identity", "bias-outside", "bias-is-1", "beta-is-0.75", "beta-halved"},
    "paddle": FORWARD - NOWHERE - {
        "all-channels", "shifted-edges", "one-more-before", "one-more-after", "one-more",
        "size-as-radius", "odd-radius-less-one", "first-kept", "beta-is-0.75", "by-the-largest",
    } | {"no-alpha"},
    "onednn": set(BY_NAME) - NOWHERE - PYTORCH_ALONE,
    "onednn-half": GRADIENT - NOWHERE - PYTORCH_ALONE - {"own-base"} | {
        "identity", "all-channels", "alpha-undivided", "square-of-sum", "bias-outside",
        "bias-is-1", "beta-halved", "by-the-largest",
    },
    "miopen": FORWARD - NOWHERE - {
        "odd-radius-less-one", "bias-outside", "bias-is-1", "by-the-largest",
    },
}  # fmt: skip


def suite(name: str) -> Suite:
    """Return the suite, or skip the test if its data are not installed."""
    if needs := SUITES[name].needs:
        pytest.importorskip(needs)
    return SUITES[name]


@pytest.mark.parametrize("name", SUITES)
def test_right_lrn_passes_every_draw(name):
    """The right LRN is within every suite's tolerance in all draws used."""
    for seed in range(DRAWS if suite(name).random else 1):
        for case in cases_of(SUITES[name], seed):
            assert case.passes(RIGHT[case.dy is not None]), (seed, case.x.shape, case.parameters)


@pytest.mark.parametrize("name", SUITES)
def test_suite_says_what_it_is(name):
    """Each has a source with a version, and a note."""
    assert SUITES[name].name == name
    assert "@" in SUITES[name].source or "2.13.0" in SUITES[name].source
    assert SUITES[name].note.endswith(".")


@pytest.mark.parametrize("name", SUITES)
def test_suite_without_forward_cases_compares_no_values(name):
    """A suite compares values exactly if it has a forward case."""
    forward = any(case.dy is None for case in cases_of(suite(name), 0))
    assert forward == SUITES[name].compares_values


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.random])
def test_draws_differ(name):
    """Two draws of a suite with random data differ."""
    first, second = (cases_of(SUITES[name], seed)[0].x for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", DETECTED)
def test_detected(name):
    """Each run of the suite detects exactly these faulty LRNs."""
    assert {fault.name for fault in FAULTS if detects(suite(name), fault, 1)} == DETECTED[name]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_vectors_detect_all(fault):
    """lrnlib's own vectors detect every faulty LRN."""
    assert detected_by_vectors(fault) == 1


@pytest.mark.parametrize("name", sorted(NOWHERE))
def test_no_suite_detects(name):
    """These mistakes, some made by current frameworks, show in no draw of any suite."""
    shares = [detects(suite, BY_NAME[name], DRAWS) for suite in SUITES.values() if suite.available]
    assert shares == [0] * len(shares)


def test_only_pytorch_has_even_windows():
    """It notices a gradient that is not mirrored in each draw, and no other suite does."""
    fault = BY_NAME["gradient-not-mirrored"]
    shares = {name: detects(suite, fault, 5) for name, suite in SUITES.items() if suite.available}
    assert {name: share for name, share in shares.items() if share} == {"torch": 1}


def test_tensorflow_draws_what_is_published():
    """Draw 0 has the shapes and parameters that TensorFlow's own seed gives."""
    cases = cases_of(SUITES["tensorflow"], 0)[:4]
    assert [case.x.shape for case in cases] == [
        (12, 13, 1, 14), (4, 12, 8, 6), (4, 14, 11, 14), (10, 11, 14, 14),
    ]  # fmt: skip
    assert [str(case.x.dtype) for case in cases] == ["float32", "float16"] * 2
    assert [tuple(round(n, 4) for n in astuple(case.parameters)) for case in cases] == [
        (1, 1.0059, 0.3223, 0.6875), (5, 1.4176, 1.2995, 0.9434),
        (4, 1.1707, 0.0443, 1.5764), (2, 1.5936, 0.8471, 0.0392),
    ]  # fmt: skip


def test_onednn_data_are_as_benchdnn_fills_them():
    """They repeat after 16 elements, channels first, so that with 16 x 16 all channels agree."""
    case = cases_of(SUITES["onednn"], 0)[1]
    assert case.x[0, 0, :5, 0].tolist() == [-3, 0, 3, 6, -7]
    assert case.dy[0, 0, :5, 0].tolist() == [-7, -8, 7, 6, 5]
    np.testing.assert_array_equal(case.x, np.broadcast_to(case.x[..., :1], case.x.shape))


def test_chainer_oracle_is_a_wrong_lrn():
    """Its oracle sums four channels of five, and so does this LRN that passes every draw."""
    assert detects(SUITES["chainer"], BY_NAME["one-less-after"], DRAWS) == 0


def test_torch_compares_no_values():
    """Neither of PyTorch's suites detects an LRN that returns its input."""
    for name in ("torch", "torch-crossmap"):
        assert detects(SUITES[name], BY_NAME["identity"], DRAWS) == 0


def test_jacobian_holds_the_gradient_of_each_output():
    """Where a suite compares all derivatives, the expected values are the gradient for its dy."""
    case = cases_of(SUITES["caffe"], 0)[1]
    assert case.x.shape == (7 * 2, 3, 3, 7)
    expected = reference.local_response_normalization_grad(
        case.dy, case.x, *astuple(case.parameters)
    )
    np.testing.assert_array_equal(case.expected, expected)


def test_onnx_leaves_the_global_generator_alone():
    """onnx seeds NumPy's global generator; its state is restored."""
    suite("onnx")
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global generator
    assert len(tuple(SUITES["onnx"].draw(0))) == 2
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_unavailable_suite_is_none():
    """Without the package that holds its data a suite has the share None, not 0."""
    unavailable = Suite("a", "A", "a@1", "None.", lambda seed: [], needs="no_such_package_for_lrn")
    assert detects(unavailable, BY_NAME["identity"]) is None


def test_raising_and_reshaping_are_detected():
    """A faulty LRN that raises, or returns another shape, is detected."""

    def raises(x, p):
        raise RuntimeError("no")

    for function in (raises, lambda x, p: x[0], lambda x, p: identity(x, p)[..., :1]):
        assert detects(SUITES["paddle"], Fault("wrong", "", "", function)) == 1


def test_detection_rates_are_one_table():
    """One row for each faulty LRN, one column for each suite, lrnlib's vectors last."""
    table = detection_rates(draws=1)
    assert list(table) == [fault.name for fault in FAULTS]
    assert {tuple(row) for row in table.values()} == {(*SUITES, "lrnlib")}
    assert {name for name, row in table.items() if row["onednn"]} == DETECTED["onednn"]
    missing = {name for name in SUITES if table["identity"][name] is None}
    assert missing == {name for name, suite in SUITES.items() if not suite.available}
