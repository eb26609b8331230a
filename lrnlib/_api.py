"""The public functions: they check their arguments and call one backend."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib._dispatch import array_namespace, as_array, backend_for, dask_backend_for
from lrnlib._layout import normalize_axis
from lrnlib._validation import type_name
from lrnlib.parameters import Parameters

Array = Any  # numpy.ndarray, or one of CuPy or Dask, which may not be there for the types
ArrayLike = npt.ArrayLike  # these too: they have __array__


def local_response_normalization(
    x: ArrayLike,
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    r"""Divide each element by a power of the sum of squares around it, along the channels.

    With N channels and depth_radius r, for each channel i of each pixel

    .. math::

        y_i = \frac{x_i}{\left(\text{bias} + \text{alpha}
              \sum_{j=\max(0,\,i-r)}^{\min(N-1,\,i+r)} x_j^2\right)^{\text{beta}}}

    Names, order and defaults are those of ``tf.nn.local_response_normalization``.
    The window is clipped at the first and last channel and alpha is not rescaled there.

    Parameters
    ----------
    x : array_like
        A numpy.ndarray, a cupy.ndarray, a dask.array.Array or what NumPy's functions take for an
        array: a list, a range, a pandas object. Of bfloat16 (of ml_dtypes), float16, float32 or
        float64; integers and booleans are computed in float64. Any shape of rank >= 1, any
        strides. Not modified, unless it is `out`. A tensor of PyTorch, TensorFlow or JAX is an
        error that shows how to convert it.
    depth_radius : int or pair of int, default 5
        Half-width of the window in channels, >= 0; a full window holds
        ``2 * depth_radius + 1`` channels. A radius beyond the axis means all channels.
        With a pair ``(before, after)`` the window of channel i is that from i - before to
        i + after, as an even number of channels needs it.
    bias : float, default 1.0
        The constant under the power, finite and >= 0. With 0, a window of zeros gives
        0/0, NaN, as in TensorFlow.
    alpha : float, default 1.0
        Factor of the sum of squares, finite and >= 0. Not divided by the window's size.
    beta : float, default 0.5
        The exponent, finite.
    axis : int, default -1
        The channel axis, from ``-x.ndim`` to ``x.ndim - 1``.
    out : array like the result, optional
        Where to write it: writable, of `x`'s library, shape, dtype (float64 where `x` is of
        integers) and device, any strides. It may be `x` or overlap it. It is left as it was if
        an error is raised.
    backend : {None, 'numpy', 'numba', 'cupy'}, optional
        Which backend computes; None means that of `x`'s library, 'numpy' or 'cupy'.
        'numba' needs Numba, 'cupy' needs CuPy and a GPU. Both compile a kernel at the first
        call with a new radius or a new kind of beta.

    Returns
    -------
    numpy.ndarray or cupy.ndarray
        `out` if it was given, else a new C-contiguous array of `x`'s library, shape, dtype
        and device: a numpy.ndarray for a list or a pandas object, of float64 for integers.

    Raises
    ------
    TypeError
        If `x` is not array-like or of another dtype, `out` is not an array of the result's
        dtype, or a parameter or `axis` is not a number of its type.
    ValueError
        If a parameter or `axis` is out of its range, `backend` is unknown, `x` has rank 0,
        or `out` is read-only or differs from `x` in shape or device.
    ImportError
        If `backend` is 'numba' or 'cupy' and that library is not installed.
    RuntimeError
        If `backend` is 'cupy' and there is no GPU, or one older than compute capability 7.0.

    Notes
    -----
    float64 is computed in float64; every other dtype is computed in float32 and then
    rounded. Window sums are direct or by doubling. There is no running or prefix sum, so
    nothing cancels, and a NaN or an infinity affects only the elements whose window holds it.
    Finite input gives the right finite result wherever the dtype can hold it (for abs(beta)
    up to 200), even where squares would overflow. Pixels with values far from 1, such as
    1e9 in float32, or with a NaN use a fallback in NumPy, which takes about 100 times as long
    as the NumPy backend's ordinary values, and about 700 times as long as Numba's.

    The environment variable LRNLIB_NUM_THREADS, a positive integer, limits the threads;
    any other value is a ValueError. Calls from several threads at once are safe.

    For a CuPy array the kernels run on its device in the current stream, and the call does
    not wait for them. An array that is not C-contiguous, or shares memory with `out`, is
    copied first.

    A Dask array is computed later, chunk by chunk, each in its own library. Its channels may be
    cut anywhere, its chunks' sizes along them must be known, and `out` must be None.

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
    if lazy := dask_backend_for(x):
        return lazy.forward(x, depth_radius, bias, alpha, beta, axis, out, backend)
    given, x = x, as_array("x", x)
    module = backend_for(x, backend)
    channel_axis, p = validate(x, depth_radius, bias, alpha, beta, axis)
    if out is not None:
        check_like_x("out", out, x, given)

    def compute(y: Any) -> None:
        if p.beta == 0:
            y[...] = x
        else:
            module.forward(array_namespace(x).asarray(x), channel_axis, p, y)

    return _compute_into(compute, (x,), out)


