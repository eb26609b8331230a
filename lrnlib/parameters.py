"""The four parameters of LRN, validated once, and their conversions to other frameworks."""

from dataclasses import dataclass

from lrnlib._framework_methods import FrameworkMethods
from lrnlib._validation import check_reach, check_real


@dataclass(frozen=True)
class Parameters(FrameworkMethods):
    """The four parameters of Local Response Normalization, validated and frozen.

    The names, the order and the defaults are those of
    ``tf.nn.local_response_normalization``. Each framework of `lrnlib.conventions` has a
    class method and a method, such as ``from_pytorch`` and ``to_pytorch``, with the
    framework's own argument names and defaults.

    Parameters
    ----------
    depth_radius : int or pair of int, default 5
        Half-width of the window in channels, >= 0; a full window holds
        ``2 * depth_radius + 1`` channels. The paper's n / 2, for an odd n. A pair
        ``(before, after)`` is how many channels the window reaches to each side, as for an
        even size; a pair of equal numbers becomes one number.
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
        If `depth_radius` is not an integer or a pair of them, or another parameter is not a
        real number; a bool counts as neither.
    ValueError
        If a parameter is out of its range, infinite or NaN.

    Examples
    --------
    >>> Parameters(depth_radius=2, bias=2, alpha=1e-4, beta=0.75)
    Parameters(depth_radius=2, bias=2.0, alpha=0.0001, beta=0.75)

    PyTorch names the size of the window and divides alpha by it:

    >>> Parameters.from_pytorch(size=5, alpha=1e-4, beta=0.75, k=1.0)
    Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75)
    >>> Parameters(2, 1.0, 2e-5, 0.75).to_onnx()
    {'size': 5, 'alpha': 0.0001, 'beta': 0.75, 'bias': 1.0}

    An even size is a pair, which each framework has another of:

    >>> Parameters.from_pytorch(size=2).depth_radius
    (1, 0)
    """

    depth_radius: int | tuple[int, int] = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5

    def __post_init__(self) -> None:
        checked = {
            "depth_radius": check_reach("depth_radius", self.depth_radius),
            "bias": check_real("bias", self.bias, low=0),
            "alpha": check_real("alpha", self.alpha, low=0),
            "beta": check_real("beta", self.beta),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen

    @property
    def reach(self) -> tuple[int, int]:
        """How many channels the window reaches before and after its own."""
        r = self.depth_radius
        return r if isinstance(r, tuple) else (r, r)
