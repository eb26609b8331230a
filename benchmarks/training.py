"""The networks of the experiment: their settings, the search for a rate, and a run."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrnlib.book import network

PLAN = {
    "data": "Fashion-MNIST, the training images' mean subtracted",
    "network": "conv 5x5 - ReLU - norm - max-pool 3/2, twice; dense 128 - ReLU - dense 10",
    "filters": [16, 32],
    "training": "SGD, momentum 0.9, cosine decay to 0, batches of 128",
    "images": 20_000,
    "epochs": 3,
    "tested": 10_000,
    "search": "from a start in steps of sqrt(10), to the best of its neighbours",
    "search_seeds": [1000],
    "search_images": 20_000,
    "search_epochs": 1,
    "held_out": 5_000,
}
ALL = ("none", "constant", "paper", "strong", "tensorflow", "batch", "rms", "layer")
# TensorFlow's arguments. Strong enough that the sum counts as much as the bias, at either scale.
LRN = {"paper": (2, 2.0, 1e-4, 0.75), "tensorflow": (5, 1.0, 1.0, 0.5)}
BOUNDED = ("tensorflow", "batch", "rms", "layer")  # the scale of their input hardly matters
SAMPLE = 500  # test images whose responses are described
LOWEST = -8  # steps of the search, for a network that does not learn at any rate


@dataclass(frozen=True)
class Setting:
    """Pixels from 0 to `scale`, and the weights' distribution at the start."""

    scale: float
    rate: float  # where the search begins, but for bounded variants
    strong_alpha: float
    initializer: Any = "glorot_uniform"
    variants: tuple[str, ...] = ALL

    def parameters(self, variant):
        """LRN's four numbers; none for what is not LRN."""
        return (LRN | {"strong": (2, 1.0, self.strong_alpha, 0.75)}).get(variant)

    def normalization(self, variant):
        """What makes a layer; none for no layer."""
        from keras import layers

        from lrnlib.keras import LocalResponseNormalization

        if parameters := self.parameters(variant):
            return lambda: LocalResponseNormalization(*parameters)
        return {
            "none": None,
            "constant": lambda: layers.Rescaling(network.CONSTANT),
            "batch": lambda: layers.BatchNormalization(momentum=0.9),  # 0.99 lags in short runs
            "rms": layers.RMSNormalization,
            "layer": layers.LayerNormalization,
        }[variant]


RATE = 0.1
ALEXNET = {"class_name": "RandomNormal", "config": {"stddev": 0.01}}
SETTINGS = {
    "0 to 1": Setting(1, RATE, 5.0),
    "0 to 255": Setting(255, 10**-3.5, 0.02),
    "0 to 255, AlexNet's weights": Setting(255, 1e-2, 0.02, ALEXNET, ALL[:5]),
}


class Trainer:
    """Holds the images."""

    def __init__(self):
        self._models, self._taps = {}, {}
        (x, labels), (x_test, labels_test) = network.fashion_mnist()
        self._mean = x.mean(0)
        used, held_out = PLAN["images"], PLAN["held_out"]
        self._train = x[:used], labels[:used]
        self._held_out = x[-held_out:], labels[-held_out:]
        self._test = x_test[: PLAN["tested"]], labels_test[: PLAN["tested"]]

    def _inputs(self, setting, images):
        return network.centred(images, self._mean, SETTINGS[setting].scale)

    def _model(self, setting, variant):
        given = SETTINGS[setting]
        normalization = given.normalization(variant)
        return network.classifier(normalization, PLAN["filters"], given.initializer)

    def _trained(self, setting, variant, seed, rate, count, epochs):
        """The model of the setting and the variant, trained anew: its graph is built once."""
        import keras

        if (setting, variant) not in self._models:
            self._models[setting, variant] = self._model(setting, variant)
        model = self._models[setting, variant]
        keras.utils.set_random_seed(seed)
        model.set_weights(self._model(setting, variant).get_weights())
        images, labels = self._train
        x = self._inputs(setting, images[:count])
        return network.train(model, x, labels[:count], rate, epochs)

    def search(self, setting, variant):
        """The best learning rate, by the mean accuracy on images that are not trained on."""
        images, labels = self._held_out
        x = self._inputs(setting, images)

        def score(rate):
            sizes = PLAN["search_images"], PLAN["search_epochs"]
            models = [
                self._trained(setting, variant, seed, rate, *sizes) for seed in PLAN["search_seeds"]
            ]
            return float(np.mean([network.predict(model, x) == labels for model in models]))

        return climb(score, RATE if variant in BOUNDED else SETTINGS[setting].rate)

    def run(self, setting, variant, seed, rate):
        """The accuracy of a network, what its layers do, and what a constant does instead."""
        model = self._trained(setting, variant, seed, rate, PLAN["images"], PLAN["epochs"])
        images, labels = self._test
        x = self._inputs(setting, images)
        found = network.predict(model, x)
        result = {"rate": rate, "accuracy": float(np.mean(found == labels))}
        if not all(np.isfinite(each).all() for each in model.get_weights()):
            return result | {"diverged": True}
        if (setting, variant) not in self._taps:
            self._taps[setting, variant] = network.taps(model)
        taps = self._taps[setting, variant]
        ends = taps.predict(x[:SAMPLE], batch_size=SAMPLE, verbose=0)
        layers, parameters = (
            [*zip(ends[::2], ends[1::2], strict=True)],
            SETTINGS[setting].parameters(variant),
        )
        result["layers"] = [describe(a, y, parameters) for a, y in layers]
        if parameters:
            constants = [network.best_constant(a, y) for a, y in layers]
            twin = network.swapped(model, constants, filters=PLAN["filters"])
            then = network.predict(twin, x)
            result["swap"] = {
                "constants": constants,
                "accuracy": float(np.mean(then == labels)),
                "agreement": float(np.mean(then == found)),
            }
        return result


def describe(a, y, parameters):
    """How large a layer's input is, and for LRN what the layer does to it."""
    active = a[a > 0] if (a > 0).any() else np.zeros(1)
    values = np.quantile(active, (0.5, 0.9, 0.99, 1))
    names = ("50 %", "90 %", "99 %", "maximum")
    row = {"quantiles": dict(zip(names, map(float, values), strict=True))}
    if parameters:
        row["sum_over_bias"] = network.sum_over_bias(a, *parameters[:3])
        row["not_constant"] = network.not_constant(a, y)
    return row


def climb(score, start):
    """The best rate among start times powers of sqrt(10), no neighbour of which is better.

    Of equal ones the lower: a rate that is far too high gives chance, and so do its neighbours.
    """
    scores, best = {}, 0

    def rank(k):
        if k not in scores:
            scores[k] = score(rate(k))
        return scores[k], -k

    def rate(k):
        return float(f"{start * 10 ** (k / 2):.4g}")

    while (new := max((best, best - 1, best + 1), key=rank)) != best and new > LOWEST:
        best = new
    tried = {str(rate(k)): scores[k] for k in sorted(scores)}
    return {"rate": rate(best), "accuracy": tried}
