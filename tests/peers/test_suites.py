"""Other projects' tests, ported: right LRN passes them, and what each of them notices."""

from dataclasses import astuple

import numpy as np
import pytest

from lrnlib import reference
from lrnlib.conformance.faults import WRONG, Wrong
from lrnlib.conformance.faulty_lrn import gradient, identity, window
from lrnlib.conformance.suites import SUITES, Suite, drawn, noticed_by_vectors, notices, power

DRAWS = 20
RIGHT = {False: window(0, 0), True: gradient()}
BY_NAME = {wrong.name: wrong for wrong in WRONG}
FORWARD = {wrong.name for wrong in WRONG if not wrong.gradient}
GRADIENT = set(BY_NAME) - FORWARD

# What no suite has data for: hundreds of channels, outliers, NaN, the ends of the range, half
# types with large values, and float64 to its last digits.
NOWHERE = {
    "at-most-15", "running-sum", "running-sum-384", "prefix-sum", "band-product",
    "zeros-for-nans", "squares-overflow", "at-least-1e-12", "zero-guarded", "half-squares",
    "half-sums", "cut-off", "float32-inside", "rounded-parameters", "running-shares",
    "nan-everywhere", "gradient-in-float32",
}  # fmt: skip

# What is noticed by the suites whose data never change, and by TensorFlow's one published draw.
NOTICED = {
    "tensorflow": set(BY_NAME) - NOWHERE - {"by-the-largest"},
    "onnx": {"identity", "bias-outside", "bias-is-1", "beta-is-0.75", "beta-halved"},
    "paddle": FORWARD - NOWHERE - {
        "all-channels", "shifted-edges", "one-more-before", "one-more-after", "one-more",
        "size-as-radius", "odd-radius-less-one", "first-kept", "beta-is-0.75", "by-the-largest",
    } | {"no-alpha"},
    "onednn": set(BY_NAME) - NOWHERE,
    "onednn-half": GRADIENT - NOWHERE - {"own-base"} | {
        "identity", "all-channels", "alpha-undivided", "square-of-sum", "bias-outside",
        "bias-is-1", "beta-halved", "by-the-largest",
    },
    "miopen": FORWARD - NOWHERE - {
        "odd-radius-less-one", "bias-outside", "bias-is-1", "by-the-largest",
    },
}  # fmt: skip


def suite(name: str) -> Suite:
    """The suite of that name; skips where its data are not here."""
    if needs := SUITES[name].needs:
        pytest.importorskip(needs)
    return SUITES[name]


@pytest.mark.parametrize("name", SUITES)
def test_right_lrn_passes_every_draw(name):
    """No suite's tolerance or oracle turns the right LRN down in any of the draws used."""
    for seed in range(DRAWS if suite(name).random else 1):
        for case in drawn(SUITES[name], seed):
            assert case.passes(RIGHT[case.dy is not None]), (seed, case.x.shape, case.parameters)


@pytest.mark.parametrize("name", SUITES)
def test_suite_says_what_it_is(name):
    """Each names its source with a version, and in a note what is peculiar to it."""
    assert SUITES[name].name == name
    assert "@" in SUITES[name].source or "2.13.0" in SUITES[name].source
    assert SUITES[name].note.endswith(".")


@pytest.mark.parametrize("name", SUITES)
def test_suite_without_forward_cases_compares_no_values(name):
    """A suite compares values where it has a case of LRN itself, and nowhere else."""
    forward = any(case.dy is None for case in drawn(suite(name), 0))
    assert forward == SUITES[name].compares_values


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.random])
def test_draws_differ(name):
    """Where the seed matters, two draws have other data."""
    first, second = (drawn(SUITES[name], seed)[0].x for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", NOTICED)
def test_noticed(name):
    """Exactly these wrong LRNs are noticed by the data that each run of the suite has."""
    assert {wrong.name for wrong in WRONG if notices(suite(name), wrong, 1)} == NOTICED[name]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name)
def test_vectors_notice_all(wrong):
    """lrnlib's own vectors notice every wrong LRN."""
    assert noticed_by_vectors(wrong) == 1


