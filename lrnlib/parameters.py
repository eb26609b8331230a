"""The four parameters of LRN, validated once, and their conversions to other frameworks."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

from lrnlib._validation import check_reach, check_real

Made = TypeVar("Made")


class _FromFramework:
    """A descriptor for `from_<framework>`; it imports the table of frameworks on first use."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._framework = name.removeprefix("from_")

    def __get__(self, instance: object, owner: type[Made]) -> Callable[..., Made]:
        from lrnlib._conversions import make_from_method

        return make_from_method(self._framework, owner)


class _ToFramework:
    """A descriptor for `to_<framework>`."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._framework = name.removeprefix("to_")

    def __get__(self, instance: object, owner: type) -> Callable[..., dict[str, Any]]:
        from lrnlib._conversions import make_to_method

        return make_to_method(self._framework, owner, instance)


@dataclass(frozen=True)
class Parameters:
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

    @classmethod
    def from_framework(cls, framework: str, /, **arguments: Any) -> Self:
        """Return the parameters for the arguments of another framework.

        The same as the class method named after the framework, such as ``from_pytorch``.

        Parameters
        ----------
        framework : str
            A key of ``lrnlib.conventions.CONVENTIONS``: 'tensorflow', 'pytorch', 'onnx',
            'caffe', 'cudnn', 'onednn', 'mxnet', 'chainer', 'tensorrt', 'coreml', 'paper' or
            'cuda_convnet'.
        **arguments
            The framework's own arguments; one that is left out takes the framework's default.

        Returns
        -------
        Parameters
            If the framework divides alpha by the size of the window, alpha is the quotient.

        Raises
        ------
        TypeError
            If an argument is unknown, missing or not a number of its type; a bool is not.
        ValueError
            If the framework is unknown, a number is out of the framework's range, or no
            `depth_radius` gives that window, as for an even size (except in the paper and
            oneDNN).

        Examples
        --------
        >>> Parameters.from_framework("caffe", local_size=5, alpha=1e-4, beta=0.75)
        Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75)
        """
        from lrnlib._conversions import from_arguments

        return cls(**from_arguments(framework, arguments))

    def to_framework(self, framework: str, /) -> dict[str, Any]:
        """Return a framework's arguments for these parameters, in its order.

        The same as the method named after the framework, such as ``to_pytorch``.

        Parameters
        ----------
        framework : str
            As for `from_framework`.

        Returns
        -------
        dict
            All numeric arguments of the framework. If it divides alpha by the size of the
            window, alpha is multiplied by the size here. `from_framework` then gives the same
            alpha again, or its neighbour in float64 where no quotient is nearer.

        Raises
        ------
        ValueError
            If the framework is unknown or does not accept the numbers; the message names the
            nearest number that it accepts.

        Examples
        --------
        >>> Parameters(2, 2.0, 2e-5, 0.75).to_framework("cudnn")
        {'lrnN': 5, 'lrnAlpha': 0.0001, 'lrnBeta': 0.75, 'lrnK': 2.0}
        """
        from lrnlib._conversions import to_arguments

        return to_arguments(framework, asdict(self))

    from_tensorflow, to_tensorflow = _FromFramework(), _ToFramework()
    from_pytorch, to_pytorch = _FromFramework(), _ToFramework()
    from_onnx, to_onnx = _FromFramework(), _ToFramework()
    from_caffe, to_caffe = _FromFramework(), _ToFramework()
    from_cudnn, to_cudnn = _FromFramework(), _ToFramework()
    from_onednn, to_onednn = _FromFramework(), _ToFramework()
    from_mxnet, to_mxnet = _FromFramework(), _ToFramework()
    from_chainer, to_chainer = _FromFramework(), _ToFramework()
    from_tensorrt, to_tensorrt = _FromFramework(), _ToFramework()
    from_coreml, to_coreml = _FromFramework(), _ToFramework()
    from_paper, to_paper = _FromFramework(), _ToFramework()
    from_cuda_convnet, to_cuda_convnet = _FromFramework(), _ToFramework()
