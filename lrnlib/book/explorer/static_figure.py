"""A still picture of an explorer's first state, as SVG."""

from __future__ import annotations  # importing does not make the types

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrnlib._api import local_response_normalization

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from lrnlib.parameters import Parameters

    Pixel = npt.NDArray[np.float64]

WIDTH, PANEL, GUTTER = 640, 90, 34
HEIGHT = 2 * (PANEL + 2 * GUTTER) + 20
FILLS = {"chosen": "#0072b2", "inside": "#e69f00", "outside": "#b4b4b4"}  # as in figures.py
STROKES = {"chosen": "#000000", "inside": "#8a5f00", "outside": "#6e6e6e"}
LEGIBLE = 16  # channels, up to which every bar has its number


def picture(x: Pixel, p: Parameters, channel: int) -> str:
    """One pixel's channels before and after LRN, and the window of one of them."""
    y = local_response_normalization(x, p.depth_radius, p.bias, p.alpha, p.beta)
    distance = [abs(i - channel) for i in range(x.size)]
    before = [_kind(d, p.depth_radius) for d in distance]
    after = [_kind(d, 0) for d in distance]
    parts = [
        *_panel("before, x", x.tolist(), before, GUTTER),
        *_panel("after, y", y.tolist(), after, PANEL + 3 * GUTTER),
        *(_channel(i, x.size) for i in range(x.size) if x.size <= LEGIBLE or i == channel),
    ]
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def in_words(x: Pixel, p: Parameters, channel: int) -> str:
    """What the picture shows."""
    y = local_response_normalization(x, p.depth_radius, p.bias, p.alpha, p.beta)
    first = max(0, channel - p.depth_radius)
    last = min(x.size - 1, channel + p.depth_radius)
    return (
        f"Bars of {x.size} channels of a pixel, before and after LRN. Channel {channel} goes from "
        f"{x[channel]:.3g} to {y[channel]:.3g}; its window holds channels {first} to {last}."
    )


def _kind(distance: int, radius: int) -> str:
    return "chosen" if distance == 0 else "inside" if distance <= radius else "outside"


def _panel(title: str, values: list[float], kinds: list[str], top: int) -> Iterator[str]:
    finite = [value for value in values if math.isfinite(value)]
    high, low = max([0.0, *finite]), -min([0.0, *finite])
    largest = max(high, low) or 1.0
    up = high or largest * (math.inf in values)
    down = low or largest * (-math.inf in values)
    share = up / largest + down / largest or 1.0
    zero = top + PANEL * (up / largest / share if down else 1)
    yield f'<text x="4" y="{top - 22}" font-weight="bold">{title}</text>'
    yield f'<path d="M0 {zero:.2f}H{WIDTH}" stroke="#6e6e6e"/>'
    for i, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        part = value / largest if math.isfinite(value) else _beyond(value)
        long = PANEL / share * part
        yield _bar(i, len(values), zero, long, kind)
        if len(values) <= LEGIBLE or kind == "chosen":
            yield _number(i, len(values), zero - long + (15 if long < 0 else -5), value)


def _beyond(value: float) -> float:
    """How much of the scale a bar takes whose value is not finite."""
    return 0.0 if math.isnan(value) else math.copysign(1.0, value)


def _bar(i: int, count: int, zero: float, long: float, kind: str) -> str:
    step = WIDTH / count
    return (
        f'<rect x="{(i + 0.1) * step:.2f}" y="{zero - max(long, 0):.2f}" '
        f'width="{0.8 * step:.2f}" height="{abs(long):.2f}" '
        f'fill="{FILLS[kind]}" stroke="{STROKES[kind]}"/>'
    )


def _number(i: int, count: int, y: float, value: float) -> str:
    x = (i + 0.5) * WIDTH / count
    return f'<text class="number" x="{x:.2f}" y="{y:.2f}" text-anchor="middle">{value:.3g}</text>'


def _channel(i: int, count: int) -> str:
    x = (i + 0.5) * WIDTH / count
    return f'<text x="{x:.2f}" y="{HEIGHT - 8}" text-anchor="middle">{i}</text>'
