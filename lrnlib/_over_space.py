"""LRN over pixels instead of channels, which lrnlib does not compute: the NumPy that does."""

from collections.abc import Sequence


def numpy_lines(
    extent: tuple[int, int],
    axes: Sequence[int],
    size: int,
    bias: float,
    alpha: float,
    beta: float,
) -> str:
    """Return three lines that compute `y` from `x` for a window of that extent over axes."""
    before, after = extent
    width = before + after + 1
    pads = f"[({before}, {after}) if a in {tuple(axes)} else (0, 0) for a in range(x.ndim)]"
    last = tuple(range(-len(axes), 0))
    return (
        f"s = numpy.pad(x**2, {pads})\n"
        f"s = numpy.lib.stride_tricks.sliding_window_view(s, {(width,) * len(axes)}, "
        f"{tuple(axes)}).sum({last})\n"
        f"y = x / ({bias} + {alpha} / {size ** len(axes)} * s) ** {beta}"
    )
