"""The networks of the experiment: their settings, the search for a rate, and a run."""

from dataclasses import dataclass

import numpy as np

from lrnlib.book import network

PLAN = {
    "data": "Fashion-MNIST, the training images' mean subtracted",
    "network": "conv 5x5 - ReLU - norm - max-pool 3/2, twice; dense 128 - ReLU - dense 10",
    "filters": [16, 32],
    "training": "SGD, momentum 0.9, cosine decay to 0, batches of 128",
    "images": 10_000,
    "epochs": 3,
    "tested": 10_000,
    "search": "from a start in steps of sqrt(10), to the best of its neighbours",
    "search_seeds": [1000, 1001, 1002],
    "search_epochs": 1,
    "held_out": 5_000,
}
SEARCHED = ("none", "constant", "paper", "strong", "tensorflow", "batch", "rms", "layer")
# The constant once more, at the learning rate that was found for the paper's LRN.
MATCHED = {"matched": "paper"}
VARIANTS = (*SEARCHED, *MATCHED)
# TensorFlow's arguments. Strong enough that the sum counts as much as the bias, at either scale.
LRN = {"paper": (2, 2.0, 1e-4, 0.75), "tensorflow": (5, 1.0, 1.0, 0.5)}
BOUNDED = ("tensorflow", "batch", "rms", "layer")  # the scale of their input hardly matters
SAMPLE = 500  # test images whose responses are described
LOWEST = -8  # steps of the search, for a network that does not learn at any rate


@dataclass(frozen=True)
class Setting:
    """Pixels from 0 to `scale`, and what suits it."""

    scale: float
    rate: float  # where the search begins, but for bounded variants
    strong_alpha: float

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
            "matched": lambda: layers.Rescaling(network.CONSTANT),
            "batch": lambda: layers.BatchNormalization(momentum=0.9),  # 0.99 lags in short runs
            "rms": layers.RMSNormalization,
            "layer": layers.LayerNormalization,
        }[variant]


RATE = 0.1
SETTINGS = {
    "0 to 1": Setting(1, RATE, 5.0),
    "0 to 255": Setting(255, 10**-3.5, 0.02),
}


class Trainer:
    """Holds the images, and each variant's network, whose graph is built once."""

    def __init__(self, plan=PLAN):
        (x, labels), (x_test, labels_test) = network.fashion_mnist()
        self.plan, self.models, self.taps = plan, {}, {}
        self.mean, used, held_out = x.mean(0), plan["images"], plan["held_out"]
        self.train = x[:used], labels[:used]
        self.held_out = x[-held_out:], labels[-held_out:]
        self.test = x_test[: plan["tested"]], labels_test[: plan["tested"]]

    def inputs(self, setting, images):
        """The images at the setting's scale."""
        return network.centred(images, self.mean, SETTINGS[setting].scale)

    def model(self, setting, variant):
        """A new network."""
        normalization = SETTINGS[setting].normalization(variant)
        return network.classifier(normalization, self.plan["filters"])

    def trained(self, setting, variant, seed, rate, epochs):
        """The network of the setting and the variant, trained anew."""
        import keras

        at = setting, variant
        if at not in self.models:
            self.models[at] = self.model(*at)
            self.taps[at] = network.taps(self.models[at])
        keras.utils.set_random_seed(seed)
        self.models[at].set_weights(self.model(*at).get_weights())
        images, labels = self.train
        return network.train(self.models[at], self.inputs(setting, images), labels, rate, epochs)

    def search(self, setting, variant):
        """The best learning rate, by the mean accuracy on images that are not trained on."""
        images, labels = self.held_out
        x = self.inputs(setting, images)

        def right(rate, seed):
            model = self.trained(setting, variant, seed, rate, self.plan["search_epochs"])
            return network.predict(model, x) == labels

        def score(rate):
            return float(np.mean([right(rate, seed) for seed in self.plan["search_seeds"]]))

        return climb(score, RATE if variant in BOUNDED else SETTINGS[setting].rate)

    def run(self, setting, variant, seed, rate):
        """The accuracy of a network, what its layers do, and what a constant does instead."""
        model = self.trained(setting, variant, seed, rate, self.plan["epochs"])
        images, labels = self.test
        x = self.inputs(setting, images)
        found = network.predict(model, x)
        result = {"rate": rate, "accuracy": float(np.mean(found == labels))}
        if not all(np.isfinite(each).all() for each in model.get_weights()):
            return result | {"diverged": True}
        ends = self.taps[setting, variant].predict(x[:SAMPLE], batch_size=SAMPLE, verbose=0)
        layers = list(zip(ends[::2], ends[1::2], strict=True))
        parameters = SETTINGS[setting].parameters(variant)
        result["layers"] = [describe(a, y, parameters) for a, y in layers]
        if parameters:
            constants = [network.best_constant(a, y) for a, y in layers]
            twin = network.swapped(model, constants, filters=self.plan["filters"])
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
