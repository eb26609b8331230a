"""With all frameworks installed (`make peers`): each is as the table and the list say."""

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
    """Every framework against every vector."""
    return conformance.run()


def test_every_framework_was_run(report):
    """All but CuPy, which needs a GPU."""
    assert {row.framework for row in report.rows if row.absent} <= {"lrnlib-cupy"}
    assert [row.framework for row in report.rows] == list(FRAMEWORKS)


def test_every_outcome_is_the_expected_one(report):
    """No new failure, and none of the list that is mended."""
    assert report.unexpected == []


def test_every_framework_passes_something(report):
    """An adapter that never works would be no evidence against its framework."""
    for row in report.rows:
        assert row.absent or any(outcome.passed for outcome in row.outcomes.values())


def defaults(framework):
    """The words of the table with their defaults, those that are required with None."""
    return {name: word.default for name, word in CONVENTIONS[framework].words.items()}


@pytest.mark.parametrize(
    "call", [torch.nn.functional.local_response_norm, torch.nn.LocalResponseNorm]
)
def test_pytorchs_row_is_pytorchs_signature(call):
    """Words, order and defaults of the installed PyTorch."""
    words = {
        name: None if parameter.default is parameter.empty else parameter.default
        for name, parameter in inspect.signature(call).parameters.items()
        if name != "input"
    }
    assert list(words.items()) == list(defaults("pytorch").items())


def test_onnxs_row_is_onnxs_schema():
    """Attributes and defaults of the installed ONNX; float32 there, so to its digits."""
    attributes = onnx.defs.get_schema("LRN", 13).attributes
    words = {
        name: None if attribute.required else float(f"{attribute.default_value.f:.7g}")
        for name, attribute in attributes.items()
    }
    assert words == defaults("onnx")


@pytest.mark.parametrize("size", [2, 4, 6])
def test_pytorchs_even_window_is_the_tables(size):
    """The window that the table gives for an even size is the one that PyTorch sums."""
    x = vector("plain").x[:1, :1, :1]
    before, after = CONVENTIONS["pytorch"].reach(size)
    first = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    theirs = torch.nn.functional.local_response_norm(first, size, alpha=size * 0.25, k=1.5)
    ours = window(before, after)(x, Parameters(0, 1.5, 0.25, 0.75))
    np.testing.assert_allclose(np.moveaxis(theirs.numpy(), 1, -1), ours, rtol=1e-6)


def test_crossmap_makes_the_mistake_that_is_ascribed_to_it():
    """torch.nn.CrossMapLRN2d is "first-kept" of the wrong LRNs, to rounding."""
    v = vector("plain")
    theirs = FRAMEWORKS["torch-crossmap"]().forward(v.x, v.parameters)
    np.testing.assert_allclose(theirs, first_kept(v.x, v.parameters), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_the_reference_kernel_of_tensorflow_lite_ends_one_channel_early():
    """It is "one-less-after" of the wrong LRNs, to rounding."""
    v = vector("plain")
    theirs = FRAMEWORKS["tflite-reference"]().forward(v.x, v.parameters)
    np.testing.assert_allclose(theirs, window(0, -1)(v.x, v.parameters), rtol=1e-5)


def test_a_conversion_carries_the_numbers_from_one_framework_to_another():
    """Caffe's AlexNet, through PyTorch and ONNX Runtime, on activations of its own scale."""
    p = Parameters.from_caffe(local_size=5, alpha=1e-4, beta=0.75)
    x = 100 * vector("plain").x
    expected = reference.local_response_normalization(x, p.depth_radius, p.bias, p.alpha, p.beta)
    for name in ("torch-functional", "onnxruntime", "tensorflow-eager", "jax-written-out"):
        np.testing.assert_allclose(FRAMEWORKS[name]().forward(x, p), expected, rtol=1e-5)
