"""Even windows are those of PyTorch, values and gradients."""

import importlib
import os

import numpy as np
import pytest

from lrnlib.conventions import CONVENTIONS
from tests.library.oracles.operations import FORWARD, GRADIENT
from tests.library.oracles.strategies import values

required = os.environ.get("LRNLIB_REQUIRE_PEERS")
torch = (importlib.import_module if required else pytest.importorskip)("torch")


def by_pytorch(x, dy, size, alpha, beta, k, axis=1):
    """Return LRN of PyTorch, in float64, and its gradient; channels are axis 1 there."""
    t = torch.from_numpy(np.moveaxis(x, axis, 1).astype(np.float64)).requires_grad_()
    y = torch.nn.functional.local_response_norm(t, size, alpha, beta, k)
    (dx,) = torch.autograd.grad(y, t, torch.from_numpy(np.moveaxis(dy, axis, 1).astype(float)))
    return tuple(np.moveaxis(a.detach().numpy(), 1, axis) for a in (y, dx))


@pytest.mark.parametrize("channels", [1, 2, 7, 24, 64])
@pytest.mark.parametrize("size", range(1, 49))
def test_agrees_with_pytorch(backend, size, channels):
    """The window of c is c - n/2 to c + n/2 - 1 for an even size n, and alpha / n its factor."""
    pair = size // 2, (size - 1) // 2
    if size % 2 == 0:
        assert CONVENTIONS["pytorch"].window_extent(size) == pair
    alpha, bias, beta = size / 4, 1.5, 0.75
    x, dy = values((2, 2, channels, 3), np.float64, seed=size, low=-2, high=1)
    theirs = by_pytorch(x, dy, size, alpha, beta, bias)
    p = pair, bias, alpha / size, beta
    for operation, expected in zip((FORWARD, GRADIENT), theirs, strict=True):
        result = operation(dy, x, *p, axis=1, backend=backend)
        operation.assert_near(result, expected, dy, x, *p, axis=1)


def test_the_mirror_image_of_pytorchs_window_differs(backend):
    """The data would show a wrong parity, in the value and in the gradient."""
    x, dy = values((2, 3, 12, 2), np.float64, seed=3, low=-1, high=1)
    theirs = by_pytorch(x, dy, 4, 1.0, 0.75, 1.5)
    for operation, expected in zip((FORWARD, GRADIENT), theirs, strict=True):
        result = operation(dy, x, (1, 2), 1.5, 0.25, 0.75, axis=1, backend=backend)
        assert np.mean(np.abs(result - expected) > 0.01 * np.abs(expected)) > 0.5
