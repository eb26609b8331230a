"""A small network on Fashion-MNIST: what a chapter and `make experiment` train with Keras.

Not imported by `import lrnlib`. Keras is imported when a function is called.
"""

import contextlib
import gzip
import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Layer = Any  # Keras's classes have no types
Model = Any

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # of its package dataset-fashion-mnist
NO_DATA = (
    "Fashion-MNIST is not here, and Keras could not download it ({reason}). "
    "Connect to the internet, or on Debian: apt install dataset-fashion-mnist"
)
CONSTANT = 2**-0.75  # what the paper's LRN does where the sum of squares does not count


def fashion_mnist(folder: Path = DEBIAN) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """60,000 images with labels to train with, and 10,000 to test: from Debian, or by Keras."""
    if folder.is_dir():
        train, test = (
            (
                _idx(folder / f"{name}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28),
                _idx(folder / f"{name}-labels-idx1-ubyte.gz", 8),
            )
            for name in ("train", "t10k")
        )
        return train, test
    import keras

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # a progress bar would be an output
            return keras.datasets.fashion_mnist.load_data()  # type: ignore[no-any-return]
    except Exception as error:  # Keras raises what its download or its reader does
        raise FileNotFoundError(NO_DATA.format(reason=error)) from error


def _idx(path: Path, header: int) -> Array:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def centred(images: Array, mean: Array, scale: float) -> Array:
    """Pixels from 0 to `scale`, less the mean image, as the network takes them."""
    return ((images - mean) * (scale / 255)).astype(np.float32)[..., None]


def classifier(
    normalization: Callable[[], Layer] | None = None, filters: Sequence[int] = (16, 32)
) -> Model:
    """Two blocks as AlexNet's first, conv, ReLU, normalization, max-pool; then two dense layers."""
    import keras

    layers = [keras.Input((28, 28, 1))]
    for count in filters:
        layers.append(keras.layers.Conv2D(count, 5, padding="same", activation="relu"))
        layers += [normalization()] if normalization else []
        layers.append(keras.layers.MaxPooling2D(3, 2))
    layers += [keras.layers.Flatten(), keras.layers.Dense(128, activation="relu")]
    layers.append(keras.layers.Dense(10))
    return keras.Sequential(layers)


def train(
    model: Model, x: Array, labels: Array, rate: float, epochs: int, batch: int = 128
) -> Model:
    """Train by SGD with momentum 0.9, its rate falling to 0 along a cosine; return the model."""
    import keras

    if not model.compiled:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Compiling the step takes longer on a CPU than it saves.
        model.compile(keras.optimizers.SGD(momentum=0.9), loss, jit_compile=False)
    for variable in model.optimizer.variables:  # of an earlier training
        variable.assign(keras.ops.zeros_like(variable))
    steps = epochs * -(-len(x) // batch)
    rates = iter(rate * (1 + np.cos(np.pi * np.arange(steps) / steps)) / 2)

    def set_rate(batch: int, logs: Any = None) -> None:
        model.optimizer.learning_rate = next(rates)

    callback = keras.callbacks.LambdaCallback(on_train_batch_begin=set_rate)
    model.fit(x, labels, batch, epochs, verbose=0, callbacks=[callback])
    return model


def predict(model: Model, x: Array) -> Array:
    """The class that the network finds likeliest, for each image."""
    found: Array = model.predict(x, batch_size=500, verbose=0).argmax(-1)
    return found


def taps(model: Model) -> Model:
    """A model that gives what each normalization layer of `model` gets, and what it gives."""
    import keras

    layers = [layer for before, layer in pairwise(model.layers) if "conv" in before.name]
    return keras.Model(model.inputs, [end for each in layers for end in (each.input, each.output)])


def at_normalization(model: Model, x: Array) -> list[tuple[Array, Array]]:
    """What each normalization layer gets and gives when the network sees `x`."""
    found = taps(model).predict(x, batch_size=500, verbose=0)
    return list(zip(found[::2], found[1::2], strict=True))


def best_constant(a: Array, y: Array) -> float:
    """The c for which c a is closest to y."""
    return float(np.vdot(y, a) / np.vdot(a, a))


def swapped(model: Model, constants: Sequence[float], filters: Sequence[int] = (16, 32)) -> Model:
    """The same weights, with a constant in the place of each normalization layer."""
    import keras

    values = iter(constants)
    twin = classifier(lambda: keras.layers.Rescaling(next(values)), filters)
    twin.set_weights(model.get_weights())
    return twin


def not_constant(a: Array, y: Array) -> float:
    """The share of y that no constant times a explains: the sine of the angle between them."""
    a, y = (values.astype(np.float64) for values in (a, y))
    lengths = np.sqrt(np.vdot(a, a) * np.vdot(y, y))
    cosine = np.vdot(a, y) / lengths if lengths else 1.0
    return float(np.sqrt(max(0.0, 1 - cosine**2)))


def sum_over_bias(a: Array, depth_radius: int, bias: float, alpha: float) -> float:
    """The median of alpha S / k over the responses that are not 0."""
    sums, channels = np.zeros_like(a), a.shape[-1]
    for shift in range(-depth_radius, depth_radius + 1):
        to = slice(max(0, -shift), min(channels, channels - shift))
        of = slice(max(0, shift), min(channels, channels + shift))
        sums[..., to] += a[..., of] ** 2
    active = sums[a > 0]
    return float(np.median(active)) * alpha / bias if active.size else 0.0
