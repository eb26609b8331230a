"""The Keras layer on the backend of KERAS_BACKEND; `make peers` runs this on all of them."""

import doctest
import json
import re

import numpy as np
import pytest
from ml_dtypes import bfloat16

from lrnlib import reference
from tests.library.oracles.bad_arguments import PARAMETERS
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import values
from tests.peers.keras_backend import BACKEND, gradient, import_layer, second_derivative

# Keras hands PyTorch's tensors to NumPy 2 in this way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ORDINARY = (2, 1.5, 0.25, 0.75)
ALL_PARAMETERS = [
    ORDINARY,
    (5, 1.0, 1.0, 0.5),
    (1, 0.25, 2.0, 1.0),
    (0, 2.0, 0.5, 0.75),
    (3, 1.5, 0.5, 0.625),
    (1, 1.5, 0.5, -0.5),
    (10**20, 2.5, 0.125, 0.75),
    ((0, 1), 1.5, 0.25, 0.75),
    ((2, 1), 1.5, 0.25, 0.5),
    ((0, 5), 2.0, 0.5, 0.625),
    ((4, 10**20), 1.5, 0.25, 1.0),
]
SHAPES = [((3, 7), -1), ((2, 5, 6), 1), ((2, 3, 4, 7), -1), ((2, 7, 3, 4), 1), ((2, 3, 2, 2, 5), 4)]
POLICIES = {"mixed_float16": np.float16, "mixed_bfloat16": bfloat16, "float64": np.float64}


@pytest.fixture(scope="module")
def lrn():
    """The module, with its backend; imported late, because that takes seconds."""
    return import_layer()


@pytest.fixture
def layer(lrn):
    """The class of the layer."""
    return lrn.LocalResponseNormalization


@pytest.fixture
def model(lrn, layer):
    """A sequential model of one layer, for images of any size."""
    keras = lrn.keras
    return keras.Sequential([keras.Input((None, None, 6)), layer(*ORDINARY, name="norm")])


def draw(shape, dtype=np.float32):
    return values((2, *shape), dtype, seed=len(shape) * shape[-1], low=-2, high=2)


def assert_right(layer, x, dy, *parameters, axis=-1):
    """Fail unless the value and the gradient are within the bounds of the tests of the library."""
    y, dx = gradient(layer, x, dy)
    assert (y.dtype, dx.dtype) == (x.dtype, x.dtype)
    FORWARD.assert_agrees(y, dy, x, *parameters, axis=axis)
    GRADIENT.assert_agrees(dx, dy, x, *parameters, axis=axis)


@pytest.mark.parametrize("radius", [2, (3, 1)])
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_shapes(layer, shape, axis, radius):
    """Any rank from 2, channels last, first and between."""
    p = radius, *ORDINARY[1:]
    assert_right(layer(*p, axis=axis), *draw(shape), *p, axis=axis)


@pytest.mark.parametrize("parameters", ALL_PARAMETERS)
def test_parameters(layer, parameters):
    """Radii and pairs from 0 to beyond the channels, roots and other powers."""
    assert_right(layer(*parameters), *draw((3, 9)), *parameters)


@pytest.mark.parametrize("channels", [385, 1000])
def test_beyond_384_channels(layer, channels):
    """An outlier stays in its window, unlike in TensorFlow's own running sum."""
    x, dy = draw((2, channels))
    x[0, 3] = 1e4
    assert_right(layer(*ORDINARY), x, dy, *ORDINARY)


@pytest.mark.parametrize("policy", POLICIES)
def test_policies(lrn, layer, policy):
    """Half types are computed in float32: squares of 300 do not overflow, nor do those of 60000."""
    if (BACKEND, policy) == ("jax", "float64"):
        pytest.skip("JAX has float64 only after a global switch")
    made = layer(*ORDINARY, dtype=policy)
    assert made.compute_dtype == np.dtype(POLICIES[policy]).name
    x, dy = draw((2, 3, 8), POLICIES[policy])
    assert_right(made, x, dy, *ORDINARY)
    assert_right(made, x * POLICIES[policy](300), dy, *ORDINARY)
    x[...] = 60000
    assert_right(made, x, dy, *ORDINARY)


