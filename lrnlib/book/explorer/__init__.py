"""An interactive figure of LRN as one piece of HTML, with no kernel and no other file."""

from __future__ import annotations  # importing does not make the types

from typing import TYPE_CHECKING, Any

import numpy as np

from lrnlib._dispatch import as_array
from lrnlib._layout import normalize_axis
from lrnlib._validation import describe
from lrnlib.book.explorer.presets import ARTICLE
from lrnlib.parameters import Parameters

if TYPE_CHECKING:
    import numpy.typing as npt

CHANNELS, PIXELS = 1024, 16  # at most: the widest layers, and a list that can be read


class Explorer:
    """An interactive figure of one pixel before and after LRN; made by `explorer`.

    A notebook shows it as HTML, and its text is one line.

    Attributes
    ----------
    x : numpy.ndarray of float64, shape (pixels, channels)
        The pixels that it offers first.
    parameters : Parameters
        The four numbers that it starts with.
    channel : int
        The channel whose arithmetic it shows first.
    """

    def __init__(self, x: npt.NDArray[np.float64] | None, p: Parameters, channel: int) -> None:
        self.x = np.array(list(ARTICLE.values()), np.float64) if x is None else x
        self.parameters = p
        self.channel = channel
        self._is_article = x is None

    def __repr__(self) -> str:
        pixels, channels = self.x.shape
        p = self.parameters
        return (
            f"explorer of {_counted(pixels, 'pixel')} with {_counted(channels, 'channel')}: "
            f"depth_radius={p.depth_radius}, bias={p.bias:.7g}, alpha={p.alpha:.7g}, "
            f"beta={p.beta:.7g}"
        )

    def _repr_html_(self) -> str:
        from lrnlib.book.explorer.page import html  # reads files: not before it is shown

        given = None if self._is_article else self.x
        return html(given, self.x[0], self.parameters, self.channel)


def explorer(
    x: npt.ArrayLike | None = None,
    depth_radius: int = 2,
    bias: float = 0.0,
    alpha: float = 1.0,
    beta: float = 1.0,
    *,
    channel: int | None = None,
) -> Explorer:
    """Show LRN of one pixel as bars that follow sliders, with one channel's curve and arithmetic.

    The figure computes in the reader's browser, in double precision; where a double cannot hold
    a step, it says so. It needs no kernel and no network, and is the same in a page, in
    JupyterLab and in Colab. Where no scripts run, it is a sentence and a picture of its first
    state, which needs matplotlib when the figure is shown.

    Parameters
    ----------
    x : array_like, optional
        The pixels to show: shape (channels,) or (pixels, channels), of real numbers, with 1 to
        1,024 channels and 1 to 16 pixels; NaN and infinities are allowed. Not modified. None is
        the example of the article of 2016, four pixels of eight channels. Other pixels can be
        chosen or typed in the figure.
    depth_radius : int, default 2
        The first position of its slider, >= 0. The figure shows symmetric windows only, so no
        pair ``(before, after)``. The defaults are the article's.
    bias : float, default 0.0
        Finite and >= 0.
    alpha : float, default 1.0
        Finite and >= 0.
    beta : float, default 1.0
        Finite.
    channel : int, optional
        The channel whose arithmetic is shown first, negative ones counted from the end. None
        is the middle one.

    Returns
    -------
    Explorer
        A notebook shows it as the figure. The same arguments give the same HTML.

    Raises
    ------
    TypeError
        If `x` is not of real numbers, `channel` is not an integer, `depth_radius` is a pair,
        or a parameter is not a number of its kind.
    ValueError
        If the shape of `x` is not as above, `channel` is outside it, or a parameter is out of
        its range.

    Examples
    --------
    >>> explorer()
    explorer of 4 pixels with 8 channels: depth_radius=2, bias=0, alpha=1, beta=1
    >>> explorer([1, 1, 6, 1, 1], depth_radius=1, bias=2, alpha=1e-4, beta=0.75)
    explorer of 1 pixel with 5 channels: depth_radius=1, bias=2, alpha=0.0001, beta=0.75
    """
    pixels = None if x is None else _checked_pixels(x)
    channels = len(next(iter(ARTICLE.values()))) if pixels is None else pixels.shape[1]
    first = (channels - 1) // 2 if channel is None else normalize_axis("channel", channel, channels)
    if isinstance(depth_radius, tuple | list):
        raise TypeError(
            "depth_radius must be an integer >= 0 here, for the explorer shows symmetric windows "
            f"only, {describe(depth_radius)}"
        )
    return Explorer(pixels, Parameters(depth_radius, bias, alpha, beta), first)


def _checked_pixels(x: Any) -> npt.NDArray[np.float64]:
    array = _array(x)
    if array.ndim not in (1, 2):
        raise ValueError(
            "x must have one axis, its channels, or two, pixels and channels; "
            f"got an array of shape {array.shape}"
        )
    array = np.atleast_2d(array).astype(np.float64)
    pixels, channels = array.shape
    for count, most, what in ((pixels, PIXELS, "pixels"), (channels, CHANNELS, "channels")):
        if not 1 <= count <= most:
            raise ValueError(f"x must have from 1 to {most} {what}, got {count}")
    return array


def _array(x: Any) -> npt.NDArray[Any]:
    """`x` as an array of real numbers; a tensor on a CPU too, since the figure has no library."""
    try:
        array = as_array("x", x)
    except TypeError as error:
        if isinstance(x, np.ndarray):
            raise
        try:
            array = as_array("x", np.asarray(x))
        except Exception:  # the first error has advice that works
            raise error from None
    if not isinstance(array, np.ndarray):
        raise TypeError(
            "x must be a numpy.ndarray or an array-like, got cupy.ndarray; convert it with "
            "cupy.asnumpy(x)"
        )
    return array


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
