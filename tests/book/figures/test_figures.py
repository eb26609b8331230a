"""What the pictures claim, and whether a phone can show their words."""

import itertools
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

import lrnlib
from lrnlib.book import figures, records
from lrnlib.book.figures import _curves, _family, _results
from tools.repository import ROOT

PHONE = 330  # pixels that a picture is wide there
SMALLEST = 10  # pixels
FEATURE_MAP = np.array([[[1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]],
                        [[4, 3, 2, 1, 8, 7, 6, 5], [1, 2, 3, 4, 5, 6, 7, 8]]])  # fmt: skip
ACCURACIES = {
    name: {f"variant {k}": [0.8 + 0.01 * k, 0.81, 0.84] for k in range(8)}
    for name in ("pixels 0 to 1", "pixels 0 to 255")
}
COUNTS = {
    "tensorflow-eager": {"formula": (28, 28), "bfloat16": (0.4, 1), "gradient": None},
    "oneDNN, float32": {"formula": (0, 9), "bfloat16": (2.6, 5), "gradient": (20, 20)},
}
PICTURES = {
    "stack": figures.stack,
    "grid": lambda: figures.grid(FEATURE_MAP),
    "hyperparameters": lambda: figures.hyperparameters("Four numbers, four effects."),
    "family": figures.family,
    "published": figures.published,
    "seeds": lambda: figures.seeds(ACCURACIES),
    "window": lambda: figures.window(range(1, 9), 3, 2, 0, 1, 1, message="One window."),
    "before_after": lambda: figures.before_after(np.arange(9.0), np.arange(9.0), "Before."),
    "heat_map": lambda: figures.heat_map(COUNTS, "One message,\nas a sentence.", figures.WINDOW),
    "windows": lambda: figures.windows({"channel 0": (0, range(3))}, 8, "Clipped."),
}


@pytest.fixture(autouse=True)
def _style():
    """As in a chapter; nothing stays open."""
    with plt.style.context(figures.STYLE):
        yield
    plt.close("all")


def texts(figure):
    """The texts that are drawn: not those of ticks beyond the axes."""
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        draw = Text.draw
        patch.setattr(Text, "draw", lambda text, *a: (drawn.append(text), draw(text, *a)))
        figure.draw_without_rendering()
    return [t for t in dict.fromkeys(drawn) if t.get_visible() and t.get_text().strip()]


@pytest.mark.parametrize("name", PICTURES)
def test_words_are_legible_on_a_phone(name):
    """Large enough, inside the picture, and clear of each other; the title is a sentence."""
    figure = PICTURES[name]()
    found = texts(figure)
    assert found
    scale = PHONE / (72 * figure.get_figwidth())
    assert min(t.get_fontsize() for t in found) * scale >= SMALLEST
    boxes = {t: t.get_window_extent().padded(-1) for t in found}
    for text, box in boxes.items():
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, text
    for (a, box), (b, other) in itertools.combinations(boxes.items(), 2):
        assert not box.overlaps(other), (a, b)
    assert figure.get_suptitle()


def test_the_stack_s_arithmetic_is_lrn_s():
    """What is written below the window, computed as it stands there."""
    figure = figures.stack()
    line = min(t.get_position()[1] for t in texts(figure) if t.get_text() != figure.get_suptitle())
    written = [t for t in texts(figure) if t.get_position()[1] == line]
    written = "".join(t.get_text() for t in sorted(written, key=lambda t: t.get_window_extent().x0))
    left, right = re.sub("²", "**2", written).split("=")
    x = np.arange(1.0, 9)
    assert float(right) == round(lrnlib.lrn(x, 2, 0, 1, 1)[3], 3) == round(eval(left), 3)


@pytest.mark.parametrize(("channel", "window"), [(3, {1, 2, 4, 5}), (0, {1, 2}), (7, {5, 6})])
def test_the_grid_shows_one_window_and_all_values(channel, window):
    """The window is clipped at the edges, and is that of the pixel alone."""
    figure = figures.grid(FEATURE_MAP[np.newaxis], 1, 0, channel)
    (axes,) = figure.axes
    boxes = [p for p in axes.patches if p.get_fill() and p.get_width() != p.get_height()]
    colors = np.reshape([to_hex(p.get_facecolor()) for p in boxes], FEATURE_MAP.shape)
    assert set(np.flatnonzero(colors[1, 0] == figures.WINDOW)) == window
    assert np.argwhere(colors == figures.CENTRE).tolist() == [[1, 0, channel]]
    assert set(np.argwhere(colors == figures.WINDOW)[:, :2].ravel().tolist()) == {0, 1}
    numbers = [t.get_text() for t in axes.texts if t.get_text().isdigit()]
    assert numbers == [f"{value}" for value in FEATURE_MAP.ravel()]


@pytest.mark.parametrize("name", _curves.SWEEPS)
def test_slope_bend_and_peak_are_those_of_the_curve(name):
    """Found again on curves that lrnlib computes."""
    for value in _curves.SWEEPS[name]:
        p = _curves.with_value(name, value)
        assert _curves.response(1e-6, p) / 1e-6 == pytest.approx(_curves.slope(p))
        bend = _curves.bend(p)
        assert _curves.response(bend, p) == pytest.approx(bend / (2 * p.bias) ** p.beta)
        x = np.linspace(0, 100, 100_001)
        highest = x[_curves.response(x, p).argmax()]
        assert highest == pytest.approx(min(_curves.peak(p), 100), abs=1e-3)


