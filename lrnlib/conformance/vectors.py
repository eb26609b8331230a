"""The test vectors: inputs and parameters for which a mistake shows.

Channels are the last axis of four. In most vectors alpha times the window sum is about as large
as bias, bias is not 1 and no two sizes are equal, so that a mistake in any parameter, neighbour
or axis changes the result.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from lrnlib.conformance.bounds import Array
from lrnlib.conformance.vector import PROPERTIES, Vector
from lrnlib.parameters import Parameters


def spread(shape: tuple[int, ...], seed: int, scale: float = 2.0) -> Array:
    """Return numbers between -scale and scale in steps of scale / 2**23, exact in float32.

    They are the first 24 bits of each number of PCG64, whose stream is the same in all versions
    of NumPy.
    """
    raw = np.random.PCG64(seed).random_raw(int(np.prod(shape)))
    units = (raw >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1
    return (scale * units).reshape(shape).astype(np.float32)


def with_outlier(shape: tuple[int, ...], seed: int, **values: float) -> Array:
    """Return numbers between -1 and 1, with given values at channels, as ``at_3=1e4``."""
    x = spread(shape, seed, scale=1.0)
    for name, value in values.items():
        x[..., int(name.removeprefix("at_"))] = value
    return x


@cache
def vectors() -> tuple[Vector, ...]:
    """Return all test vectors, in the order of `PROPERTIES`.

    Returns
    -------
    tuple of Vector
        They are cached and shared: copy an array before writing to it. Those of bfloat16 are
        missing if ml_dtypes is not installed.

    Examples
    --------
    >>> vectors()[0].name, vectors()[0].parameters
    ('plain', Parameters(depth_radius=2, bias=1.5, alpha=0.25, beta=0.75))
    """
    groups = (_formula, _axes, _even, _channels, _outlier, _nan_inf, _range, _zeros, _float64,
              _half_types, _gradient)  # fmt: skip
    made = [vector for group in groups for vector in group()]
    return tuple(sorted(made, key=lambda vector: list(PROPERTIES).index(vector.property)))


def vector(name: str) -> Vector:
    """Return the vector of that name."""
    return {vector.name: vector for vector in vectors()}[name]


TYPICAL = Parameters(2, 1.5, 0.25, 0.75)


def _of(
    property: str, *rows: tuple[str, str, Array, Parameters], direct: bool = False
) -> Iterator[Vector]:
    """Yield a vector for each name, the mistakes that it detects, the input and parameters."""
    return (Vector(name, property, detects, x, p, direct=direct) for name, detects, x, p in rows)


def _formula() -> Iterator[Vector]:
    spike = np.ones((1, 1, 2, 13), np.float32)
    spike[..., 0, 6] = 4
    yield from _of(
        "formula",
        ("plain", "almost everything: no LRN at all, alpha divided by the window's size or "
         "multiplied by it, bias or beta left out, a window too wide or too narrow",
         spread((2, 3, 5, 11), 1), TYPICAL),
        ("spike", "a window one channel too long or too short on either side: one channel of "
         "ones is 4, and the results that differ from the second pixel's are its window",
         spike, Parameters(3, 1.5, 0.5, 1.0)),
        ("edges", "windows that wrap around, are mirrored, or are averaged over the channels "
         "that are there: all but one of the seven windows are clipped",
         spread((1, 2, 3, 7), 2), Parameters(3, 0.5, 0.25, 0.75)),
        ("radius-0", "a window of one channel that is treated as empty, or as larger",
         spread((1, 3, 2, 5), 3), Parameters(0, 1.5, 0.75, 0.75)),
        ("radius-5", "a half-width used as the size or the reverse; alpha / 11 instead of alpha",
         spread((1, 2, 3, 17), 4), Parameters(5, 0.75, 0.125, 0.75)),
        *((f"beta-{beta}", f"a special case for a beta of {beta}, or another beta",
           spread((1, 3, 2, 9), seed), Parameters(2, 1.5, 0.25, beta))
          for beta, seed in ((0.5, 5), (1.0, 6), (0.6, 7))),
        ("large-bias", "a bias that is always 1, or is added outside the power: it is 14.25, and "
         "alpha times the sum is as large",
         spread((1, 2, 3, 8), 8, scale=4.0), Parameters(2, 14.25, 0.5, 0.75)),
    )  # fmt: skip


def _axes() -> Iterator[Vector]:
    return _of(
        "axes",
        ("batch-larger-than-channels", "a loop over the batch instead of the channels",
         spread((6, 2, 3, 4), 10), Parameters(1, 1.5, 0.5, 0.75)),
        ("one-pixel", "a window along another axis: all of them have one element",
         spread((1, 1, 1, 9), 11), TYPICAL),
        ("pixels-of-one-channel", "a window over pixels: one channel, many pixels",
         spread((1, 7, 9, 1), 12), TYPICAL),
        ("channels-first-look-alike", "channels taken from the second axis, whose size is 7",
         spread((2, 7, 4, 6), 13), TYPICAL),
    )  # fmt: skip


def _even() -> Iterator[Vector]:
    """Yield each window twice: one channel longer before its own, as in PyTorch, and after it."""
    for side in ("before", "after"):
        mirrored = f"an even window whose longer side is not the one {side} its channel"
        rows = (
            (2, mirrored, spread((2, 3, 4, 7), 15)),
            (4, f"{mirrored}, and an odd window instead", spread((2, 3, 5, 11), 16)),
            (8, "an index out of bounds: there are fewer channels", spread((2, 2, 3, 6), 17)),
        )
        for size, detects, x in rows:
            p = Parameters(_reach(size, side), 1.5, 0.25, 0.75)
            yield Vector(f"even-{size}-{side}", "even", detects, x, p)
        not_mirrored = "a gradient that sums over the window of a channel, not its mirror image"
        p = Parameters(_reach(4, side), 1.5, 0.25, 0.75)
        yield _gradient_case(f"even-{side}", "even", not_mirrored, spread((2, 3, 5, 11), 18), p)
    p = Parameters((0, 5), 1.5, 0.25, 0.75)
    yield Vector("one-sided", "even", "a radius where there are two", spread((2, 3, 4, 9), 19), p)


def _reach(size: int, longer: str) -> tuple[int, int]:
    half = size // 2
    return (half, half - 1) if longer == "before" else (half - 1, half)


def _channels() -> Iterator[Vector]:
    return _of(
        "channels",
        ("fewer-channels-than-half", "an index out of bounds, and alpha divided by the number of "
         "channels", spread((2, 3, 4, 2), 20), Parameters(4, 1.5, 0.5, 0.75)),
        ("fewer-channels-than-window", "a window that is shifted instead of clipped at the edges",
         spread((2, 2, 3, 4), 21), Parameters(2, 1.5, 0.5, 0.75)),
        ("pixel-norm", "a limit on the window, 15 or 16 channels in some libraries: this one "
         "covers all 96, with alpha 1/96 and beta 0.5, ProGAN's pixelwise normalization",
         spread((1, 2, 2, 96), 22), Parameters(95, 1e-8, 1 / 96, 0.5)),
        *((f"{channels}-channels-beta-{beta}", "another algorithm for many channels, on harmless "
           "data", spread((1, 1, 2, channels), 23), Parameters(2, 1.5, 0.25, beta))
          for channels, beta in ((384, 0.5), (385, 0.5), (385, 1.0), (512, 0.75))),
    )  # fmt: skip


def _outlier() -> Iterator[Vector]:
    return _of(
        "outlier",
        *((f"outlier-{channels}-beta-{beta}", "a running or prefix sum: the square of 10000 "
           "absorbs the small ones, and what is subtracted later is not what was added",
           with_outlier((1, 1, 2, channels), 30, at_3=1e4), Parameters(2, 1.0, 1.0, beta))
          for channels, beta in ((64, 0.75), (384, 0.5), (385, 0.5), (385, 0.75), (385, 1.0))),
        direct=True,
    )  # fmt: skip


def _nan_inf() -> Iterator[Vector]:
    return _of(
        "nan-inf",
        *((f"{name}-{channels}-channels", f"{'a NaN' if name == 'nan' else 'an infinity'} that "
           "spreads: through a product with zeros (0 * NaN is NaN) to the whole pixel, or through "
           "a running sum to all channels after it",
           with_outlier((1, 1, 2, channels), 40, at_7=float(name)), Parameters(2, 1.5, 0.25, 0.5))
          for name in ("nan", "inf") for channels in (16, 400)),
    )  # fmt: skip


def _range() -> Iterator[Vector]:
    return _of(
        "range",
        ("large", "squares that overflow float32: values up to 2e25, whose results are at most 1",
         spread((1, 2, 3, 9), 50, scale=2e25), Parameters(2, 1.5, 1.0, 0.5)),
        ("small", "squares that underflow in float32: values below 2e-25 and no bias, so that the "
         "results are about 1",
         spread((1, 2, 3, 9), 51, scale=2e-25), Parameters(2, 0.0, 1.0, 0.5)),
    )  # fmt: skip


def _zeros() -> Iterator[Vector]:
    pixels, gap = spread((1, 2, 3, 9), 60), spread((1, 2, 3, 12), 61)
    pixels[:, 0] = gap[..., 3:10] = 0
    return _of(
        "zeros",
        ("zero-pixels", "a division by a sum of zeros, although bias is not 0", pixels, TYPICAL),
        ("zero-windows-no-bias", "a value other than NaN where all of a window is 0: with a bias "
         "of 0 that is 0/0; and a NaN in any other window", gap, Parameters(2, 0.0, 1.0, 0.75)),
    )  # fmt: skip


def _float64() -> Iterator[Vector]:
    x = spread((2, 3, 4, 9), 70).astype(np.float64) + 1e-9
    outlier = with_outlier((1, 1, 2, 64), 71, at_3=1e8).astype(np.float64)
    yield Vector("float64", "float64", "float64 that is computed in float32", x, TYPICAL)
    yield Vector("float64-outlier", "float64", "a running or prefix sum in float64", outlier,
                 Parameters(2, 1.0, 1.0, 0.75), direct=True)  # fmt: skip
    yield _gradient_case("float64", "float64", "a gradient in float32 for float64", x, TYPICAL)


def _half_types() -> Iterator[Vector]:
    for name, dtype, seed, scale in (("float16", np.dtype(np.float16), 80, 1.0), *_bfloat16()):
        plain = spread((2, 3, 5, 11), seed).astype(dtype)
        rounded = "parameters rounded to the half type, or results rounded more than once"
        p = Parameters(2, 1.3, 0.3, 0.7)
        yield Vector(f"{name}-plain", name, rounded, plain, p)
        yield _gradient_case(name, name, rounded, plain, p)
        many = np.full((1, 1, 2, 31), 0.5, np.float32)
        many[..., 15] = 32
        lost = f"a sum in {name}, which loses the small squares beside the large one"
        yield Vector(f"{name}-sum", name, lost, many.astype(dtype), Parameters(15, 1.0, 0.25, 1.0))
        yield from _of(
            name,
            (f"{name}-outlier", "a running sum, even in float32",
             with_outlier((1, 1, 2, 64), 82, at_3=1e4).astype(dtype),
             Parameters(2, 1.0, 1.0, 0.25)),
            (f"{name}-overflow", f"squares of {120 * scale:g} and {60000 * scale:g}, whose sum is "
             f"beyond {name}",
             np.array([120] * 9 + [60000, -60000], dtype).reshape(1, 1, 1, 11) * dtype.type(scale),
             Parameters(2, 1.0, 1e-4 / scale**2, 0.5)),
            direct=True,
        )  # fmt: skip


def _bfloat16() -> Iterator[tuple[str, Any, int, float]]:
    """Yield bfloat16 if the library ml_dtypes, which defines it, is installed."""
    try:
        import ml_dtypes
    except ModuleNotFoundError:
        return
    yield "bfloat16", np.dtype(ml_dtypes.bfloat16), 90, 1e16


def _gradient_case(name: str, property: str, detects: str, x: Array, p: Parameters,
                   seed: int = 99) -> Vector:  # fmt: skip
    dy = spread(x.shape, seed, scale=1.0).astype(x.dtype)
    return Vector(f"gradient-{name}", property, detects, x, p, dy, direct=name == "outlier")


def _gradient() -> Iterator[Vector]:
    zeros = spread((1, 2, 3, 9), 110)
    zeros[:, 0] = 0
    for name, detects, x, p, seed in (
        ("plain", "the second term left out, or its factor 2, alpha or beta; different windows "
         "for the denominators and the products", spread((2, 3, 5, 11), 100), TYPICAL, 101),
        *((f"beta-{beta}", f"a special case for a beta of {beta}",
           spread((1, 3, 2, 9), seed), Parameters(2, 1.5, 0.25, beta), seed + 1)
          for beta, seed in ((0.5, 102), (1.0, 104))),
        ("few-channels", "an index out of bounds in the gradient's window",
         spread((2, 2, 3, 4), 106), Parameters(3, 1.5, 0.25, 0.75), 107),
        ("outlier", "a running sum in the gradient",
         with_outlier((1, 1, 1, 385), 108, at_3=1e4), Parameters(2, 1.0, 1.0, 0.5), 109),
        ("nan", "a NaN in the gradient that spreads beyond the windows of the windows that hold it",
         with_outlier((1, 1, 2, 16), 112, at_7=np.nan), TYPICAL, 113),
        ("zeros", "a division by x or by y, which are 0", zeros, TYPICAL, 111),
    ):  # fmt: skip
        yield _gradient_case(name, "gradient", detects, x, p, seed)
