"""Local Response Normalization as a Keras 3 layer; imported only on request."""

from dataclasses import asdict
from typing import Any

from lrnlib._layout import clip_reach
from lrnlib._validation import check_integer, describe
from lrnlib.parameters import Parameters

try:
    import keras
    from keras import ops
except ImportError as error:
    raise ImportError(
        "lrnlib.keras needs Keras 3 and one of its backends, TensorFlow, JAX or PyTorch: "
        "pip install keras tensorflow"
    ) from error

Tensor = Any  # of Keras's backend
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="lrnlib")
class LocalResponseNormalization(keras.layers.Layer):  # type: ignore[misc]
    r"""Divide each value by a power of the sum of squares around it, along the channels.

    With N channels and depth_radius r, for each channel i of each pixel

    .. math::

        y_i = \frac{x_i}{\left(\text{bias} + \text{alpha}
              \sum_{j=\max(0,\,i-r)}^{\min(N-1,\,i+r)} x_j^2\right)^{\text{beta}}}

    This is ``tf.nn.local_response_normalization``, with its names, order and defaults, as a
    layer for every backend of Keras 3: TensorFlow, JAX and PyTorch. It has no weights.

    Parameters
    ----------
    depth_radius : int or pair of int, default 5
        Half-width of the window in channels, >= 0; a full window holds
        ``2 * depth_radius + 1`` channels. A radius beyond the axis means all channels.
        With a pair ``(before, after)`` the window of channel i is that from i - before to
        i + after.
    bias : float, default 1.0
        The constant under the power, finite and >= 0. With 0, a window of zeros gives
        0/0, NaN, as in TensorFlow.
    alpha : float, default 1.0
        Factor of the sum of squares, finite and >= 0. Not divided by the window's size.
    beta : float, default 0.5
        The exponent, finite. 0.5, 0.75 and 1 are computed by roots, which are faster than a
        power.
    axis : int, default -1
        The channel axis, counted with the batch axis, which is 0: -1 where the channels come
        last, 1 where they come first.
    **kwargs
        Those of every Keras layer, such as `name` and `dtype`.

    Raises
    ------
    TypeError
        If `depth_radius` is not an integer or a pair of them, `axis` is not an integer, or
        another parameter not a real number; a bool counts as neither.
    ValueError
        If a parameter is out of its range, infinite or NaN; when the layer is first called, if
        `axis` is the batch's or beyond the input's, or the number of channels is unknown.
    ImportError
        On import, if Keras 3 or its backend is not installed.

    Notes
    -----
    The input has rank 2 or more. The number of channels must be known when a model is built;
    all other sizes may be None. The output has the input's shape and the layer's
    ``compute_dtype``. A mask is passed on.

    A layer of float64 computes in float64, every other one in float32 and rounds the result, so
    that no square overflows float16 under the policy ``mixed_float16``. In float32 squares
    overflow beyond 1.8e19, which makes the result 0; the gradient loses its digits beyond about
    1e12.

    Window sums are by doubling. There is no running sum, so nothing cancels, and no matrix
    product, which a GPU may compute with fewer bits. A NaN or an infinity affects only the values
    whose window holds it, and gradients within two radii.

    To load a saved model, import this module first, so that Keras knows the layer; nothing else
    is needed::

        import lrnlib.keras
        model = keras.saving.load_model("model.keras")

    References
    ----------
    A. Krizhevsky, I. Sutskever, G. E. Hinton, "ImageNet Classification with Deep
    Convolutional Neural Networks", 2012, section 3.3.

    Examples
    --------
    1 / (1² + 2²), 2 / (1² + 2² + 3²) and 3 / (2² + 3²):

    >>> import numpy as np
    >>> layer = LocalResponseNormalization(depth_radius=1, bias=0, alpha=1, beta=1)
    >>> y = layer(np.array([[1.0, 2.0, 3.0]]))
    >>> keras.ops.convert_to_numpy(y).round(4)
    array([[0.2   , 0.1429, 0.2308]], dtype=float32)
    """

    def __init__(
        self,
        depth_radius: int | tuple[int, int] = 5,
        bias: float = 1.0,
        alpha: float = 1.0,
        beta: float = 0.5,
        axis: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.parameters = Parameters(depth_radius, bias, alpha, beta)
        self.axis = check_integer("axis", axis, low=None)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        self._channel_axis(input_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        self._channel_axis(input_shape)
        return input_shape

    def call(self, inputs: Tensor) -> Tensor:
        axis, p = self._channel_axis(inputs.shape), self.parameters
        x = ops.cast(inputs, "float64" if self.compute_dtype == "float64" else "float32")
        if p.beta != 0:
            reach = clip_reach(p.reach, max(1, x.shape[axis]))
            base = p.bias + p.alpha * _window_sums(ops.square(x), axis, *reach)
            x = x * _power(base, -p.beta)
        return ops.cast(x, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **asdict(self.parameters), "axis": self.axis}

    def _channel_axis(self, shape: Shape) -> int:
        """Return the channel axis counted from the front; raise if the input cannot have it."""
        shape, rank = tuple(shape), len(shape)
        if rank < 2:
            raise ValueError(f"the input must have a batch and a channel axis, got shape {shape}")
        if not (1 <= self.axis < rank or -rank < self.axis < 0):
            raise ValueError(
                f"axis must be from 1 to {rank - 1} or from {1 - rank} to -1 for an input of rank "
                f"{rank}, whose axis 0 is the batch, {describe(self.axis)}"
            )
        if shape[self.axis] is None:
            raise ValueError(
                f"the number of channels must be known, got shape {shape} with axis {self.axis}"
            )
        return self.axis % rank


def _power(base: Tensor, exponent: float) -> Tensor:
    """Return base^exponent, by roots for the three that networks use."""
    if exponent == -1:
        return ops.reciprocal(base)
    if exponent not in (-0.5, -0.75):
        return ops.power(base, exponent)
    root = ops.rsqrt(base)
    return root if exponent == -0.5 else root * ops.sqrt(root)


def _window_sums(z: Tensor, axis: int, before: int, after: int) -> Tensor:
    """Return the sum of each clipped window of `z` along an axis."""
    padding = [(before, after) if k == axis else (0, 0) for k in range(len(z.shape))]

    def sums(z: Tensor) -> Tensor:
        return _doubling(ops.pad(z, padding), axis, before + after + 1)

    # TensorFlow's gradient of a slice is slow. The transpose of these sums is the sums over the
    # mirrored windows. Other backends would lose forward-mode derivatives.
    if keras.backend.backend() != "tensorflow":
        return sums(z)

    @ops.custom_gradient  # type: ignore[untyped-decorator]
    def with_transpose(z: Tensor) -> Tensor:
        return sums(z), lambda dz: _window_sums(dz, axis, after, before)

    return with_transpose(z)


def _doubling(z: Tensor, axis: int, terms: int) -> Tensor:
    """Return the sums of `terms` neighbours, by adding two sums of half as many."""
    if terms == 1:
        return z
    length = z.shape[axis] - terms + 1

    def part(z: Tensor, start: int) -> Tensor:
        return z[(slice(None),) * axis + (slice(start, start + length),)]

    half = _doubling(z, axis, terms // 2)
    total = part(half, 0) + part(half, terms // 2)
    return total + part(z, terms - 1) if terms % 2 else total
