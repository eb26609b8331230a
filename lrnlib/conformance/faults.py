"""Wrong LRNs: mistakes that were made, or could be, each to be detected by a vector."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib.conformance.faulty_lrn import (
    along,
    average,
    band,
    bias_outside,
    by_the_largest,
    cut_off,
    first_kept,
    gradient,
    gradient_by_quotient,
    gradient_running,
    half_sums,
    identity,
    in_float32,
    in_place,
    nan_everywhere,
    over_the_batch,
    padded,
    parameters,
    parameters_rounded,
    prefix,
    radius,
    rounded_first,
    running,
    running_beyond_384,
    shifted,
    size,
    spatial,
    square_of_the_sum,
    squares_in,
    window,
    with_epsilon,
    zero_guarded,
    zeros_for_nans,
)

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Wrong:
    """One wrong LRN.

    Attributes
    ----------
    name : str
        What tables call it.
    mistake : str
        What it does, and where it was seen.
    detected_by : str
        The vector meant to detect it.
    function : callable
        ``function(x, p)``, or ``function(dy, x, p)`` for a gradient.
    gradient : bool
        Which of the two.
    """

    name: str
    mistake: str
    detected_by: str
    function: Callable[..., Array]
    gradient: bool = False


WRONG: tuple[Wrong, ...] = (
    Wrong("identity", "no LRN at all", "plain", identity),
    Wrong("bias-alone", "x / bias^beta: LRN removed, its constant kept", "plain",
          parameters(lambda p, channels: replace(p, alpha=0))),
    Wrong("self-only", "a window of the channel alone", "plain", radius(lambda r, channels: 0)),
    Wrong("all-channels", "one sum for the whole pixel", "plain",
          radius(lambda r, channels: channels)),
    Wrong("alpha-divided", "alpha / size where alpha is meant: TensorFlow's words read as "
          "PyTorch's", "plain",
          parameters(lambda p, channels: replace(p, alpha=p.alpha / size(p)))),
    Wrong("alpha-undivided", "alpha * size: PyTorch's words read as TensorFlow's", "plain",
          parameters(lambda p, channels: replace(p, alpha=p.alpha * size(p)))),
    Wrong("alpha-over-channels", "alpha / channels, as Core ML's documentation once said", "plain",
          parameters(lambda p, channels: replace(p, alpha=p.alpha / channels))),
    Wrong("averaged-edges", "the mean of the channels that are there, times the size", "edges",
          average),
    Wrong("wrapped-edges", "the first channel beside the last", "edges", padded("wrap")),
    Wrong("mirrored-edges", "channels beyond the edge mirrored", "edges", padded("reflect")),
    Wrong("shifted-edges", "windows moved inwards instead of clipped",
          "fewer-channels-than-window", shifted),
    Wrong("one-more-before", "c-r-1 to c+r", "spike", window(1, 0)),
    Wrong("one-less-before", "c-r+1 to c+r", "spike", window(-1, 0)),
    Wrong("one-more-after", "c-r to c+r+1", "spike", window(0, 1)),
    Wrong("one-less-after", "c-r to c+r-1: TensorFlow Lite's reference kernel", "spike",
          window(0, -1)),
    Wrong("one-more", "a radius larger by one", "spike", radius(lambda r, channels: r + 1)),
    Wrong("one-less", "a radius smaller by one", "spike",
          radius(lambda r, channels: max(r - 1, 0))),
    Wrong("radius-as-size", "a window of depth_radius channels: an early tf2onnx", "radius-5",
          radius(lambda r, channels: r // 2)),
    Wrong("size-as-radius", "a half-width of 2 depth_radius + 1", "radius-5",
          radius(lambda r, channels: 2 * r + 1)),
    Wrong("odd-radius-less-one", "an odd radius less one: OpenVINO's reading of TensorFlow's",
          "radius-5", radius(lambda r, channels: r - r % 2)),
    Wrong("at-most-15", "windows cut to 15 channels", "pixel-norm",
          radius(lambda r, channels: min(r, 7))),
    Wrong("spatial", "sums over pixels, within a channel", "pixels-of-one-channel", spatial),
    Wrong("second-axis", "channels taken from the second axis", "channels-first-look-alike",
          along(1)),
    Wrong("third-axis", "channels taken from the third axis", "plain", along(2)),
    Wrong("first-axis", "a window along the batch", "batch-larger-than-channels", along(0)),
    Wrong("over-the-batch", "sums for as many channels as there are images: onnx.reference",
          "plain", over_the_batch),
    Wrong("first-kept", "the first channel never leaves the sum: torch.nn.CrossMapLRN2d", "plain",
          first_kept),
    Wrong("square-of-sum", "(sum of x)^2 for the sum of x^2", "plain", square_of_the_sum),
    Wrong("in-place", "neighbours that are normalized already", "plain", in_place),
    Wrong("bias-outside", "x / (bias + (alpha sum)^beta)", "large-bias", bias_outside),
    Wrong("bias-is-1", "a bias of 1 wired in: Caffe within a channel", "large-bias",
          parameters(lambda p, channels: replace(p, bias=1))),
    Wrong("beta-is-0.75", "a beta of 0.75 wired in", "beta-0.6",
          parameters(lambda p, channels: replace(p, beta=0.75))),
    Wrong("beta-halved", "a root too much", "plain",
          parameters(lambda p, channels: replace(p, beta=p.beta / 2))),
    Wrong("running-sum", "a running sum in the type of x: onnxruntime, Caffe",
          "outlier-64-beta-0.75", running),
    Wrong("running-sum-384", "a running sum beyond 384 channels for two betas: TensorFlow",
          "outlier-385-beta-0.5", running_beyond_384),
    Wrong("prefix-sum", "differences of prefix sums in the type of x", "outlier-64-beta-0.75",
          prefix),
    Wrong("band-product", "a product with a matrix of ones and zeros: TensorFlow",
          "nan-16-channels", band),
    Wrong("zeros-for-nans", "NaN taken as 0 in the sum", "nan-16-channels", zeros_for_nans),
    Wrong("squares-overflow", "squares in float32: all others", "large", squares_in(np.float32)),
    Wrong("at-least-1e-12", "a base that is never below 1e-12", "small", with_epsilon),
    Wrong("zero-guarded", "0 for 0/0", "zero-windows-no-bias", zero_guarded),
    Wrong("half-squares", "squares in the half type itself", "float16-overflow",
          squares_in(None)),
    Wrong("half-sums", "sums in the half type itself", "float16-sum", half_sums),
    Wrong("cut-off", "bfloat16 by cutting float32 off, not by rounding", "bfloat16-plain", cut_off),
    Wrong("float32-inside", "float64 computed in float32", "float64", rounded_first),
    Wrong("rounded-parameters", "bias, alpha and beta in the half type", "float16-plain",
          parameters_rounded),
    Wrong("by-the-largest", "scaled by the pixel's largest response, 0 or not", "zero-pixels",
          by_the_largest),
    Wrong("no-second-term", "dy / s^beta alone", "gradient-plain", gradient(second=0), True),
    Wrong("no-factor-2", "the 2 left out", "gradient-plain", gradient(second=1), True),
    Wrong("no-alpha", "alpha left out of the second term", "gradient-plain",
          gradient(factor=lambda p: p.beta), True),
    Wrong("no-beta", "beta left out of the second term", "gradient-beta-0.5",
          gradient(factor=lambda p: p.alpha), True),
    Wrong("own-base", "the base of i where those of its neighbours are meant", "gradient-plain",
          gradient(base="own"), True),
    Wrong("own-share", "the second term of the channel alone", "gradient-plain",
          gradient(reach=0), True),
    Wrong("power-beta", "s^beta in the second term, not s^(beta + 1)", "gradient-plain",
          gradient(power=0), True),
    Wrong("by-quotient", "the power recovered as y / x", "gradient-zeros", gradient_by_quotient,
          True),
    Wrong("nan-everywhere", "a NaN in the whole pixel's gradient", "gradient-nan",
          nan_everywhere, True),
    Wrong("gradient-in-float32", "the gradient of float64 in float32", "gradient-float64",
          in_float32, True),
    Wrong("running-shares", "a running sum in the gradient", "gradient-outlier", gradient_running,
          True),
)  # fmt: skip
