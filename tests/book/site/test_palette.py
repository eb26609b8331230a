"""The figures' colours as seen with each type of colour blindness."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lrnlib.book.figures import CENTRE, OUTSIDE, STYLE, WINDOW

# For linear RGB and full severity: Machado, Oliveira and Fernandes, "A physiologically-based
# model for simulation of color vision deficiency", IEEE TVCG 15 (2009), table 1.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
MIN_DIFFERENCE = 20  # CIE 1976 ΔE; 2.3 is just noticeable


def lab(color, sight):
    """A colour in CIELAB, as seen with this type of colour vision."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colors, sight):
    """The smallest distance between two of the colours."""
    places = [lab(color, sight) for color in colors]
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(places, 2))


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_told_apart(sight):
    """Those of a channel, its window and the rest, on white; and no curve is too pale."""
    assert nearest([CENTRE, WINDOW, OUTSIDE, "white"], sight) > MIN_DIFFERENCE
    for each in STYLE["axes.prop_cycle"]:
        assert nearest([each["color"], "white"], sight) > 1.5 * MIN_DIFFERENCE


def test_curves_differ_in_more_than_their_colour():
    """Each has its own line style, so that it is known without its colour."""
    strokes = [each["linestyle"] for each in STYLE["axes.prop_cycle"]]
    assert len(set(strokes)) == len(strokes) == 4


def test_red_and_green_are_found_too_close():
    """Checks the test itself with the classic pair for deuteranopia."""
    pair = ["#d62728", "#2ca02c"]
    assert nearest(pair, "normal") > 100
    assert nearest(pair, "deuteranopia") < MIN_DIFFERENCE
