"""Hypothesis strategies for data on which a mistake in LRN shows."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from ml_dtypes import bfloat16

from tests.library.oracles.tolerance import terms_in

DTYPES = (np.float16, bfloat16, np.float32, np.float64)
LAYOUTS = (
    "contiguous",
    "fortran",
    "reversed",
    "strided",
    "transposed",
    "read-only",
    "big-endian",
    "unaligned",
)
WRITABLE = tuple(layout for layout in LAYOUTS if layout not in ("read-only", "big-endian"))
# (before, after): few lengths, each of which Numba compiles, and sides beyond the axis.
PAIRS = ((0, 1), (1, 0), (1, 2), (2, 1), (0, 5), (3, 0), (5, 9), (7, 10**20), (10**20, 7))
EXPONENTS = -10, 12  # of the values: 2**-10 <= abs(x) <= 2**13


@dataclass(frozen=True)
class Case:
    """An input, the gradient of its result, the axis and the parameters."""

    x: Any
    dy: Any
    axis: int
    depth_radius: int | tuple[int, int]
    bias: float
    alpha: float
    beta: float

    @property
    def parameters(self):
        return self.depth_radius, self.bias, self.alpha, self.beta

    @property
    def channels(self):
        return self.x.shape[self.axis]

    @property
    def terms(self):
        return terms_in(self.depth_radius, self.channels)


def sixty_fourths(low, high):
    """Draw multiples of 1/64, which every dtype holds: no parameter is rounded."""
    return st.integers(low * 64, high * 64).map(lambda k: k / 64)


ALPHAS = sixty_fourths(0, 4)
BIASES = sixty_fourths(0, 4).filter(lambda bias: bias > 0)
QUARTERS = st.integers(-4, 12).map(lambda k: k / 4)  # powers by square roots, and others
BETAS = sixty_fourths(-1, 2) | st.sampled_from((0.5, 0.75, 1.0)) | QUARTERS
SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def values(shape, dtype, seed, low=EXPONENTS[0], high=EXPONENTS[1]):
    """Return random values with signs and zeros, and exponents uniform from low to high."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(1, 2, shape) * 2.0 ** rng.integers(low, high, shape, endpoint=True)
    sign = rng.choice([-1.0, 0.0, 1.0], shape, p=[0.4, 0.1, 0.5])
    return (sign * size).astype(dtype)


def radii(channels):
    """Draw radii and pairs of them within the axis, at its edge and far beyond it."""
    edges = channels - 1, channels, channels + 3, 10**20
    return st.integers(0, 7) | st.sampled_from(edges) | st.sampled_from(PAIRS)


def balanced(depth_radius, channels, bias, alpha):
    """Return the exponent of x at which alpha * window sum / bias is near 1."""
    energy = bias / (max(alpha, 1 / 64) * terms_in(depth_radius, channels))
    return min(max(round(math.log2(energy) / 2), EXPONENTS[0] + 1), EXPONENTS[1] - 1)


@st.composite
def cases(draw, dtypes=DTYPES, layouts=LAYOUTS, alphas=ALPHAS, betas=BETAS, max_channels=17):
    """Draw shape, axis, dtype, layout and parameters; two of three have a balanced base."""
    shape = draw(SHAPES)
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    shape[axis] = draw(st.integers(1, max_channels))
    radius = draw(radii(shape[axis]))
    bias, alpha, beta = draw(BIASES), draw(alphas), draw(betas)
    middle = balanced(radius, shape[axis], bias, alpha)
    low, high = draw(st.sampled_from(((middle - 1, middle), (middle - 1, middle + 1), EXPONENTS)))
    dtype, seed = draw(st.sampled_from(dtypes)), draw(st.integers(0, 2**32))
    x, dy = values(shape, dtype, seed, low, high), values(shape, dtype, seed + 1, -3, 3)
    x = laid_out(x, draw(st.sampled_from(layouts)))
    dy = laid_out(dy.astype(x.dtype), draw(st.sampled_from(layouts)))
    return Case(x, dy.astype(x.dtype, copy=False), axis, radius, bias, alpha, beta)


def laid_out(a, layout):
    """Return an array equal to `a` with another memory layout."""
    match layout:
        case "contiguous":
            return np.array(a, order="C")
        case "fortran":
            return np.array(a, order="F")
        case "reversed":
            return np.flip(np.flip(a).copy())
        case "strided":
            wide = np.full([2 * size for size in a.shape], np.nan, a.dtype)
            view = wide[(slice(None, None, 2),) * a.ndim]
        case "transposed":
            return np.moveaxis(np.moveaxis(a, 0, -1).copy(), -1, 0)
        case "read-only":
            view = a.copy()
            view.setflags(write=False)
            return view
        case "big-endian":
            return a.copy() if a.dtype == bfloat16 else a.astype(a.dtype.newbyteorder(">"))
        case "unaligned":
            raw = np.zeros(a.nbytes + 1, np.uint8)[1:]
            view = np.ndarray(a.shape, a.dtype, buffer=raw.data)
        case _:
            raise ValueError(f"no such layout: {layout}")
    view[...] = a
    return view
