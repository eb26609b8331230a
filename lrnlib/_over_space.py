"""LRN over pixels instead of channels, which lrnlib does not compute: the NumPy that does."""

from collections.abc import Mapping
from typing import Any

from lrnlib.conventions import CONVENTIONS, Convention


def check_across_channels(c: Convention, values: Mapping[str, Any]) -> None:
    """Raise if the sum is over pixels, with the lines of NumPy that compute it."""
    within = values.get("region") == "WITHIN_CHANNEL"
    axes = (2, 3) if within else values.get("axes", ())
    if len(axes) < 2:
        return
    size = values["size"]
    if within:
        name, shown, allowed = c.argument("region"), "'WITHIN_CHANNEL'", "'ACROSS_CHANNELS'"
        what, array = f"{size} x {size} pixels of each channel", "x of shape (N, C, H, W)"
    else:
        name, shown, allowed = c.argument("axes"), str(axes), "one axis"
        what, array = "a box over them", "x"
    raise ValueError(
        f"{c.title}'s {name} must be {allowed}, got {shown}, which sums over {what}; for an array "
        f"{array} NumPy computes it as\n\n{_numpy_lines(c, axes, values)}"
    )


def _numpy_lines(c: Convention, axes: tuple[int, ...], values: Mapping[str, Any]) -> str:
    """Return three lines that compute `y` from `x`."""
    before, after = values["depth_radius"]
    bias = 1.0 if c is CONVENTIONS["caffe"] else values["bias"]  # Caffe ignores k there
    pads = f"[({before}, {after}) if a in {axes} else (0, 0) for a in range(x.ndim)]"
    box, last = (before + after + 1,) * len(axes), tuple(range(-len(axes), 0))
    factor = f"{values['alpha']} / {values['size'] ** len(axes)}"
    return (
        f"s = numpy.pad(x**2, {pads})\n"
        f"s = numpy.lib.stride_tricks.sliding_window_view(s, {box}, {axes}).sum({last})\n"
        f"y = x / ({bias} + {factor} * s) ** {values['beta']}"
    )
