"""Faulty LRNs: mistakes that were made or could be, each with a vector to detect it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lrnlib.conformance import faulty_lrn as lrn
from lrnlib.conformance.bounds import Array


@dataclass(frozen=True)
class Fault:
    """A faulty LRN: one mistake in an otherwise right implementation.

    Attributes
    ----------
    name : str
        The name in tables.
    mistake : str
        What it does, and where it was seen.
    detected_by : str
        The name of the vector made to detect it.
    function : callable
        ``function(x, p)``, or ``function(dy, x, p)`` for a gradient.
    gradient : bool
        Whether `function` is a gradient.
    """

    name: str
    mistake: str
    detected_by: str
    function: Callable[..., Array]
    gradient: bool = False


FAULTS: tuple[Fault, ...] = (
    Fault("identity", "no LRN at all", "plain", lrn.identity),
    Fault("bias-alone", "x / bias^beta: LRN removed, its constant kept", "plain",
          lrn.parameters(lambda p, channels: replace(p, alpha=0))),
    Fault("self-only", "a window of one channel", "plain", lrn.radius(lambda r, channels: 0)),
    Fault("all-channels", "one sum for the whole pixel", "plain",
          lrn.radius(lambda r, channels: channels)),
    Fault("alpha-divided", "alpha / size where alpha is meant: TensorFlow's arguments read as "
          "PyTorch's", "plain",
          lrn.parameters(lambda p, channels: replace(p, alpha=p.alpha / lrn.size(p)))),
    Fault("alpha-undivided", "alpha * size: PyTorch's arguments as TensorFlow's", "plain",
          lrn.parameters(lambda p, channels: replace(p, alpha=p.alpha * lrn.size(p)))),
    Fault("alpha-over-channels", "alpha / channels, as Core ML's documentation once said", "plain",
          lrn.parameters(lambda p, channels: replace(p, alpha=p.alpha / channels))),
    Fault("averaged-edges", "the mean of the clipped window, times the size", "edges",
          lrn.average),
    Fault("wrapped-edges", "the first channel beside the last", "edges", lrn.padded("wrap")),
    Fault("mirrored-edges", "channels beyond the edge mirrored", "edges", lrn.padded("reflect")),
    Fault("shifted-edges", "windows moved inwards instead of clipped",
          "fewer-channels-than-window", lrn.shifted),
    Fault("one-more-before", "c-r-1 to c+r", "spike", lrn.window(1, 0)),
    Fault("one-less-before", "c-r+1 to c+r", "spike", lrn.window(-1, 0)),
    Fault("one-more-after", "c-r to c+r+1", "spike", lrn.window(0, 1)),
    Fault("one-less-after", "c-r to c+r-1: TensorFlow Lite's reference kernel", "spike",
          lrn.window(0, -1)),
    Fault("one-more", "a radius larger by one", "spike", lrn.radius(lambda r, channels: r + 1)),
    Fault("one-less", "a radius smaller by one", "spike",
          lrn.radius(lambda r, channels: max(r - 1, 0))),
    Fault("radius-as-size", "a window of depth_radius channels: an early tf2onnx", "radius-5",
          lrn.radius(lambda r, channels: r // 2)),
    Fault("size-as-radius", "a half-width of 2 depth_radius + 1", "radius-5",
          lrn.radius(lambda r, channels: 2 * r + 1)),
    Fault("odd-radius-less-one", "an odd radius less one: OpenVINO's reading of TensorFlow's",
          "radius-5", lrn.radius(lambda r, channels: r - r % 2)),
    Fault("at-most-15", "windows cut to 15 channels", "pixel-norm",
          lrn.radius(lambda r, channels: min(r, 7))),
    Fault("even-mirrored", "the longer side of an even window on the other side of its channel: "
          "PyTorch's read as ONNX's", "even-2-before",
          lrn.parameters(lambda p, channels: replace(p, depth_radius=p.reach[::-1]))),
    Fault("even-as-odd", "half of an even size as a radius: the paper as printed", "even-4-after",
          lrn.radius(lambda r, channels: r)),
    Fault("spatial", "sums over pixels, within a channel", "pixels-of-one-channel", lrn.spatial),
    Fault("second-axis", "channels taken from the second axis", "channels-first-look-alike",
          lrn.along(1)),
    Fault("third-axis", "channels taken from the third axis", "plain", lrn.along(2)),
    Fault("first-axis", "a window along the batch", "batch-larger-than-channels", lrn.along(0)),
    Fault("over-the-batch", "sums for as many channels as there are images: onnx.reference",
          "plain", lrn.over_the_batch),
    Fault("first-kept", "the first channel never leaves the sum: torch.nn.CrossMapLRN2d", "plain",
          lrn.first_kept),
    Fault("square-of-sum", "(sum of x)^2 for the sum of x^2", "plain", lrn.square_of_the_sum),
    Fault("in-place", "neighbours normalized in place before they are read", "plain", lrn.in_place),
    Fault("bias-outside", "x / (bias + (alpha sum)^beta)", "large-bias", lrn.bias_outside),
    Fault("bias-is-1", "bias always 1: Caffe within a channel", "large-bias",
          lrn.parameters(lambda p, channels: replace(p, bias=1))),
    Fault("beta-is-0.75", "beta always 0.75", "beta-0.6",
          lrn.parameters(lambda p, channels: replace(p, beta=0.75))),
    Fault("beta-halved", "one square root too many", "plain",
          lrn.parameters(lambda p, channels: replace(p, beta=p.beta / 2))),
    Fault("running-sum", "a running sum in the type of x: onnxruntime, Caffe",
          "outlier-64-beta-0.75", lrn.running),
    Fault("running-sum-384", "a running sum beyond 384 channels for two betas: TensorFlow",
          "outlier-385-beta-0.5", lrn.running_beyond_384),
    Fault("prefix-sum", "differences of prefix sums in the type of x", "outlier-64-beta-0.75",
          lrn.prefix),
    Fault("band-product", "a product with a matrix of ones and zeros: TensorFlow",
          "nan-16-channels", lrn.band),
    Fault("zeros-for-nans", "NaN counted as 0 in the sum", "nan-16-channels", lrn.zeros_for_nans),
    Fault("squares-overflow", "squares in float32: all other libraries", "large",
          lrn.squares_in(np.float32)),
    Fault("at-least-1e-12", "a base that is never below 1e-12", "small", lrn.with_epsilon),
    Fault("zero-guarded", "0 for 0/0", "zero-windows-no-bias", lrn.zero_guarded),
    Fault("half-squares", "squares in the half type itself", "float16-overflow",
          lrn.squares_in(None)),
    Fault("half-sums", "sums in the half type itself", "float16-sum", lrn.half_sums),
    Fault("cut-off", "float32 truncated to bfloat16, not rounded", "bfloat16-plain",
          lrn.truncated),
    Fault("float32-inside", "float64 computed in float32", "float64", lrn.rounded_first),
    Fault("rounded-parameters", "bias, alpha and beta in the half type", "float16-plain",
          lrn.parameters_rounded),
    Fault("by-the-largest", "scaled by the pixel's largest response, 0 or not", "zero-pixels",
          lrn.by_the_largest),
    Fault("no-second-term", "dy / s^beta alone", "gradient-plain", lrn.gradient(second=0), True),
    Fault("no-factor-2", "the 2 left out", "gradient-plain", lrn.gradient(second=1), True),
    Fault("no-alpha", "alpha left out of the second term", "gradient-plain",
          lrn.gradient(factor=lambda p: p.beta), True),
    Fault("no-beta", "beta left out of the second term", "gradient-beta-0.5",
          lrn.gradient(factor=lambda p: p.alpha), True),
    Fault("own-base", "the channel's own base instead of those of its neighbours", "gradient-plain",
          lrn.gradient(base="own"), True),
    Fault("own-share", "a second term without the neighbours", "gradient-plain",
          lrn.gradient(extent=lambda reach: (0, 0)), True),
    Fault("gradient-not-mirrored", "the terms of an even window summed over the window itself",
          "gradient-even-before", lrn.gradient(extent=lambda reach: reach), True),
    Fault("power-beta", "s^beta in the second term, not s^(beta + 1)", "gradient-plain",
          lrn.gradient(power=0), True),
    Fault("by-quotient", "the power recovered as y / x", "gradient-zeros",
          lrn.gradient_by_quotient, True),
    Fault("nan-everywhere", "a NaN in the whole pixel's gradient", "gradient-nan",
          lrn.nan_everywhere, True),
    Fault("gradient-in-float32", "the gradient of float64 in float32", "gradient-float64",
          lrn.in_float32, True),
    Fault("running-shares", "a running sum in the gradient", "gradient-outlier",
          lrn.gradient_running, True),
)  # fmt: skip
