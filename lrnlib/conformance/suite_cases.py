"""The cases of other projects' tests, and how each compares; `suites` names the projects.

Each suite is ported with its shapes, distributions, parameters of LRN, tolerance, and its oracle
with the oracle's mistakes. Where a suite estimates derivatives by differences, the exact ones
are used here. Arrays are transposed to the layout of the vectors: rank 4, channels last.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from lrnlib import reference
from lrnlib.conformance.adapters.base import channels_last
from lrnlib.conformance.bounds import Array
from lrnlib.conformance.faulty_lrn import window
from lrnlib.parameters import Parameters

Agrees = Callable[[Array, Array], bool]  # of the result and the expected values, in float64


@dataclass(frozen=True, eq=False)
class Case:
    """One call of a suite, and how it compares the result; with `dy`, a call of the gradient."""

    x: Array
    parameters: Parameters
    expected: Array
    agrees: Agrees
    dy: Array | None = None

    @np.errstate(all="ignore")
    def passes(self, function: Callable[..., Any]) -> bool:
        """Tell whether this LRN, or gradient, passes."""
        arrays = (self.x.copy(),) if self.dy is None else (self.dy.copy(), self.x.copy())
        try:
            y = np.asarray(function(*arrays, self.parameters))
        except Exception:  # whatever is raised fails the test
            return False
        return y.shape == self.x.shape and self.agrees(y.astype(np.float64), self.expected)


def close(atol: float, rtol: float) -> Agrees:
    """Compare as numpy.allclose does; most suites use it."""
    return lambda y, e: bool(np.all(np.abs(y - e) <= atol + rtol * np.abs(e)))


def below(limit: float) -> Agrees:
    """Require every error to be below a limit, as TensorFlow does."""
    return lambda y, e: bool(np.abs(y - e).max() < limit)


def forward(x: Array, p: Parameters, agrees: Agrees) -> Case:
    """Compare LRN of `x` with the definition."""
    return Case(x, p, reference.local_response_normalization(x, **vars(p)), agrees)


def backward(dy: Array, x: Array, p: Parameters, agrees: Agrees) -> Case:
    """Compare the gradient for one `dy` with the definition."""
    expected = reference.local_response_normalization_grad(dy, x, **vars(p))
    return Case(x, p, expected, agrees, dy)


def jacobian(x: Array, p: Parameters, agrees: Agrees) -> Case:
    """Compare every derivative that is not 0: a copy of `x` for each channel, with dy 1 there."""
    channels = x.shape[-1]
    shape = (channels * x.shape[0], *x.shape[1:])
    pixels = x.astype(np.float64).reshape(-1, channels)
    d = np.stack([reference.jacobian(pixel, **vars(p)) for pixel in pixels], axis=1)
    dy = np.broadcast_to(np.eye(channels)[:, None], d.shape).astype(x.dtype).reshape(shape)
    return Case(np.tile(x, (channels, 1, 1, 1)), p, d.reshape(shape), agrees, dy)


def random(seed: int) -> np.random.RandomState:
    """Return the generator that the suites use."""
    return np.random.RandomState(seed)


def tensorflow(seed: int) -> Iterator[Case]:
    def parameters(sizes: int, scale: float) -> tuple[list[int], Parameters]:
        shape = rng.randint(1, sizes, size=4)
        shape[3] += 1
        arguments = {"depth_radius": int(rng.randint(1, min(8, shape[3]))), "bias": 1 + rng.rand(),
                     "alpha": scale * rng.rand(), "beta": 0.01 + scale * rng.rand()}  # fmt: skip
        return shape.tolist(), Parameters.from_tensorflow(**arguments)

    rng = random(seed or 87654321)
    for dtype, limit in ((np.float32, 1e-4), (np.float16, 1e-2)) * 2:
        shape, p = parameters(16, 2.0)
        x = rng.rand(*shape).astype(np.float32)
        exact = forward(x, p, below(limit)).expected
        yield Case(x.astype(dtype), p, exact, below(limit))
    rng = random(seed or 87654321)  # setUp seeds it before each test
    for dtype, limit in ((np.float32, 1e-4), (np.float16, 1.0)) * 2:
        shape, p = parameters(5, 1.0)
        rng.rand(*shape)  # draws a constant; the gradient checker draws its own
        yield jacobian(rng.random_sample(shape).astype(dtype), p, below(limit))
    zeros = np.zeros((4, 4, 4, 4), np.float32)
    p = Parameters.from_tensorflow(depth_radius=2, bias=1.0, alpha=0.0, beta=1.0)
    yield backward(zeros + 1, zeros, p, close(1e-6, 1e-6))


def caffe(seed: int) -> Iterator[Case]:
    def near(y: Array, e: Array) -> bool:
        """Compare the derivatives of the loss 2 y, relative to at least 1."""
        size = np.maximum(1, np.maximum(np.abs(2 * y), np.abs(2 * e)))
        return bool(np.all(np.abs(2 * y - 2 * e) <= 1e-2 * size))

    x = channels_last(random(seed).randn(2, 7, 3, 3).astype(np.float32))
    for size in (5, 15):
        p = Parameters.from_caffe(local_size=size)
        yield forward(x, p, close(1e-5, 0))
        yield jacobian(x, p, near)


def onnx(seed: int) -> Iterator[Case]:
    state = np.random.get_state()  # noqa: NPY002 - the package seeds the global generator
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("onnx.backend.test.case.node.lrn")
    np.random.set_state(state)  # noqa: NPY002
    value = import_module("onnx.helper").get_attribute_value
    # Its public loader gives the same, but makes the cases of all operators, which takes 14 s.
    for case in import_module("onnx.backend.test.case.node")._NodeTestCases:
        if case.name in ("test_lrn", "test_lrn_default"):
            arguments = {a.name: value(a) for a in case.model.graph.node[0].attribute}
            (x,), (y,) = case.data_sets[0]
            expected = channels_last(y).astype(np.float64)
            agrees = close(case.atol, case.rtol)
            yield Case(channels_last(x), Parameters.from_onnx(**arguments), expected, agrees)


def chainer(seed: int) -> Iterator[Case]:
    p, rng = Parameters.from_chainer(), random(seed)
    for dtype in (np.float32, np.float64):
        x, dy = (channels_last(rng.uniform(-1, 1, (2, 7, 3, 2)).astype(dtype)) for _ in range(2))
        expected = window(0, -1)(x.astype(np.float64), p)  # range(c - 2, c + 2)
        yield Case(x, p, expected, close(1e-5, 1e-4))
        unit = np.square(normal := rng.standard_normal(x.shape))
        along = np.copysign(np.sqrt(0.99 * unit / unit.sum() + 0.01 / x.size), normal)

        def directional(y: Array, e: Array, along: Array = along) -> bool:
            return close(3e-4, 3e-3)((y * along).sum(), (e * along).sum())

        yield backward(dy, x, p, directional)


def paddle(seed: int) -> Iterator[Case]:
    def relative(y: Array, e: Array) -> bool:
        size = np.abs(e)
        return bool(np.all(np.abs(y - e) <= 0.005 * np.where(size < 1e-3, 1, size)))

    p = Parameters(depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75)  # n=5; alpha not divided
    x = channels_last(random(123).rand(2, 3, 5, 5).astype(np.float32) + 1)
    yield forward(x, p, close(1e-5, 1e-5))
    yield backward(np.full_like(x, 1 / x.size), x, p, relative)  # of the mean


def torch(seed: int) -> Iterator[Case]:
    rng, agrees = random(seed), close(1e-5, 1e-3)
    for shape, arguments in (
        ((1, 5, 7, 1), {"size": 3}),
        ((1, 5, 7, 49), {"size": 1, "alpha": 1.0, "beta": 0.5, "k": 2.0}),  # of (1, 5, 7, 7, 7)
        ((1, 1, 2, 1), {"size": 1, "alpha": 3e-5, "beta": 0.5, "k": 1.25}),
        ((1, 5, 7, 7), {"size": 2}),
        ((2, 6, 3, 1), {"size": 2, "alpha": 3e-5, "beta": 0.5, "k": 1.25}),
    ):
        x = channels_last(rng.uniform(-9, 9, shape))
        yield jacobian(x, Parameters.from_pytorch(**arguments), agrees)


def torch_crossmap(seed: int) -> Iterator[Case]:
    x = channels_last(random(seed).randn(2, 3, 6, 6))
    p = Parameters.from_pytorch(size=5, alpha=5e-3, beta=1e-3, k=2.0)
    yield jacobian(x, p, close(1e-5, 1e-3))


def onednn(dtype: type, eps: float) -> Callable[[int], Iterator[Case]]:
    """Return all shapes of its short run, in one dtype."""

    def integers(shape: tuple[int, ...], step: int, first: int) -> Array:
        i = np.arange(np.prod(shape))
        return channels_last((-8 + (step * i + first) % 16).astype(dtype).reshape(shape))

    def draw(seed: int) -> Iterator[Case]:
        for (channels, height, width), changed in ONEDNN_SHAPES:
            arguments = {"local_size": 5, "alpha": 1 / 8192, "beta": 0.75, "k": 1.0} | changed
            limit = arguments["local_size"] * 3 * eps

            def agrees(y: Array, e: Array, limit: float = limit) -> bool:
                e = e.astype(dtype).astype(np.float64)
                size = np.abs(e)
                return bool(np.all(np.abs(y - e) <= limit * np.where(size > 1e-5, size, 1)))

            p, shape = Parameters.from_onednn(**arguments), (2, channels, height, width)
            x, dy = integers(shape, 1091, 1637), integers(shape, 1279, 1009)
            yield forward(x, p, agrees)
            yield backward(dy, x, p, agrees)

    return draw


ONEDNN_SHAPES: tuple[tuple[tuple[int, int, int], dict[str, Any]], ...] = (
    ((15, 16, 16), {}), ((16, 5, 5), {"local_size": 7}), ((16, 5, 5), {"beta": 1.0}),
    ((16, 5, 5), {"k": 14.2}), ((16, 10, 7), {}), ((12, 15, 1), {}), ((31, 1, 16), {}),
    ((64, 1, 1), {}),
)  # fmt: skip


def miopen(seed: int) -> Iterator[Case]:
    def agrees(y: Array, e: Array) -> bool:
        """Compare the root mean square error, relative to the largest value."""
        largest = max(np.abs(y).max(), np.abs(e).max())
        return bool(np.sqrt(np.square(y - e).mean()) / largest <= 80 * 2.0**-23)

    x = np.where(np.indices((4, 32, 8, 8)).sum(0) % 2, 3, -3).astype(np.float32)
    yield forward(channels_last(x), Parameters(2, bias=1.0, alpha=1 / 5, beta=1.0), agrees)


def mxnet(seed: int) -> Iterator[Case]:
    p = Parameters.from_mxnet(alpha=1e-4, beta=0.75, knorm=2, nsize=5)
    x = channels_last(random(seed).randn(2, 6, 10, 10).astype(np.float32))
    yield (case := forward(x, p, close(1e-3, 1e-4)))
    yield backward(case.expected.astype(np.float32), x, p, case.agrees)
