"""What is measured: shapes, parameters, input from a fixed seed, and the bytes that must move."""

import itertools
from dataclasses import dataclass, replace

import ml_dtypes
import numpy as np

DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class Case:
    """One call: of the gradient if `kind` is "gradient", else of the forward function."""

    kind: str
    name: str
    shape: tuple[int, ...]
    axis: int = -1
    depth_radius: int = 2
    beta: float = 0.75
    bias: float = 2.0
    spread: bool = False  # whether pixels differ in size by up to four orders of magnitude
    dtype: str = "float32"

    @property
    def op(self):
        """The method of a subject that computes this."""
        return "gradient" if self.kind == "gradient" else "forward"

    @property
    def window(self):
        """Channels in a full window, by which PyTorch and ONNX divide their alpha."""
        return 2 * self.depth_radius + 1

    @property
    def alpha(self):
        """Makes alpha times the sum over a full window about as large as the bias."""
        return self.bias / self.window

    @property
    def elements(self):
        """The number of values in the result."""
        return int(np.prod(self.shape))

    @property
    def bytes_result(self):
        """The size of the result."""
        return np.dtype(DTYPES[self.dtype]).itemsize * self.elements

    @property
    def bytes_moved(self):
        """What must move at least: x and y, or x, dy and dx, each of them once."""
        return self.bytes_result * (3 if self.op == "gradient" else 2)

    def small(self):
        """The same call on one image of a few pixels."""
        channels_at = self.axis % len(self.shape)
        sizes = (1, *(min(size, 3) for size in self.shape[1:]))
        shape = (*sizes[:channels_at], self.shape[channels_at], *sizes[channels_at + 1 :])
        return replace(self, shape=shape)

    def parameters(self):
        """The columns of a record that say which call this is."""
        return {
            "kind": self.kind,
            "name": self.name,
            "shape": list(self.shape),
            "axis": self.axis,
            "depth_radius": self.depth_radius,
            "beta": self.beta,
        }


def inputs(case):
    """`x` and `dy` of the case's type, the same in every process."""
    rng = np.random.default_rng(2012)
    x = rng.standard_normal(case.shape, np.float32)
    if case.spread:
        pixels = np.expand_dims(np.moveaxis(x, case.axis, -1)[..., 0], case.axis).shape
        x *= (10 ** rng.uniform(-1, 3, pixels)).astype(np.float32)
    dy = rng.standard_normal(case.shape, np.float32) if case.op == "gradient" else None
    dtype = DTYPES[case.dtype]
    return x.astype(dtype, copy=False), dy if dy is None else dy.astype(dtype, copy=False)


def pixels_of(case, drawn=8):
    """Every corner of the axes that are not the channels, and as many pixels drawn."""
    sizes = np.delete(case.shape, case.axis)
    rng = np.random.default_rng(0)
    corners = itertools.product(*({0, int(size) - 1} for size in sizes))
    return sorted({*corners, *(tuple(map(int, rng.integers(sizes))) for _ in range(drawn))})


def take(array, pixels, axis):
    """The channels of these pixels, a row for each."""
    return np.stack([np.moveaxis(array, axis, -1)[pixel] for pixel in pixels])


NORM1 = "AlexNet norm1"
NORM1_64 = "AlexNet norm1, batch 64"
FORWARD = [
    Case("forward", NORM1, (16, 55, 55, 96)),
    Case("forward", "AlexNet norm2", (16, 27, 27, 256)),
    Case("forward", "GoogLeNet norm1", (16, 56, 56, 64)),
    Case("forward", "GoogLeNet norm2", (16, 56, 56, 192)),
    Case("forward", "CIFAR-10", (128, 16, 16, 64), depth_radius=4),
    Case("forward", "512 channels", (8, 28, 28, 512)),
    Case("forward", "1024 channels", (8, 28, 28, 1024)),
    *(Case("forward", NORM1_64, (64, 55, 55, 96), beta=beta) for beta in (0.75, 0.5, 0.6, 1.0)),
    Case("forward", NORM1, (16, 96, 55, 55), axis=1),
    Case("forward", NORM1_64, (64, 96, 55, 55), axis=1),
]
GRADIENT = [
    Case("gradient", NORM1, (16, 55, 55, 96)),
    Case("gradient", NORM1, (16, 96, 55, 55), axis=1),
]
SWEEP = [
    *(
        Case("channels", "channels", (4096 // channels, 32, 32, channels))
        for channels in (32, 64, 96, 128, 256, 512, 1024)
    ),
    *(
        Case("radius", "radius", (8, 32, 32, 512), depth_radius=radius)
        for radius in (1, 2, 4, 8, 16, 32, 64)
    ),
]
MEMORY = [
    Case(op, f"{factor} x 74 MB", (64 * factor, 55, 55, 96))
    for op in ("forward", "gradient")
    for factor in (1, 4)
]
ACCURACY = [
    Case("accuracy", "accuracy", (8, 64, 8, 96), depth_radius=radius, beta=beta, spread=True)
    for radius in (2, 5)
    for beta in (0.5, 0.75, 1.0, 0.6, 0.3)
]


def quick(cases):
    """The same cases with one image each: for development, not for a record."""
    return [replace(case, shape=(1, *case.shape[1:])) for case in cases]