lrn = local_response_normalization


def local_response_normalization_grad(
    dy: ArrayLike,
    x: ArrayLike,
    depth_radius: int | tuple[int, int] = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    *,
    axis: int = -1,
    out: Array | None = None,
    backend: str | None = None,
) -> Array:
    r"""Return the gradient with respect to `x`, given the one with respect to LRN of `x`.

    With :math:`s_j = \text{bias} + \text{alpha} \sum_k x_k^2` over the window of j, as in
    :func:`local_response_normalization`, for each channel i of each pixel

    .. math::

        dx_i = \frac{dy_i}{s_i^{\text{beta}}} - 2 \, \text{alpha} \, \text{beta} \, x_i
               \sum_{j=\max(0,\,i-r)}^{\min(N-1,\,i+r)}
               \frac{dy_j \, x_j}{s_j^{\text{beta}+1}}

    Parameters
    ----------
    dy : array_like
        The gradient of a loss with respect to LRN's result; of `x`'s library, shape, dtype
        and device. Integers and booleans become float64, as those of `x` do.
    x : array_like
        The input of LRN, as in :func:`local_response_normalization`. Neither `x` nor `dy` is
        modified, unless it is `out`.
    depth_radius : int or pair of int, default 5
        Half-width of the window in channels, >= 0, or a pair ``(before, after)``.
    bias : float, default 1.0
        The constant under the power, finite and >= 0.
    alpha : float, default 1.0
        Factor of the sum of squares, finite and >= 0.
    beta : float, default 0.5
        The exponent, finite.
    axis : int, default -1
        The channel axis, from ``-x.ndim`` to ``x.ndim - 1``.
    out : array like the result, optional
        Where to write it: writable, of `x`'s library, shape, dtype (float64 where `x` is of
        integers) and device, any strides. It may be `x` or `dy` or overlap them. It is left as
        it was if an error is raised.
    backend : {None, 'numpy', 'numba', 'cupy'}, optional
        Which backend computes, as in :func:`local_response_normalization`.

    Returns
    -------
    numpy.ndarray or cupy.ndarray
        The gradient of the loss with respect to `x`: `out` if it was given, else a new
        C-contiguous array of `x`'s library, shape, dtype and device, as in LRN.

    Raises
    ------
    TypeError
        If `dy` is not array-like, or not of `x`'s library and dtype, or as LRN raises it.
    ValueError
        If `dy` differs from `x` in shape or device, or as LRN raises it.
    ImportError, RuntimeError
        As LRN raises them.

    Notes
    -----
    The sum runs over the channels j whose windows hold i. With one radius these are the
    channels in the window of i; with a pair they are its mirror image, i - after to i + before.
    The difference above may cancel, so the error is bounded relative to the sum of the
    absolute values of its terms. NaN, infinities, large values and threads are treated as
    in LRN.

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep
    Convolutional Neural Networks", 2012, section 3.3, for the function; its derivative is
    derived in the chapter on the gradient.

    Examples
    --------
    For one channel, y = x / (1 + x²), and dy/dx = (1 - x²) / (1 + x²)² = -3 / 25 at x = 2:

    >>> local_response_normalization_grad(np.array([1.0]), np.array([2.0]), beta=1)
    array([-0.12])
    """
    if lazy := dask_backend_for(x):
        return lazy.gradient(dy, x, depth_radius, bias, alpha, beta, axis, out, backend)
    given, x = x, as_array("x", x)
    module = backend_for(x, backend)
    channel_axis, p = validate(x, depth_radius, bias, alpha, beta, axis)
    dy = as_array_like_x(dy, x, given)
    if out is not None:
        check_like_x("out", out, x, given)

    def compute(dx: Any) -> None:
        if p.beta == 0:
            dx[...] = dy
        else:
            asarray = array_namespace(x).asarray
            module.gradient(asarray(dy), asarray(x), channel_axis, p, dx)

    return _compute_into(compute, (x, dy), out)


