"""The four numbers of LRN, checked once, and what other frameworks call them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

from lrnlib._validation import integer, real

Made = TypeVar("Made")


class From:
    """`from_pytorch` and its like. The table is imported when one is asked for, not before."""

    def __init__(self, framework: str) -> None:
        self._framework = framework

    def __get__(self, instance: object, owner: type[Made]) -> Callable[..., Made]:
        from lrnlib._conversions import reader

        return reader(self._framework, owner)


class To:
    """`to_pytorch` and its like."""

    def __init__(self, framework: str) -> None:
        self._framework = framework

    def __get__(self, instance: object, owner: type) -> Callable[..., dict[str, Any]]:
        from lrnlib._conversions import writer

        return writer(self._framework, owner, instance)


@dataclass(frozen=True)
class Parameters:
    """The four parameters of Local Response Normalization, checked and frozen.

    The names, the order and the defaults are those of
    ``tf.nn.local_response_normalization``. For each framework of `lrnlib.conventions` there
    are a class method and a method, as ``from_pytorch`` and ``to_pytorch``, with that
    framework's own words and defaults.

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

    PyTorch names the size of the window and divides alpha by it:

    >>> Parameters.from_pytorch(size=5, alpha=1e-4, beta=0.75, k=1.0)
    Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75)
    >>> Parameters(2, 1.0, 2e-5, 0.75).to_onnx()
    {'size': 5, 'alpha': 0.0001, 'beta': 0.75, 'bias': 1.0}
    """

    depth_radius: int = 5
    bias: float = 1.0
    alpha: float = 1.0
    beta: float = 0.5

    def __post_init__(self) -> None:
        checked = {
            "depth_radius": integer("depth_radius", self.depth_radius, low=0),
            "bias": real("bias", self.bias, low=0),
            "alpha": real("alpha", self.alpha, low=0),
            "beta": real("beta", self.beta),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen

    @classmethod
    def from_framework(cls, framework: str, /, **words: Any) -> Self:
        """Return the parameters that a framework's words mean.

        The same as the class method named after the framework, as ``from_pytorch``.

        Parameters
        ----------
        framework : str
            A key of ``lrnlib.conventions.CONVENTIONS``: 'tensorflow', 'pytorch', 'onnx',
            'caffe', 'cudnn', 'onednn', 'mxnet', 'chainer', 'tensorrt', 'coreml', 'paper' or
            'cuda_convnet'.
        **words
            The framework's own words; one left out takes that framework's default.

        Returns
        -------
        Parameters
            Where the framework divides alpha by the size of the window, alpha is the quotient.

        Raises
        ------
        TypeError
            If a word is unknown, missing or not a number of its kind; a bool is none.
        ValueError
            If the framework is unknown or a number is out of the framework's range, or if no
            `depth_radius` has that window: an even one, in all but the paper and oneDNN.

        Examples
        --------
        >>> Parameters.from_framework("caffe", local_size=5, alpha=1e-4, beta=0.75)
        Parameters(depth_radius=2, bias=1.0, alpha=2e-05, beta=0.75)
        """
        from lrnlib._conversions import read

        return cls(**read(framework, words))

    def to_framework(self, framework: str, /) -> dict[str, Any]:
        """Return a framework's words for these parameters, in its order.

        The same as the method named after the framework, as ``to_pytorch``.

        Parameters
        ----------
        framework : str
            As for `from_framework`.

        Returns
        -------
        dict
            All of the framework's words that are numbers. Where it divides alpha by the size of
            the window, alpha is multiplied by it here, so that `from_framework` gives the same
            number again, or a neighbour of it in float64 where no other quotient is nearer.

        Raises
        ------
        ValueError
            If the framework is unknown or cannot take the numbers; the message says what comes
            nearest.

        Examples
        --------
        >>> Parameters(2, 2.0, 2e-5, 0.75).to_framework("cudnn")
        {'lrnN': 5, 'lrnAlpha': 0.0001, 'lrnBeta': 0.75, 'lrnK': 2.0}
        """
        from lrnlib._conversions import write

        return write(framework, asdict(self))

    from_tensorflow, to_tensorflow = From("tensorflow"), To("tensorflow")
    from_pytorch, to_pytorch = From("pytorch"), To("pytorch")
    from_onnx, to_onnx = From("onnx"), To("onnx")
    from_caffe, to_caffe = From("caffe"), To("caffe")
    from_cudnn, to_cudnn = From("cudnn"), To("cudnn")
    from_onednn, to_onednn = From("onednn"), To("onednn")
    from_mxnet, to_mxnet = From("mxnet"), To("mxnet")
    from_chainer, to_chainer = From("chainer"), To("chainer")
    from_tensorrt, to_tensorrt = From("tensorrt"), To("tensorrt")
    from_coreml, to_coreml = From("coreml"), To("coreml")
    from_paper, to_paper = From("paper"), To("paper")
    from_cuda_convnet, to_cuda_convnet = From("cuda_convnet"), To("cuda_convnet")
