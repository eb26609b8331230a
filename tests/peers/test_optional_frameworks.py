"""With all frameworks installed (`make peers`): the table and the known failures are right."""

import inspect
import os

import numpy as np
import pytest

if not os.environ.get("LRNLIB_REQUIRE_PEERS"):
    for name in ("torch", "onnx", "onnxruntime", "jax"):
        pytest.importorskip(name)

import onnx.defs
import torch

from lrnlib import Parameters, conformance, reference
from lrnlib.conformance.adapters import FRAMEWORKS
from lrnlib.conformance.faulty_lrn import first_kept, window
from lrnlib.conformance.vectors import vector
from lrnlib.conventions import CONVENTIONS


@pytest.fixture(scope="module")
def report():
    """The report on all frameworks."""
    return conformance.run()


def test_every_framework_was_run(report):
    """All but CuPy, which needs a GPU."""
    assert {row.framework for row in report.rows if row.skip_reason} <= {"lrnlib-cupy"}
    assert [row.framework for row in report.rows] == list(FRAMEWORKS)


def test_every_outcome_is_the_expected_one(report):
    """No new failure, and no known one that passes."""
    assert report.unexpected == []


def test_every_framework_passes_something(report):
    """An adapter that always failed would say nothing about its framework."""
    for row in report.rows:
        assert row.skip_reason or any(outcome.passed for outcome in row.outcomes.values())


def defaults(framework):
    """The arguments in the table with their defaults; None if required."""
    return {name: argument.default for name, argument in CONVENTIONS[framework].arguments.items()}


@pytest.mark.parametrize(
    "function", [torch.nn.functional.local_response_norm, torch.nn.LocalResponseNorm]
)
def test_pytorchs_row_is_pytorchs_signature(function):
    """The table has the arguments, order and defaults of the installed PyTorch."""
    arguments = {
        name: None if parameter.default is parameter.empty else parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "input"
    }
    assert list(arguments.items()) == list(defaults("pytorch").items())


def test_onnxs_row_is_onnxs_schema():
    """The table has the attributes and defaults of the installed ONNX, which are float32."""
    attributes = onnx.defs.get_schema("LRN", 13).attributes
    arguments = {
        name: None if attribute.required else float(f"{attribute.default_value.f:.7g}")
        for name, attribute in attributes.items()
    }
    assert arguments == defaults("onnx")


@pytest.mark.parametrize("size", [2, 4, 6])
def test_pytorchs_even_window_is_the_tables(size):
    """For an even size PyTorch sums the window in the table."""
    x = vector("plain").x[:1, :1, :1]
    before, after = CONVENTIONS["pytorch"].window_extent(size)
    first = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    theirs = torch.nn.functional.local_response_norm(first, size, alpha=size * 0.25, k=1.5)
    ours = window(before, after)(x, Parameters(0, 1.5, 0.25, 0.75))
    np.testing.assert_allclose(np.moveaxis(theirs.numpy(), 1, -1), ours, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
@pytest.mark.parametrize(
    ("framework", "fault"), [("torch-crossmap", first_kept), ("tflite-reference", window(0, -1))]
)
def test_two_frameworks_make_the_mistakes_named_in_the_list(framework, fault):
    """They equal the faulty LRNs "first-kept" and "one-less-after", to rounding."""
    v = vector("plain")
    theirs = FRAMEWORKS[framework]().forward(v.x, v.parameters)
    np.testing.assert_allclose(theirs, fault(v.x, v.parameters), rtol=1e-5)


def test_a_conversion_carries_the_numbers_from_one_framework_to_another():
    """Caffe's AlexNet in four frameworks, on activations of a realistic scale."""
    p = Parameters.from_caffe(local_size=5, alpha=1e-4, beta=0.75)
    x = 100 * vector("plain").x
    expected = reference.local_response_normalization(x, **vars(p))
    for name in ("torch-functional", "onnxruntime", "tensorflow-eager", "jax-written-out"):
        np.testing.assert_allclose(FRAMEWORKS[name]().forward(x, p), expected, rtol=1e-5)