@pytest.mark.parametrize("name", sorted(NOWHERE))
def test_no_suite_notices(name):
    """These mistakes, of frameworks in use among them, show in no draw of any suite."""
    shares = [notices(suite, BY_NAME[name], DRAWS) for suite in SUITES.values() if suite.present]
    assert shares == [0] * len(shares)


def test_tensorflow_draws_what_is_published():
    """Draw 0 is the one that TensorFlow's seed fixes, shapes and parameters alike."""
    cases = drawn(SUITES["tensorflow"], 0)[:4]
    assert [case.x.shape for case in cases] == [
        (12, 13, 1, 14), (4, 12, 8, 6), (4, 14, 11, 14), (10, 11, 14, 14),
    ]  # fmt: skip
    assert [str(case.x.dtype) for case in cases] == ["float32", "float16"] * 2
    assert [tuple(round(n, 4) for n in astuple(case.parameters)) for case in cases] == [
        (1, 1.0059, 0.3223, 0.6875), (5, 1.4176, 1.2995, 0.9434),
        (4, 1.1707, 0.0443, 1.5764), (2, 1.5936, 0.8471, 0.0392),
    ]  # fmt: skip


def test_onednn_data_are_as_benchdnn_fills_them():
    """They go by the flat index of channels first, modulo 16: over 16 x 16, no channel differs."""
    case = drawn(SUITES["onednn"], 0)[1]
    assert case.x[0, 0, :5, 0].tolist() == [-3, 0, 3, 6, -7]
    assert case.dy[0, 0, :5, 0].tolist() == [-7, -8, 7, 6, 5]
    np.testing.assert_array_equal(case.x, np.broadcast_to(case.x[..., :1], case.x.shape))


def test_chainer_oracle_is_a_wrong_lrn():
    """Its four channels of five pass every draw, for they are its oracle's."""
    assert notices(SUITES["chainer"], BY_NAME["one-less-after"], DRAWS) == 0


def test_torch_compares_no_values():
    """An LRN that returns its input is noticed by neither of PyTorch's suites."""
    for name in ("torch", "torch-crossmap"):
        assert notices(SUITES[name], BY_NAME["identity"], DRAWS) == 0


def test_jacobian_holds_the_gradient_of_each_output():
    """What is expected of a suite that compares all derivatives is the gradient for its dy."""
    case = drawn(SUITES["caffe"], 0)[1]
    assert case.x.shape == (7 * 2, 3, 3, 7)
    expected = reference.local_response_normalization_grad(
        case.dy, case.x, *astuple(case.parameters)
    )
    np.testing.assert_array_equal(case.expected, expected)


def test_onnx_leaves_the_global_generator_alone():
    """The package seeds NumPy's generator as it makes its data; its state is put back."""
    suite("onnx")
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - this is the generator meant
    assert len(tuple(SUITES["onnx"].draw(0))) == 2
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_absent_suite_is_none():
    """Without the package that holds its data a suite has no share, not a share of 0."""
    absent = Suite("a", "A", "a@1", "None.", lambda seed: [], needs="no_such_package_for_lrn")
    assert notices(absent, BY_NAME["identity"]) is None


def test_raising_and_reshaping_are_noticed():
    """A wrong LRN that raises, or returns another shape, is noticed."""

    def raises(x, p):
        raise RuntimeError("no")

    for function in (raises, lambda x, p: x[0], lambda x, p: identity(x, p)[..., :1]):
        assert notices(SUITES["paddle"], Wrong("wrong", "", "", function)) == 1


def test_power_is_one_table():
    """One row for each wrong LRN, one column for each suite, lrnlib's vectors last."""
    table = power(draws=1)
    assert list(table) == [wrong.name for wrong in WRONG]
    assert {tuple(row) for row in table.values()} == {(*SUITES, "lrnlib")}
    assert {name for name, row in table.items() if row["onednn"]} == NOTICED["onednn"]
    absent = {name for name in SUITES if table["identity"][name] is None}
    assert absent == {name for name, suite in SUITES.items() if not suite.present}
