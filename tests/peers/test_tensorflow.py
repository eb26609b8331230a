"""LRN and its gradient agree with TensorFlow in float32 and up to 384 channels."""

import importlib
import inspect

import numpy as np
import pytest

import lrnlib
from lrnlib.conventions import CONVENTIONS
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import values

SHAPES = [(2, 3, 4, 8), (3, 2, 1, 3), (1, 2, 2, 384)]
PARAMETERS = [
    (5, 1.0, 1.0, 0.5),
    (2, 1.5, 0.25, 0.75),
    (1, 0.25, 2.0, 1.0),
    (0, 2.0, 0.5, 1.25),
    (400, 2.5, 0.125, 0.5),
    (400, 2.5, 0.125, 0.75),
    (3, 1.5, 0.5, -0.5),
]


@pytest.fixture(scope="module")
def tensorflow():
    """TensorFlow without its log messages; imported late, because that takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")
        return importlib.import_module("tensorflow")  # pinned, so a missing one is a failure


# Against the reference TensorFlow's gradient errs by up to 1.6e-6, in windows of 384; lrnlib's by
# 2.3e-7.
@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("operation", "limit"), [(FORWARD, 1e-6), (GRADIENT, 2e-6)])
def test_agrees_with_tensorflow(tensorflow, backend, shape, parameters, operation, limit):
    """LRN agrees relative to each element, and the gradient to the sum of its absolute terms."""
    x, dy = values((2, *shape), np.float32, seed=len(shape) * shape[-1], low=-2, high=1)
    variable = tensorflow.Variable(x)
    with tensorflow.GradientTape() as tape:
        theirs = tensorflow.nn.local_response_normalization(variable, *parameters)
    if operation is GRADIENT:
        theirs = tape.gradient(theirs, variable, output_gradients=dy)
    theirs, ours = theirs.numpy(), operation(dy, x, *parameters, backend=backend)
    assert ours.dtype == theirs.dtype
    size = operation.size(theirs, dy, x, *parameters)
    assert np.all(np.abs(ours - theirs) <= limit * np.abs(size))


def test_defaults_and_names_are_tensorflows(tensorflow, backend):
    """The same call, without arguments or with keywords, gives the same."""
    x = values((2, 3, 4, 16), np.float32, seed=9, low=-2, high=1)
    theirs = tensorflow.nn.lrn(x).numpy()
    np.testing.assert_allclose(lrnlib.lrn(x, backend=backend), theirs, rtol=1e-6, atol=0)
    arguments = {"depth_radius": 2, "bias": 1.5, "alpha": 0.5, "beta": 0.75}
    theirs = tensorflow.nn.lrn(x, **arguments).numpy()
    ours = lrnlib.lrn(x, backend=backend, **arguments)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=0)


def test_tensorflows_row_is_tensorflows_signature(tensorflow):
    """The installed TensorFlow has these arguments, in this order, with these defaults."""
    theirs = list(
        inspect.signature(tensorflow.nn.local_response_normalization).parameters.values()
    )[1:-1]
    ours = CONVENTIONS["tensorflow"].arguments
    assert [(a.name, a.default) for a in theirs] == [(k, a.default) for k, a in ours.items()]
