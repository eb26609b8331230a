"""Networks are trained, described and swapped, on a few images; the only tests here with Keras."""

import numpy as np
import pytest

from benchmarks import training
from lrnlib.book import network

SIZES = {"images": 40, "epochs": 1, "tested": 20, "held_out": 20}
SETTING = "0 to 255"


@pytest.fixture(scope="module")
def trainer():
    """With images of noise."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (60, 28, 28)), rng.integers(0, 10, 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "fashion_mnist", lambda: ((images, labels),) * 2)
        yield training.Trainer(training.PLAN | SIZES)


def test_a_training_depends_on_its_seed_and_on_nothing_before_it(trainer):
    """The graph is reused, so weights and momentum of an earlier training must be gone."""

    def weights(seed):
        return trainer.trained(SETTING, "strong", seed, 1e-3, epochs=1).get_weights()

    first, other, again = (weights(seed) for seed in (0, 1, 0))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_a_run_is_described(trainer):
    """A layer that is strong at this scale is no constant; NaN says that the run diverged."""
    run = trainer.run(SETTING, "strong", 0, 1e-3)
    assert {"rate", "accuracy", "layers", "swap"} == set(run)
    assert all(layer["not_constant"] > 0.01 for layer in run["layers"])
    assert trainer.run(SETTING, "strong", 0, float("nan"))["diverged"] is True


def test_a_constant_is_found_and_put_in_its_place(trainer):
    model = trainer.model(SETTING, "constant")
    x = trainer.inputs(SETTING, trainer.test[0])
    constants = [network.best_constant(a, y) for a, y in network.at_normalization(model, x)]
    np.testing.assert_allclose(constants, network.CONSTANT, rtol=1e-5)
    twin = network.swapped(model, constants)
    np.testing.assert_allclose(twin(x), model(x), rtol=1e-4, atol=1e-3)
