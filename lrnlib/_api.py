"""The public functions: what they promise, and the checks made before any work."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._dispatch import backend_for
from lrnlib._layout import as_outer_channels_inner, position
from lrnlib.parameters import Parameters

DTYPES = ("float16", "float32", "float64")


def local_response_normalization(
    x: npt.NDArray[Any],
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
    out: npt.NDArray[Any] | None = None,
    backend: str | None = None,
) -> npt.NDArray[Any]:
    r"""Divide each element by a power of the sum of squares around it, along the channels.

    With N channels and depth_radius r, for each channel i of each pixel

    .. math::

        y_i = \frac{x_i}{\left(\text{bias} + \text{alpha}
              \sum_{j=\max(0,\,i-r)}^{\min(N-1,\,i+r)} x_j^2\right)^{\text{beta}}}

    Names, order and defaults are those of ``tf.nn.local_response_normalization``.
    The window is clipped at the first and last channel and alpha is not rescaled there.

    Parameters
    ----------
    x : numpy.ndarray of float16, float32 or float64
        Any shape of rank >= 1, any strides. Not modified, unless it is `out`.
    depth_radius : int, default 5
        Half-width of the window in channels, >= 0; a full window holds
        ``2 * depth_radius + 1`` channels. A radius beyond the axis means all channels.
    bias : float, default 1.0
        The constant under the power, finite and >= 0. With 0, a window of zeros gives
        0/0, NaN, as in TensorFlow.
    alpha : float, default 1.0
        Factor of the sum of squares, finite and >= 0. Not divided by the window's size.
    beta : float, default 0.5
        The exponent, finite.
    axis : int, default -1
        The channel axis, from ``-x.ndim`` to ``x.ndim - 1``.
    out : numpy.ndarray, optional
        Where to write the result: writable, of `x`'s shape and dtype, any strides.
        It may be `x` or overlap it. It is left as it was if an error is raised.
    backend : {None, 'numpy'}, optional
        Who computes. None takes the backend of `x`'s type.

    Returns
    -------
    numpy.ndarray
        `out` if it was given, else a new C-contiguous array of `x`'s shape and dtype.

    Raises
    ------
    TypeError
        If `x` or `out` is not an array or not of a dtype above, or a parameter or `axis`
        is not a number of the kind above.
    ValueError
        If a parameter, `axis`, `backend` or the shape of `x` or `out` is not as above.

    Notes
    -----
    Window sums are direct. No running or prefix sum is used, so nothing cancels, and a
    NaN or an infinity reaches only the elements whose window holds it. The squares of
    finite input do not overflow: where the result can be represented, it is returned
    (for abs(beta) up to 200).

    With u the unit roundoff of float64 and v that of `x`'s dtype, the relative error of
    a result in the normal range is at most
    ``(abs(beta) * (min(2 * depth_radius + 1, channels) + 4) + 8) * 2 * u + v``.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep
    Convolutional Neural Networks", 2012, section 3.3.

    Examples
    --------
    1 / (1² + 2²), 2 / (1² + 2² + 3²) and 3 / (2² + 3²):

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> local_response_normalization(x, depth_radius=1, bias=0, alpha=1, beta=1).round(4)
    array([0.2   , 0.1429, 0.2308])
    """
    compute = backend_for(x, backend)
    channels_at, parameters = checked(x, depth_radius, bias, alpha, beta, axis)
    if out is not None:
        _check_out(out, x)
    x = np.asarray(x)  # a subclass such as numpy.matrix has its own ideas of shape
    y = compute.forward(as_outer_channels_inner(x, channels_at), parameters)
    if out is None:
        return np.reshape(y, x.shape)
    out[...] = y.reshape(x.shape)
    return out


lrn = local_response_normalization


def checked(
    x: npt.NDArray[Any],
    depth_radius: int,
    bias: float,
    alpha: float,
    beta: float,
    axis: int,
) -> tuple[int, Parameters]:
    """The channel axis counted from the front and the parameters; bad ones are an error."""
    if x.dtype.type not in (np.float16, np.float32, np.float64):
        raise TypeError(
            f"x must be of dtype {', '.join(DTYPES[:-1])} or {DTYPES[-1]}, got {x.dtype}; "
            "cast it first, as x.astype(numpy.float32)"
        )
    if x.ndim == 0:
        raise ValueError("x must have at least one axis, got an array of rank 0")
    return position("axis", axis, x.ndim), Parameters(depth_radius, bias, alpha, beta)


def _check_out(out: npt.NDArray[Any], x: npt.NDArray[Any]) -> None:
    if not isinstance(out, np.ndarray) or isinstance(out, np.ma.MaskedArray):
        raise TypeError(f"out must be a numpy.ndarray or None, got {type(out).__name__}")
    if out.dtype != x.dtype:
        raise TypeError(f"out must have the dtype of x, {x.dtype}, got {out.dtype}")
    if out.shape != x.shape:
        raise ValueError(f"out must have the shape of x, {x.shape}, got {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out must be writable, got a read-only array")
