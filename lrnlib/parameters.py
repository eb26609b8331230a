"""The four numbers of LRN, checked once."""

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real

from lrnlib._messages import got, got_type


@dataclass(frozen=True)
class Parameters:
    """The four parameters of Local Response Normalization, checked and frozen.

    The names, the order and the defaults are those of
    ``tf.nn.local_response_normalization``.

    Parameters
    ----------
    depth_radius : int, default 5
        Half-width of the window in channels, >= 0; a full window holds
        ``2 * depth_radius + 1`` channels. The paper's n / 2, for an odd n.
    bias : float, default 1.0
        The constant k under the power, finite and >= 0.
    alpha : float, default 1.0
        Factor of the window's sum of squares, finite and >= 0.
        It multiplies the sum; it is not divided by the window's size.
    beta : float, default 0.5
        The exponent, finite.

    Raises
    ------
    TypeError
        If `depth_radius` is not an integer, or another parameter is not a real number.
        A bool is neither.
    ValueError
        If a parameter is out of its range, infinite or NaN.

    Examples
    --------
    >>> Parameters(depth_radius=2, bias=2, alpha=1e-4, beta=0.75)
    Parameters(depth_radius=2, bias=2.0, alpha=0.0001, beta=0.75)
    """

    depth_radius: int = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            checked = _radius(value) if field.name == "depth_radius" else _real(field.name, value)
            object.__setattr__(self, field.name, checked)  # the dataclass is frozen


def _radius(value: object) -> int:
    allowed = "depth_radius must be an integer >= 0"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {got_type(value)}")
    if value < 0:
        raise ValueError(f"{allowed}, {got(value)}")
    return int(value)


def _real(name: str, value: object) -> float:
    allowed = f"{name} must be a finite int or float" + ("" if name == "beta" else " >= 0")
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{allowed}, {got_type(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int or a Fraction beyond float64
        number = math.inf
    if not math.isfinite(number) or (value < 0 and name != "beta"):
        raise ValueError(f"{allowed}, {got(value)}")
    return number + 0.0  # -0.0 becomes 0.0