def test_the_range_of_float32(layer):
    """The docstring's limits: 1e18 for the value, 1e12 for the gradient; integers are cast."""
    x, dy = draw((3, 8))
    assert_right(layer(*ORDINARY), x * np.float32(2**38), dy, *ORDINARY)
    y = np.asarray(layer(*ORDINARY)(x := x * np.float32(2**58)))
    FORWARD.assert_agrees(y, dy, x, *ORDINARY)
    ones = np.asarray(layer(*ORDINARY)(np.ones((1, 5), np.int32)))
    FORWARD.assert_agrees(ones, None, np.ones((1, 5), np.float32), *ORDINARY)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("radius", "channel"), [(1, 4), (2, 0), (0, 8), ((0, 1), 4), ((2, 1), 5)])
def test_a_nan_stays_in_its_window(layer, radius, channel, value):
    """One window for the value, and for the gradient by dy; two for x in the gradient."""
    made, (x, dy) = layer(radius, *ORDINARY[1:]), draw((2, 9))
    distance = np.arange(9) - channel
    near = FORWARD.reaches(distance, radius)
    clean = gradient(made, x, dy)
    for changed in (x, dy):
        reached = near & (changed is x), GRADIENT.reaches(distance, radius, changed is dy)
        before, changed[1, channel] = changed[1, channel], value
        y, dx = gradient(made, x, dy)
        changed[1, channel] = before
        for result, right, affected in zip((y, dx), clean, reached, strict=True):
            np.testing.assert_array_equal(result[0], right[0])
            np.testing.assert_array_equal(result[1, ~affected], right[1, ~affected])
        assert not np.isfinite(dx[1, channel])
        if changed is x:  # a NaN in all windows that hold it; beside an infinity the values are 0
            np.testing.assert_array_equal(
                np.isnan(y[1]), near if np.isnan(value) else distance == 0
            )
            assert np.isnan(value) or not y[1, (distance != 0) & near].any()


def test_without_bias_a_window_of_zeros_is_nan(layer):
    """As in TensorFlow; with beta 0 the layer returns its input, whatever that is."""
    x = np.array([[0, 0, 0, 1, np.nan]], np.float32)
    y = np.asarray(layer(1, 0)(x))
    np.testing.assert_array_equal(np.isnan(y), [[True, True, False, True, True]])
    np.testing.assert_array_equal(np.asarray(layer(1, beta=0)(x)), x)


@pytest.mark.parametrize("parameters", [*ALL_PARAMETERS[:5], *ALL_PARAMETERS[-4:]])
def test_second_derivative(layer, parameters):
    """It is the difference quotient of the reference's gradient, in float64."""
    x, dy = draw((3, 9))
    v, h = draw((3, 9))[1][::-1].copy(), 1e-4
    found = second_derivative(layer(*parameters), x, dy, v)
    one, other = (
        reference.local_response_normalization_grad(
            dy.astype(np.float64), x.astype(np.float64) + step * v, *parameters
        )
        for step in (h, -h)
    )
    # The error of the quotient, and that of float32, of the order of the largest value.
    expected = (one - other) / (2 * h)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-6 * np.abs(expected).max())


def test_functional_and_sequential_models_of_any_size(lrn, layer, model):
    """Batch, height and width are unknown when the model is built; channels may come first."""
    keras = lrn.keras
    inputs = keras.Input((6, None, None))
    first = keras.Model(inputs, layer(*ORDINARY, axis=1)(inputs))
    assert model.output_shape == (None, None, None, 6)
    assert first.output_shape == (None, 6, None, None)
    for shape in ((2, 3, 4, 6), (1, 5, 2, 6)):
        x, dy = draw(shape)
        FORWARD.assert_agrees(model.predict(x, verbose=0), dy, x, *ORDINARY)
        y = first.predict(np.moveaxis(x, -1, 1), verbose=0)
        FORWARD.assert_agrees(np.moveaxis(y, 1, -1), dy, x, *ORDINARY)


def test_a_saved_model_is_loaded(lrn, layer, model, tmp_path):
    """With its parameters, axis and dtype, and the same results; a copy of the layer is equal."""
    made = layer(*ORDINARY, axis=2, dtype="mixed_float16", name="norm")
    config = made.get_config()
    assert layer.from_config(config).get_config() == config
    assert [config[name] for name in ("depth_radius", "bias", "alpha", "beta", "axis")] == [
        *ORDINARY, 2,
    ]  # fmt: skip
    model.save(tmp_path / "model.keras")
    loaded = lrn.keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_layer("norm").get_config() == model.get_layer("norm").get_config()
    x, _ = draw((2, 3, 4, 6))
    np.testing.assert_array_equal(np.asarray(loaded(x)), np.asarray(model(x)))


