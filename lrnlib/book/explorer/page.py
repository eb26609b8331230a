"""The explorer's HTML: a sentence and a picture, and the script that replaces them."""

import base64
import hashlib
import io
import json
import math
import re
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._api import local_response_normalization
from lrnlib.book.explorer.presets import GROUPS
from lrnlib.parameters import Parameters

Pixels = npt.NDArray[np.float64]

SCRIPTS = (
    "lrn.js", "format.js", "svg.js", "bars.js", "overview.js", "curve.js", "parameters.js",
    "explorer.js", "start.js",
)  # fmt: skip
STATIC = "Where scripts run, this is a figure with sliders."
RUN = "In a notebook, run this cell."  # hidden by the style, which an untrusted notebook drops
WIDTH = 640  # CSS pixels of the picture
COLORS = 64  # of the palette: the bars' colours, and the greys of smooth text


def html(given: Pixels | None, first: Pixels, p: Parameters, channel: int) -> str:
    """The complete figure. Its id is a digest of its settings: no two runs differ."""
    settings = json.dumps(_settings(given, p, channel), ensure_ascii=False).replace("<", r"\u003c")
    name = f"lrn-explorer-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
    text = _describe(first, p, channel)
    picture = _picture(first, p, channel, text)
    script = "\n".join(map(_file, SCRIPTS))
    static = f'{picture}<p>{text}</p>\n<p>{STATIC}</p>\n<p class="lrn-run">{RUN}</p>\n'
    return (
        f'<div class="lrn-explorer" id="{name}">\n{static}</div>\n'
        f"<style>\n{_file('explorer.css')}</style>\n"
        f'<script>\n(function () {{\n"use strict";\n{script}\n'
        f'start("{name}", {settings});\n}})();\n</script>\n'
    )


def _describe(x: Pixels, p: Parameters, channel: int) -> str:
    """Describe the first state; the alt text of its picture."""
    y = local_response_normalization(x, p.depth_radius, p.bias, p.alpha, p.beta)
    radius, _ = p.reach
    first, last = max(0, channel - radius), min(x.size - 1, channel + radius)
    return (
        f"Bars of {x.size} channels of a pixel before LRN and, on another scale, after it. "
        f"Channel {channel} is divided by {_divisors(x, p)[channel]:.3g} and goes from "
        f"{x[channel]:.3g} to {y[channel]:.3g}; its window holds channels {first} to {last}."
    )


def _divisors(x: Pixels, p: Parameters) -> Pixels:
    radius, _ = p.reach
    with np.errstate(all="ignore"):
        sums = [np.square(x[max(0, i - radius) : i + radius + 1]).sum() for i in range(x.size)]
        divisors: Pixels = (p.bias + p.alpha * np.array(sums)) ** p.beta
    return divisors


def _picture(x: Pixels, p: Parameters, channel: int, text: str) -> str:
    """Draw the first state as a small PNG; nothing where matplotlib is missing."""
    try:
        from matplotlib import style
        from matplotlib.figure import Figure
        from PIL import Image

        from lrnlib.book import figures
    except ImportError:
        return ""
    drawn, small = io.BytesIO(), io.BytesIO()
    with style.context(figures.STYLE, after_reset=True):  # not the notebook's style
        figure = Figure()  # of its own, so that the notebook does not show it
        figures.window(x.tolist(), channel, p.reach[0], p.bias, p.alpha, p.beta, figure)
        before, after = figure.axes
        _name_divisors(before, after, _divisors(x, p))
        figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(COLORS).save(small, "png", optimize=True)
    source = f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode()}"
    return f'<p><img src="{source}" width="{WIDTH}" alt="{text}"></p>\n'


def _name_divisors(before: Any, after: Any, divisors: Pixels) -> None:
    """Write each divisor between the two bars, where the bars have numbers."""
    before.tick_params(bottom=False)
    for i in map(int, after.get_xticks()):
        before.text(
            i, -0.05, f"÷{divisors[i]:.3g}", ha="center", va="top", fontsize=9,
            transform=before.get_xaxis_transform(),
        )  # fmt: skip


def _settings(given: Pixels | None, p: Parameters, channel: int) -> dict[str, Any]:
    groups = dict(GROUPS)
    if given is not None:
        names = [f"pixel {k}" for k in range(len(given))] if len(given) > 1 else ["the pixel"]
        groups = {"Given": dict(zip(names, given.tolist(), strict=True)), **groups}
    inputs = [
        {"group": group, "name": name, "x": [_number(value) for value in x]}
        for group, pixels in groups.items()
        for name, x in pixels.items()
    ]
    parameters = [p.depth_radius, p.bias, p.alpha, p.beta]
    return {"inputs": inputs, "channel": channel, "parameters": parameters}


def _number(value: float) -> float | str:
    """For JSON, which has no NaN and no infinities; the script converts their names."""
    if math.isfinite(value):
        return int(value) if value == int(value) and abs(value) < 2**53 else value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _file(name: str) -> str:
    """Read a script or style without its indentation and its lines of comments."""
    text = resources.files("lrnlib.book.explorer").joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"^ +|^ *//.*\n", "", text, flags=re.MULTILINE)
