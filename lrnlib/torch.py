"""Local Response Normalization as PyTorch's function and module; imported only on request."""

from lrnlib._dispatch import DTYPES
from lrnlib._validation import type_name

try:
    import torch

    from lrnlib._torch_operators import apply, forward, parameters
except ImportError as error:
    raise ImportError("lrnlib.torch needs PyTorch 2.5 or newer: pip install torch") from error

DEVICES = ("cpu", "cuda", "meta")


def local_response_norm(
    input: torch.Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> torch.Tensor:
    r"""Divide each value by a power of the sum of squares around it, along the channels.

    With N channels and n = size, for each channel i of each pixel

    .. math::

        y_i = \frac{x_i}{\left(k + \frac{\text{alpha}}{n}
              \sum_{j=\max(0,\,i-\lfloor n/2 \rfloor)}^{\min(N-1,\,i+\lfloor (n-1)/2 \rfloor)}
              x_j^2\right)^{\text{beta}}}

    This is ``torch.nn.functional.local_response_norm``, with its names, order and defaults,
    computed in one pass by Numba or NumPy on a CPU and by CuPy on a GPU.

    Parameters
    ----------
    input : torch.Tensor
        Of shape (batch, channels, …), rank 3 or more, any strides; of bfloat16, float16, float32
        or float64, on a CPU or a CUDA device.
    size : int
        Channels in a full window, >= 1. An even one reaches ``size / 2`` channels before its own
        and one less after it.
    alpha : float, default 1e-4
        Factor of the mean of squares, finite and >= 0: it is divided by `size`.
    beta : float, default 0.75
        The exponent, finite. 0.5, 0.75 and 1 are computed by roots, which are faster than a
        power.
    k : float, default 1.0
        The constant under the power, finite and >= 0. With 0, a window of zeros gives 0/0, NaN.

    Returns
    -------
    torch.Tensor
        A new tensor of the input's shape, dtype, device and memory format.

    Raises
    ------
    TypeError
        If `input` is not a tensor, or has another dtype or layout, or a parameter is not a number
        of its type; a bool is not.
    ValueError
        If `input` has a rank below 3 or is on another device, or a parameter is out of its range,
        infinite or NaN.
    ImportError
        On import, if PyTorch is not installed; for a CUDA tensor, if CuPy is not; for a bfloat16
        tensor, if ml_dtypes is not.

    Notes
    -----
    float64 is computed in float64, every other dtype in float32 and then rounded. The result has
    the dtype of the input under ``torch.autocast`` too, where PyTorch's own returns float32. A
    finite input gives the right result, and its gradient, even where squares would overflow.

    A CPU tensor is read where it is, by Numba if that is installed and else by NumPy; the first
    call with a new size or kind of beta compiles for some seconds. Contiguous tensors and those
    of ``torch.channels_last`` are the fastest. The environment variable LRNLIB_NUM_THREADS limits
    the threads. A CUDA tensor is computed in PyTorch's current stream, without waiting.

    It is a custom operator: ``torch.compile`` and ``torch.export`` keep it as one node, and
    ``torch.func.vmap`` and ``grad`` go through it. There are derivatives of any order in reverse
    mode, the first by lrnlib's own gradient, those beyond by operations of PyTorch, whose squares
    may overflow. Forward mode is PyTorch's error.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep
    Convolutional Neural Networks", 2012, section 3.3.

    Examples
    --------
    1 / (1² + 2²), 2 / (1² + 2² + 3²) and 3 / (2² + 3²):

    >>> x = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1)
    >>> local_response_norm(x, size=3, alpha=3, beta=1, k=0).flatten()
    tensor([0.2000, 0.1429, 0.2308])
    """
    _check(input)
    if not torch.compiler.is_compiling():  # then the operator checks them, when it runs
        parameters(size, alpha, beta, k)
    numbers = int(size), float(alpha), float(beta), float(k)
    return apply(forward, input, 1, *numbers)


class LocalResponseNorm(torch.nn.LocalResponseNorm):  # type: ignore[misc]
    r"""Divide each value by a power of the sum of squares around it, along the channels.

    A ``torch.nn.LocalResponseNorm``, with its names, order and defaults, that calls
    :func:`local_response_norm`, which says what it computes. It has no weights, and its
    ``state_dict`` is empty.

    Parameters
    ----------
    size : int
        Channels in a full window, >= 1.
    alpha : float, default 1e-4
        Factor of the mean of squares, finite and >= 0: it is divided by `size`.
    beta : float, default 0.75
        The exponent, finite.
    k : float, default 1.0
        The constant under the power, finite and >= 0.

    Raises
    ------
    TypeError
        If a parameter is not a number of its type.
    ValueError
        If a parameter is out of its range, infinite or NaN.

    Examples
    --------
    1 / (1² + 2²), 2 / (1² + 2² + 3²) and 3 / (2² + 3²):

    >>> layer = LocalResponseNorm(size=3, alpha=3, beta=1, k=0)
    >>> layer(torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1)).flatten()
    tensor([0.2000, 0.1429, 0.2308])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        parameters(size, alpha, beta, k)
        super().__init__(size, alpha, beta, k)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)


def _check(input: object) -> None:
    if not isinstance(input, torch.Tensor):
        raise TypeError(
            f"input must be a torch.Tensor, got {type_name(input)}; convert it, as "
            "torch.as_tensor(input)"
        )
    if input.layout != torch.strided:
        raise TypeError(
            f"input must be a dense tensor, got one of layout {input.layout}; convert it, as "
            "input.to_dense()"
        )
    if str(input.dtype).removeprefix("torch.") not in DTYPES:
        raise TypeError(
            f"input must be of dtype {', '.join(DTYPES[:-1])} or {DTYPES[-1]}, got "
            f"{input.dtype}; cast it first, as input.float()"
        )
    if input.device.type not in DEVICES:
        raise ValueError(
            f"input must be on a CPU or a CUDA device, got one on {input.device}; move it first, "
            "as input.cpu()"
        )
    if input.dim() < 3:
        raise ValueError(
            f"input must have at least 3 axes, (batch, channels, …), got shape {tuple(input.shape)}"
        )
