"""The explorer's HTML: a static figure, and the script that replaces it."""

from __future__ import annotations  # importing does not make the types

import base64
import hashlib
import json
import math
from importlib import resources
from typing import TYPE_CHECKING, Any

from lrnlib.book.explorer.presets import GROUPS
from lrnlib.book.explorer.static_figure import describe, draw

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from lrnlib.parameters import Parameters

    Pixels = npt.NDArray[np.float64]

SCRIPTS = ("lrn.js", "format.js", "bars.js", "parameters.js", "explorer.js")
STATIC = (
    "Where scripts run, as on the book’s page, in Colab and in a trusted notebook, this is a "
    "figure with sliders."
)
WIDTH = 640  # CSS pixels of the picture


def html(given: Pixels | None, first: Pixels, p: Parameters, channel: int) -> str:
    """The complete figure. Its id is a digest of its settings: no two runs differ."""
    settings = json.dumps(_settings(given, p, channel), ensure_ascii=False).replace("<", r"\u003c")
    name = f"lrn-explorer-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
    text = describe(first, p, channel)
    script = "\n".join(map(_file, SCRIPTS))
    return (
        f'<div class="lrn-explorer" id="{name}">\n{_image(draw(first, p, channel), text)}'
        f"<p>{text}</p>\n<p>{STATIC}</p>\n</div>\n"
        f"<style>\n{_file('explorer.css')}</style>\n"
        f'<script>\n(function () {{\n"use strict";\n{script}\n'
        f'start("{name}", {settings});\n}})();\n</script>\n'
    )


def _image(png: bytes | None, text: str) -> str:
    if png is None:
        return ""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<p><img src="{source}" width="{WIDTH}" alt="{text}"></p>\n'


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
    return resources.files("lrnlib.book.explorer").joinpath(name).read_text(encoding="utf-8")
