"""The arithmetic behind one output value, term by term, as text and as LaTeX."""

from __future__ import annotations  # importing does not make the types

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from lrnlib._api import local_response_normalization, validate
from lrnlib._dispatch import as_array
from lrnlib._layout import normalize_axis
from lrnlib._validation import describe
from lrnlib.parameters import Parameters

if TYPE_CHECKING:
    from decimal import Decimal

    import numpy.typing as npt

TERMS_A_LINE = 5  # of LaTeX: as many as a phone shows without scrolling


@dataclass(frozen=True, repr=False)
class Explanation:
    """One output value of LRN and its arithmetic; made by `explain`.

    It prints as one line; a notebook shows it as mathematics.

    Attributes
    ----------
    index : tuple of int
        The position of the value in the array.
    parameters : Parameters
        The four numbers used.
    channels : range
        The channels of the clipped window.
    terms : tuple of float
        The values of `x` in those channels, whose squares are summed.
    x, y : float
        The input and the result.
    s : float or decimal.Decimal
        The base of the power, bias + alpha * sum of squares; a Decimal where it lies
        outside the range of float64.
    """

    index: tuple[int, ...]
    parameters: Parameters
    channels: range
    terms: tuple[float, ...]
    x: float
    s: float | Decimal
    y: float

    def __repr__(self) -> str:
        p = self.parameters
        squares = " + ".join(f"{_base(_digits(t))}²" for t in self.terms)
        return (
            f"y[{', '.join(map(str, self.index))}]"
            f" = {self.x:.7g} / ({p.bias:.7g} + {p.alpha:.7g}·({squares}))^{p.beta:.7g}"
            f" = {self.x:.7g} / {_base(_digits(self.s))}^{p.beta:.7g} = {self.y:.7g}"
        )

    def _repr_latex_(self) -> str:
        bias, alpha, beta = (_latex(getattr(self.parameters, n)) for n in ("bias", "alpha", "beta"))
        x, s, y = _latex(self.x), _latex(self.s), _latex(self.y)
        at = ",".join(map(str, self.index))
        return (
            rf"$$\begin{{aligned}} S &= {_sum_of_squares(self.terms)} \\"
            rf" y_{{{at}}} &= \frac{{{x}}}{{({bias} + {alpha} \cdot S)^{{{beta}}}}}"
            rf" \\ &= \frac{{{x}}}{{{_base(s)}^{{{beta}}}}} = {y} \end{{aligned}}$$"
        )


def _sum_of_squares(terms: tuple[float, ...]) -> str:
    """Return the sum as LaTeX, broken into lines that fit a phone."""
    squares = [f"{_base(_latex(t))}^2" for t in terms]
    starts = range(0, len(squares), TERMS_A_LINE)
    return r" \\ &\quad + ".join(" + ".join(squares[k : k + TERMS_A_LINE]) for k in starts)


def _base(number: str) -> str:
    """Put a number in brackets, as the base of a power, if it has a sign or a power of ten."""
    return number if number.replace(".", "").isdigit() else f"({number})"


def _digits(value: float | Decimal) -> str:
    """Format with seven digits, without trailing zeros."""
    if isinstance(value, float):
        return f"{value:.7g}"
    mantissa, _, exponent = f"{value:.6e}".partition("e")  # out of float64's range, so never near 1
    return f"{float(mantissa):.7g}e{exponent}"


def _latex(value: float | Decimal) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return rf"\mathrm{{{value}}}"
    mantissa, e, exponent = _digits(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def explain(
    x: npt.ArrayLike,
    index: int | Sequence[int] | npt.NDArray[Any],
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
) -> Explanation:
    """Show how one element of ``local_response_normalization(x, ...)`` is computed.

    Parameters
    ----------
    x : array_like
        The input, as for `local_response_normalization`, but no cupy.ndarray. Not modified.
    index : int or sequence of int
        The element: one integer per axis, negative ones counted from the end. For an `x` of
        one axis the integer itself will do.
    depth_radius, bias, alpha, beta, axis
        As for `local_response_normalization`.

    Returns
    -------
    Explanation
        Prints as one line of arithmetic, and as mathematics in a notebook. The value is
        computed in float64.

    Raises
    ------
    TypeError
        If `index` is not a sequence of integers, or as `local_response_normalization` raises
        it.
    ValueError
        If `index` does not hold one integer per axis or lies outside `x`, or as
        `local_response_normalization` raises it.

    Examples
    --------
    >>> explain(np.array([1.0, 2.0, 3.0]), (1,), depth_radius=1, bias=0, alpha=1, beta=1)
    y[1] = 2 / (0 + 1·(1² + 2² + 3²))^1 = 2 / 14^1 = 0.1428571
    """
    x = as_array("x", x)
    if not isinstance(x, np.ndarray):
        raise TypeError(
            "x must be a numpy.ndarray, got cupy.ndarray; convert it with cupy.asnumpy(x)"
        )
    channel_axis, parameters = validate(x, depth_radius, bias, alpha, beta, axis)
    x = np.asarray(x)
    at = _checked_index(index, x.shape)
    i = at[channel_axis]
    row = np.moveaxis(x, channel_axis, -1)[at[:channel_axis] + at[channel_axis + 1 :]]
    row = row.astype(np.float64)
    before, after = parameters.reach
    channels = range(max(0, i - before), min(row.size - 1, i + after) + 1)
    terms = tuple(row[channels.start : channels.stop].tolist())
    s = _base_of_power(parameters, terms)
    y = local_response_normalization(row, depth_radius, bias, alpha, beta)
    return Explanation(at, parameters, channels, terms, float(row[i]), s, float(y[i]))


def _base_of_power(p: Parameters, terms: tuple[float, ...]) -> float | Decimal:
    """Return bias + alpha * sum of squares, as a Decimal if it is out of float64's range."""
    s = p.bias + p.alpha * sum(term * term for term in terms)
    if sys.float_info.min <= s < math.inf or not all(map(math.isfinite, terms)):
        return s
    from decimal import Decimal  # rarely needed, and slow to import

    exact = Decimal(p.bias) + Decimal(p.alpha) * sum(Decimal(term) ** 2 for term in terms)
    return exact or s


def _checked_index(index: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(index, np.ndarray):
        index = index.tolist()
    if isinstance(index, Integral) and len(shape) == 1:
        index = (index,)
    integers = "1 integer" if len(shape) == 1 else f"{len(shape)} integers"
    if not isinstance(index, Sequence) or isinstance(index, str):
        raise TypeError(f"index must be a tuple of {integers}, {describe(index)}")
    if len(index) != len(shape):
        raise ValueError(f"index must hold {integers}, one per axis, {describe(index)}")
    return tuple(normalize_axis(f"index[{k}]", i, shape[k]) for k, i in enumerate(index))
