"""What is measured: shapes, parameters, input from a fixed seed, and the bytes that must move."""

import functools
import itertools
from dataclasses import dataclass

import ml_dtypes
import numpy as np

from benchmarks.machine import last_level_cache
from lrnlib import Parameters

DTYPES = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


@dataclass(frozen=True)
class Case:
    """One call: of the gradient if `kind` says so, else of the forward function."""

    kind: str
    name: str
    shape: tuple[int, ...]
    axis: int = -1
    depth_radius: int = 2
    beta: float = 0.75
    bias: float = 2.0
    spread: bool = False  # whether pixels differ in size by up to four orders of magnitude
    relu: bool = False  # whether negative numbers are replaced by 0, which makes windows of zeros
    dtype: str = "float32"

    @property
    def op(self):
        """The method of an implementation that computes this."""
        return "gradient" if self.kind.endswith("gradient") else "forward"

    @property
    def window(self):
        """Channels in a full window, by which PyTorch and ONNX divide their alpha."""
        return 2 * self.depth_radius + 1

    @property
    def alpha(self):
        """Makes alpha times the sum over a full window about as large as the bias, or as 1."""
        return (self.bias or 1.0) / self.window

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

    @property
    def lrn_parameters(self):
        """The four numbers, to be converted to each framework's arguments."""
        return Parameters(self.depth_radius, self.bias, self.alpha, self.beta)

    def __str__(self):
        shape = "x".join(map(str, self.shape))
        call = f"{self.kind}: {self.name}, {self.dtype} {shape}, axis {self.axis}"
        return f"{call}, depth_radius {self.depth_radius}, beta {self.beta}"

    def columns(self):
        """The columns of a record that identify this call."""
        names = ("kind", "name", "shape", "axis", "depth_radius", "beta", "dtype")
        return {name: getattr(self, name) for name in names} | {"shape": list(self.shape)}


@functools.lru_cache(maxsize=1)
def _draw(shape, axis, spread, relu, op):
    rng = np.random.default_rng(2012)
    x = rng.standard_normal(shape, np.float32)
    if spread:
        pixels = [1 if at == axis % x.ndim else size for at, size in enumerate(shape)]
        x *= (10 ** rng.uniform(-1, 3, pixels)).astype(np.float32)
    if relu:
        np.maximum(x, 0, out=x)
    return (x, rng.standard_normal(shape, np.float32)) if op == "gradient" else (x,)


def inputs_of(case):
    """`x`, and for a gradient `dy`, of the case's dtype, the same in every process.

    Cases that differ in nothing else than parameters and dtype have the same numbers, which are
    drawn once.
    """
    drawn = _draw(case.shape, case.axis, case.spread, case.relu, case.op)
    return [a.astype(DTYPES[case.dtype], copy=False) for a in drawn]


def pixels_of(case, random=8):
    """Every corner of the axes other than the channels', and some random pixels."""
    sizes = np.delete(case.shape, case.axis)
    rng = np.random.default_rng(0)
    corners = itertools.product(*({0, int(size) - 1} for size in sizes))
    return sorted({*corners, *(tuple(map(int, rng.integers(sizes))) for _ in range(random))})


def take(array, pixels, axis):
    """The channels of these pixels, a row for each."""
    return np.stack([np.moveaxis(array, axis, -1)[pixel] for pixel in pixels])


NORM1, NORM2 = "AlexNet norm1", "AlexNet norm2"
NORM1_64 = "AlexNet norm1, batch 64"
INSIDE, OUTSIDE = "inside the last-level cache", "outside the last-level cache"
IMAGE = Case("limit", NORM1, (1, 55, 55, 96))
CPU = {
    "forward": [
        Case("forward", NORM1, (16, 55, 55, 96)),
        Case("forward", NORM2, (16, 27, 27, 256)),
        Case("forward", "GoogLeNet norm1", (16, 56, 56, 64)),
        Case("forward", "GoogLeNet norm2", (16, 56, 56, 192)),
        Case("forward", "CIFAR-10", (128, 16, 16, 64), depth_radius=4),
        Case("forward", "512 channels", (8, 28, 28, 512)),
        Case("forward", "1024 channels", (8, 28, 28, 1024)),
        *(Case("forward", NORM1_64, (64, 55, 55, 96), beta=beta) for beta in (0.75, 0.5, 0.6, 1.0)),
        Case("forward", NORM1, (16, 96, 55, 55), axis=1),
        Case("forward", NORM1_64, (64, 96, 55, 55), axis=1),
    ],
    "gradient": [
        Case("gradient", NORM1, (16, 55, 55, 96)),
        Case("gradient", NORM1, (16, 96, 55, 55), axis=1),
    ],
    # x and y take half of the cache, or four times as much as it holds.
    "limit": [
        Case("limit", name, (max(1, size // IMAGE.bytes_moved), *IMAGE.shape[1:]))
        for name, size in ((INSIDE, last_level_cache() // 2), (OUTSIDE, 4 * last_level_cache()))
    ],
    "relu": [
        Case(kind, f"bias {bias:g}", (4, 55, 55, 96), bias=bias, relu=True)
        for kind in ("relu", "relu gradient")
        for bias in (0.0, 1.0)
    ],
    "sweep": [
        *(
            Case("channels", "channels", (4096 // channels, 32, 32, channels))
            for channels in (32, 64, 96, 128, 256, 512, 1024)
        ),
        *(
            Case("radius", "radius", (8, 32, 32, 512), depth_radius=radius)
            for radius in (1, 2, 4, 8, 16, 32, 64)
        ),
    ],
}
KERAS = {
    "gradient": [
        Case("gradient", NORM1, (16, 55, 55, 96)),
        Case("gradient", NORM2, (16, 27, 27, 256)),
    ]
}
TORCH = {
    op: [
        Case(op, NORM1, (16, 96, 55, 55), axis=1),
        Case(op, NORM1, (16, 55, 55, 96)),
        Case(op, NORM2, (16, 256, 27, 27), axis=1),
    ]
    for op in ("forward", "gradient")
}
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

LAST = (128, 55, 55, 96)
RADII = range(1, 8)
GPU_SHAPES = [
    (NORM1, LAST, -1),
    (NORM2, (128, 27, 27, 256), -1),
    (NORM1, (128, 96, 55, 55), 1),
    ("GoogLeNet norm2", (128, 192, 56, 56), 1),
]
GPU = {
    # Targets are set for each shape in float32 and float16; bfloat16 is timed in the first.
    op: [
        Case(op, name, shape, axis, dtype=dtype)
        for name, shape, axis in GPU_SHAPES
        for dtype in DTYPES
        if dtype != "bfloat16" or shape == LAST
    ]
    for op in ("forward", "gradient")
} | {
    "radius": [
        Case(op, "depth_radius", LAST, depth_radius=radius)
        for op in ("forward", "gradient")
        for radius in RADII
    ],
    "beta": [Case("forward", "beta", LAST, beta=beta) for beta in (0.5, 0.75, 1.0, 0.6)],
    "wide": [
        Case(op, "512 channels", (64, 28, 28, 512), depth_radius=radius, beta=beta)
        for radius, beta in ((64, 0.75), (511, 0.5))  # 511: every channel, as in PixelNorm
        for op in ("forward", "gradient")
    ],
}
