"""The input pixels that every explorer offers."""

UP, DOWN, MIXED = range(1, 9), range(8, 0, -1), (4, 3, 2, 1, 8, 7, 6, 5)

ARTICLE: dict[str, tuple[float, ...]] = {
    "first pixel, 1 to 8": tuple(UP),
    "second pixel, 8 to 1": tuple(DOWN),
    "third pixel, 4 to 1 and 8 to 5": MIXED,
    "fourth pixel, 1 to 8": tuple(UP),
}

MADE: dict[str, tuple[float, ...]] = {
    "one spike": (1, 1, 1, 1, 6, 1, 1, 1, 1),
    "a ramp from −4 to 4": tuple(range(-4, 5)),
}

# The responses of the eight filters of the chapter `what_it_does` to matplotlib's
# photograph of Grace Hopper, at the pixels whose strongest response is at the 99th, 90th, 50th
# and 5th percentile. tests/book/explorer/test_explorer.py computes them from that chapter's cells.
PHOTOGRAPH: dict[str, tuple[float, ...]] = {
    "a strong edge": (32.82, 19.92, 5.83, 2.24, 1.37, 0.75, 3.02, 17.8),
    "an edge": (0, 0.3, 3.72, 8.63, 8.38, 3.39, 1.85, 0.4),
    "a faint line": (0, 0, 0, 0, 0.79, 0, 0, 0),
    "a flat area, all 0": (0, 0, 0, 0, 0, 0, 0, 0),
}

GROUPS = {
    "The article’s example": ARTICLE,
    "Made to show one thing": MADE,
    "Filters on a photograph": PHOTOGRAPH,
}
