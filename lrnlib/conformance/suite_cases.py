"""The calls that other projects' tests make, and how each compares; `suites` says whose.

Of each suite the parameters are ported: shapes, distributions, LRN's four numbers, tolerance,
and the oracle with its mistakes. Where a suite estimates derivatives by differences, the exact
ones stand here. Arrays are turned to the layout of `wrong`: rank 4 with the channels last.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib import reference
from lrnlib.conformance.adapters.base import channels_last
from lrnlib.conformance.faulty_lrn import window
from lrnlib.parameters import Parameters

Array = npt.NDArray[Any]
Agrees = Callable[[Array, Array], bool]  # of a result and what is expected, in float64


@dataclass(frozen=True, eq=False)
class Case:
    """One call that a suite makes, and how it compares; with `dy`, one of the gradient."""

    x: Array
    parameters: Parameters
    expected: Array
    agrees: Agrees
    dy: Array | None = None

    @np.errstate(all="ignore")
    def passes(self, function: Callable[..., Any]) -> bool:
        """Whether the suite is content with this LRN, or gradient."""
        arrays = (self.x.copy(),) if self.dy is None else (self.dy.copy(), self.x.copy())
        try:
            y = np.asarray(function(*arrays, self.parameters))
        except Exception:  # whatever it is, a test that raises is noticed
            return False
        return y.shape == self.x.shape and self.agrees(y.astype(np.float64), self.expected)


def close(atol: float, rtol: float) -> Agrees:
    """As numpy.allclose, which most suites use."""
    return lambda y, e: bool(np.all(np.abs(y - e) <= atol + rtol * np.abs(e)))


def below(limit: float) -> Agrees:
    """No error as large as that, as TensorFlow demands."""
    return lambda y, e: bool(np.abs(y - e).max() < limit)


def forward(x: Array, p: Parameters, agrees: Agrees) -> Case:
    """LRN of `x` against the definition."""
    return Case(x, p, reference.local_response_normalization(x, **vars(p)), agrees)


def backward(dy: Array, x: Array, p: Parameters, agrees: Agrees) -> Case:
    """The gradient for one `dy` against the definition."""
    expected = reference.local_response_normalization_grad(dy, x, **vars(p))
    return Case(x, p, expected, agrees, dy)


def jacobian(x: Array, p: Parameters, agrees: Agrees) -> Case:
    """Every derivative that is not 0: in one copy of `x` for each channel, dy is 1 there."""
    channels = x.shape[-1]
    shape = (channels * x.shape[0], *x.shape[1:])
    pixels = x.astype(np.float64).reshape(-1, channels)
    d = np.stack([reference.jacobian(pixel, **vars(p)) for pixel in pixels], axis=1)
    dy = np.broadcast_to(np.eye(channels)[:, None], d.shape).astype(x.dtype).reshape(shape)
    return Case(np.tile(x, (channels, 1, 1, 1)), p, d.reshape(shape), agrees, dy)


def random(seed: int) -> np.random.RandomState:
    """The generator that the suites were written for."""
    return np.random.RandomState(seed)


def tensorflow(seed: int) -> Iterator[Case]:
    def parameters(sizes: int, scale: float) -> tuple[list[int], Parameters]:
        shape = rng.randint(1, sizes, size=4)
        shape[3] += 1
        words = {"depth_radius": int(rng.randint(1, min(8, shape[3]))), "bias": 1 + rng.rand(),
                 "alpha": scale * rng.rand(), "beta": 0.01 + scale * rng.rand()}  # fmt: skip
        return shape.tolist(), Parameters.from_tensorflow(**words)

    rng = random(seed or 87654321)
    for dtype, limit in ((np.float32, 1e-4), (np.float16, 1e-2)) * 2:
        shape, p = parameters(16, 2.0)
        x = rng.rand(*shape).astype(np.float32)
        exact = forward(x, p, below(limit)).expected
        yield Case(x.astype(dtype), p, exact, below(limit))
    rng = random(seed or 87654321)  # setUp seeds it before each test
    for dtype, limit in ((np.float32, 1e-4), (np.float16, 1.0)) * 2:
        shape, p = parameters(5, 1.0)
        rng.rand(*shape)  # the value of a constant; the checker draws its own
        yield jacobian(rng.random_sample(shape).astype(dtype), p, below(limit))
    zeros = np.zeros((4, 4, 4, 4), np.float32)
    p = Parameters.from_tensorflow(depth_radius=2, bias=1.0, alpha=0.0, beta=1.0)
    yield backward(zeros + 1, zeros, p, close(1e-6, 1e-6))


def caffe(seed: int) -> Iterator[Case]:
    def near(y: Array, e: Array) -> bool:
        """Of the loss 2 y, relative to no less than 1."""
        size = np.maximum(1, np.maximum(np.abs(2 * y), np.abs(2 * e)))
        return bool(np.all(np.abs(2 * y - 2 * e) <= 1e-2 * size))

    x = channels_last(random(seed).randn(2, 7, 3, 3).astype(np.float32))
    for size in (5, 15):
        p = Parameters.from_caffe(local_size=size)
        yield forward(x, p, close(1e-5, 0))
        yield jacobian(x, p, near)


def onnx(seed: int) -> Iterator[Case]:
    state = np.random.get_state()  # noqa: NPY002 - the package seeds the generator of all
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_module("onnx.backend.test.case.node.lrn")
    np.random.set_state(state)  # noqa: NPY002
    value = import_module("onnx.helper").get_attribute_value
    # Its public loader makes the cases of all operators, which takes 14 s, and gives the same.
    for case in import_module("onnx.backend.test.case.node")._NodeTestCases:
        if case.name in ("test_lrn", "test_lrn_default"):
            words = {word.name: value(word) for word in case.model.graph.node[0].attribute}
            (x,), (y,) = case.data_sets[0]
            expected = channels_last(y).astype(np.float64)
            agrees = close(case.atol, case.rtol)
            yield Case(channels_last(x), Parameters.from_onnx(**words), expected, agrees)


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
    for shape, words in (
        ((1, 5, 7, 1), {"size": 3}),
        ((1, 5, 7, 49), {"size": 1, "alpha": 1.0, "beta": 0.5, "k": 2.0}),  # of (1, 5, 7, 7, 7)
        ((1, 1, 2, 1), {"size": 1, "alpha": 3e-5, "beta": 0.5, "k": 1.25}),
    ):
        x = channels_last(rng.uniform(-9, 9, shape))
        yield jacobian(x, Parameters.from_pytorch(**words), agrees)


def torch_crossmap(seed: int) -> Iterator[Case]:
    x = channels_last(random(seed).randn(2, 3, 6, 6))
    p = Parameters.from_pytorch(size=5, alpha=5e-3, beta=1e-3, k=2.0)
    yield jacobian(x, p, close(1e-5, 1e-3))


def onednn(dtype: type, eps: float) -> Callable[[int], Iterator[Case]]:
    """All shapes of its short run, in one type."""

    def integers(shape: tuple[int, ...], step: int, first: int) -> Array:
        i = np.arange(np.prod(shape))
        return channels_last((-8 + (step * i + first) % 16).astype(dtype).reshape(shape))

    def draw(seed: int) -> Iterator[Case]:
        for (channels, height, width), words in ONEDNN_SHAPES:
            words = {"local_size": 5, "alpha": 1 / 8192, "beta": 0.75, "k": 1.0, **words}
            limit = words["local_size"] * 3 * eps

            def agrees(y: Array, e: Array, limit: float = limit) -> bool:
                e = e.astype(dtype).astype(np.float64)
                size = np.abs(e)
                return bool(np.all(np.abs(y - e) <= limit * np.where(size > 1e-5, size, 1)))

            p, shape = Parameters.from_onednn(**words), (2, channels, height, width)
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
        """By the root of the mean square error, relative to the largest value."""
        largest = max(np.abs(y).max(), np.abs(e).max())
        return bool(np.sqrt(np.square(y - e).mean()) / largest <= 80 * 2.0**-23)

    x = np.where(np.indices((4, 32, 8, 8)).sum(0) % 2, 3, -3).astype(np.float32)
    yield forward(channels_last(x), Parameters(2, bias=1.0, alpha=1 / 5, beta=1.0), agrees)


def mxnet(seed: int) -> Iterator[Case]:
    p = Parameters.from_mxnet(alpha=1e-4, beta=0.75, knorm=2, nsize=5)
    x = channels_last(random(seed).randn(2, 6, 10, 10).astype(np.float32))
    yield (case := forward(x, p, close(1e-3, 1e-4)))
    yield backward(case.expected.astype(np.float32), x, p, case.agrees)