def _compute_into(
    compute: Callable[[Any], None], inputs: tuple[Array, ...], out: Array | None
) -> Array:
    """Let `compute` write into `out` or into a new array, on the device of the inputs."""
    x: Any = inputs[0]
    library = array_namespace(x)
    with nullcontext() if library is np else x.device:
        # asarray: a subclass such as numpy.matrix indexes and multiplies in another way.
        y = library.empty(x.shape, x.dtype) if out is None else library.asarray(out)
        if any(_may_overlap(y, other) for other in inputs):
            compute(copy := library.empty(y.shape, y.dtype))
            y[...] = copy
        else:
            compute(y)
    result: Array = y if out is None else out
    return result


def _may_overlap(y: Any, x: Any) -> bool:
    """Tell whether an element of `y` may lie in the memory of another element of `x`.

    On a GPU even the same element counts, since other threads read it while it is written.
    CuPy's may_share_memory misses arrays of other libraries that share one allocation.
    """
    if isinstance(y, np.ndarray):
        if y.ctypes.data == x.ctypes.data and y.strides == x.strides:
            return False
        return np.may_share_memory(y, x)
    (first, last), (begin, end) = _extent(y), _extent(x)
    return y.size > 0 and first < end and begin < last


def _extent(a: Any) -> tuple[int, int]:
    """Return the first address of a CuPy array and the one after its last."""
    spans = [(size - 1) * stride for size, stride in zip(a.shape, a.strides, strict=True)]
    first = a.data.ptr + sum(span for span in spans if span < 0)
    return first, first + sum(map(abs, spans)) + a.dtype.itemsize


def validate(
    x: Any,
    depth_radius: int | tuple[int, int],
    bias: float,
    alpha: float,
    beta: float,
    axis: int,
) -> tuple[int, Parameters]:
    """Return the channel axis, counted from the front, and the parameters, or raise."""
    if x.ndim == 0:
        raise ValueError("x must have at least one axis, got an array of rank 0")
    return normalize_axis("axis", axis, x.ndim), Parameters(depth_radius, bias, alpha, beta)


def as_array_like_x(dy: Any, x: Any, given: Any) -> Any:
    """Return `dy` as an array; nothing moves to or from a GPU."""
    library, array = array_namespace(x), dy
    if library is np or isinstance(dy, library.ndarray):
        array = as_array("dy", dy)
    check_like_x("dy", array, x, given, getattr(dy, "dtype", None))
    return array


def check_like_x(name: str, array: Any, x: Any, given: Any = None, dtype: object = None) -> None:
    """Raise unless `array` is like `x`, which was `given`; an error names `dtype` as the array's.

    `given` is not `x` where x is the array made of it.
    """
    library = array_namespace(x)
    if not isinstance(array, library.ndarray) or isinstance(array, np.ma.MaskedArray):
        allowed = f"a {library.__name__}.ndarray{' or None' if name == 'out' else ''}"
        as_x = ", as x is" if type_name(array).endswith(".ndarray") else ""
        raise TypeError(f"{name} must be {allowed}{as_x}, got {type_name(array)}")
    if array.dtype != x.dtype:
        is_x = given is None or given is x
        wanted = "have the dtype of x, {}" if is_x else "be of {}, in which x is computed"
        cast = f"; convert it with {library.__name__}.asarray(dy, dtype='{x.dtype}')"
        raise TypeError(
            f"{name} must {wanted.format(x.dtype)}, got {dtype or array.dtype}"
            f"{cast if name == 'dy' else ''}"
        )
    if array.shape != x.shape:
        raise ValueError(f"{name} must have the shape of x, {x.shape}, got {array.shape}")
    if library is not np and array.device != x.device:
        raise ValueError(
            f"{name} must be on the device of x, {x.device.id}, got one on {array.device.id}"
        )
    if name == "out" and library is np and not array.flags.writeable:
        raise ValueError("out must be writable, got a read-only array")