def test_the_curves_stand_on_one_scale_and_carry_their_marks():
    """Slopes, bends and the peak stand on lrnlib's curves, and the labels are true."""
    panels = figures.hyperparameters().axes
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in panels}) == 1
    for axes, (name, labels) in zip(panels, _curves.SWEEPS.items(), strict=True):
        settings = [_curves.with_value(name, value) for value in labels]
        assert settings[0] == _curves.FIXED
        marks, starts, curves = (
            [line.get_xydata() for line in axes.lines if len(line.get_xdata()) == size]
            for size in (1, 2, 200)
        )
        for curve, p in zip(curves, settings, strict=True):
            np.testing.assert_allclose(curve[:, 1], _curves.response(curve[:, 0], p))
        places = [(_curves.bend(p), p) for p in settings]
        if name == "beta":
            places += [(x, p) for p in settings if (x := _curves.peak(p)) < _curves.RIGHT]
        points = [(x, float(_curves.response(x, p))) for x, p in places]
        np.testing.assert_allclose(np.concatenate(marks), points)
        slopes = [_curves.slope(p) for p in settings if name == "bias"]
        assert [y / x for _, (x, y) in starts] == pytest.approx(slopes)
        written = [float(text.split()[0]) for _, _, text in labels.values()]
        assert written == [2 * v + 1 if name == "depth_radius" else v for v in labels]
    ends = dict(text.split(" ", 1) for _, _, text in _curves.SWEEPS["beta"].values())
    assert len(ends) == 3
    for beta, end in ends.items():
        near, far = _curves.response([6, 600], _curves.with_value("beta", float(beta)))
        assert end == ("grows" if far > 2 * near else "falls" if far < near / 2 else "levels off")


def normalized(x, name):
    """The value of the family's picture, by the definition of each normalization."""
    if name == "local response":
        return lrnlib.lrn(x, _family.DEPTH_RADIUS)[_family.VALUE]
    n, p, c = _family.VALUE
    first = c // _family.GROUP * _family.GROUP
    group = x[n, :, first : first + _family.GROUP]
    used = {"batch": x[:, :, c], "layer": x[n], "instance": x[n, :, c], "group": group}[name]
    return (x[n, p, c] - used.mean()) / used.std()


@pytest.mark.parametrize("name", _family.sets())
def test_the_coloured_values_are_those_that_matter(name):
    """A value is coloured if and only if changing it changes the normalized one."""
    x = np.random.default_rng(0).normal(size=(_family.IMAGES, _family.PIXELS, _family.CHANNELS))
    before, matters = normalized(x, name), np.zeros(x.shape, bool)
    for place in np.ndindex(x.shape):
        changed = x.copy()
        changed[place] += 1
        matters[place] = normalized(changed, name) != before
    np.testing.assert_array_equal(_family.sets()[name], matters)


def test_lrn_looks_at_the_fewest_values():
    """As the title says."""
    sizes = {name: mask.sum() for name, mask in _family.sets().items()}
    assert min(sizes, key=sizes.get) == "local response"


def test_published_numbers_have_their_source():
    """Each key is in references.bib, with that year; and what the title says is so."""
    entries = dict(
        re.findall(r"@\w+\{(\w+),.*?year = \{(\d+)\}", (ROOT / "references.bib").read_text(), re.S)
    )
    rows = json.loads((records.FOLDER / "published.json").read_text(encoding="utf-8"))
    for row, change in zip(rows, _results.changes().values(), strict=True):
        assert entries[row["key"]] == str(row["year"])
        assert row["place"]
        assert change < 0 if row["year"] == 2012 else change >= 0
    assert list(_results.changes().values()) == [-2, -1.4, -1.2, 0.1, 0.1, 0]


def test_published_errors_stand_beside_their_change():
    """Without LRN and with it, a dash where only the change was published."""
    (axes,) = figures.published().axes
    beside = [t for t in axes.texts if "→" in t.get_text() or t.get_text() == "–"]
    assert [t.get_position()[1] for t in beside] == list(range(6))
    for text, (place, change) in zip(beside, _results.changes().items(), strict=True):
        errors = text.get_text()
        assert (errors == "–") == ("AlexNet" in place)
        if errors != "–":
            without, with_lrn = map(float, errors.split("→"))
            assert with_lrn - without == pytest.approx(change)


def test_a_heat_map_shows_counts_and_their_shares():
    """A digit is the count, blank is none, a dash is None; a full share has the full colour.

    The names of the columns have the largest total of theirs.
    """
    (axes,) = figures.heat_map(COUNTS, "A sentence.", figures.WINDOW).axes
    digits = [t.get_text() for t in axes.texts if len(t.get_text()) < 3]
    assert digits == ["28", "", "–", "", "3", "20"]
    colors = [to_hex(cell.get_facecolor()) for cell in axes.patches]
    assert [color == figures.WINDOW for color in colors] == [True, False, False, False, False, True]
    assert colors[3] == "#ffffff"
    texts = [t.get_text() for t in axes.texts]
    assert {"formula (28)", "bfloat16 (5)", "gradient (20)"} < {*texts}


def test_every_seed_is_a_dot_and_every_mean_is_marked():
    """In the order of the variants, from above."""
    for axes, variants in zip(figures.seeds(ACCURACIES).axes, ACCURACIES.values(), strict=True):
        drawn = [line for line in axes.lines if line.get_transform() == axes.transData]
        dots, means = drawn[::2], drawn[1::2]
        for dot, mean, accuracies in zip(dots, means, variants.values(), strict=True):
            np.testing.assert_array_equal(dot.get_xdata(), accuracies)
            np.testing.assert_allclose(mean.get_xdata(), np.mean(accuracies))
        assert axes.yaxis_inverted()