def test_a_pair_survives_json(lrn, layer, tmp_path):
    """In a saved model, in a model's JSON, and in that of a layer, where it is a list."""
    keras = lrn.keras
    model = keras.Sequential([keras.Input((6, 5)), layer((2, 1), *ORDINARY[1:], axis=1)])
    config = model.layers[0].get_config()
    read = json.loads(json.dumps(config))
    assert (config["depth_radius"], read["depth_radius"]) == ((2, 1), [2, 1])
    assert layer.from_config(read).get_config() == config
    model.save(tmp_path / "model.keras")
    x, dy = draw((3, 6, 5))
    for loaded in (
        keras.saving.load_model(tmp_path / "model.keras"),
        keras.models.model_from_json(model.to_json()),
    ):
        assert loaded.layers[0].get_config() == config
        FORWARD.assert_agrees(np.asarray(loaded(x)), dy, x, (2, 1), *ORDINARY[1:], axis=1)


@pytest.mark.parametrize(("jit_compile", "policy"), [(False, "float32"), (True, "mixed_float16")])
def test_training_reduces_a_loss(lrn, layer, jit_compile, policy):
    """A network with the layer learns, compiled by XLA and under a mixed policy too."""
    if jit_compile and BACKEND == "torch":
        pytest.skip("torch.compile needs a C++ compiler, and half a minute")
    keras, (x, _) = lrn.keras, draw((32, 6, 6, 3))
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((None, None, 3)), layers.Conv2D(8, 3, activation="relu", dtype=policy),
        layer(2, dtype=policy), layers.GlobalAveragePooling2D(), layers.Dense(1, dtype="float32"),
    ])  # fmt: skip
    compiled = jit_compile or BACKEND == "jax"  # which would run operation by operation
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=compiled)
    target = np.abs(x).mean((1, 2, 3))
    losses = model.fit(x, target, epochs=10, batch_size=32, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_a_mask_is_passed_on(lrn, layer):
    """Of a sequence whose steps are normalized one by one."""
    masked = lrn.keras.layers.Masking()(np.array([[[1.0, 2.0], [0.0, 0.0]]], np.float32))
    y = layer()(masked)
    np.testing.assert_array_equal(np.asarray(y._keras_mask), [[True, False]])


@pytest.mark.parametrize(("name", "value", "error", "message"), PARAMETERS)
def test_a_wrong_parameter_is_refused(layer, name, value, error, message):
    """At construction, and the same as that of the function."""
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layer(**{name: value})


@pytest.mark.parametrize("axis", [1.0, None, True, "1", [1]])
def test_an_axis_is_an_integer(layer, axis):
    with pytest.raises(TypeError, match=f"^axis must be an integer, got {re.escape(repr(axis))}"):
        layer(axis=axis)


RANK_3 = "axis must be from 1 to 2 or from -2 to -1 for an input of rank 3, whose axis 0 is the"


@pytest.mark.parametrize(
    ("axis", "shape", "message"),
    [
        *((axis, (None, 3, 4), f"{RANK_3} batch, got {axis}") for axis in (0, 3, -3, -4, 10**9)),
        (-1, (2, None), r"the number of channels must be known, got shape (2, None) with axis -1"),
        (-1, (4,), "the input must have a batch and a channel axis, got shape (4,)"),
    ],
)
def test_a_shape_without_that_axis_is_refused(lrn, layer, axis, shape, message):
    """When a model is built, and when a shape is asked for."""
    for use in (layer(axis=axis).compute_output_shape, layer(axis=axis).build):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            use(shape)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(axis=axis)(lrn.keras.Input(batch_shape=shape))


def test_the_docstring(lrn):
    """It is numpydoc, and its example prints what it says."""
    validate = pytest.importorskip("numpydoc.validate").validate
    errors = validate("lrnlib.keras.LocalResponseNormalization")["errors"]
    assert [code for code, _ in errors if code != "SA01"] == []
    assert doctest.testmod(lrn).failed == 0
