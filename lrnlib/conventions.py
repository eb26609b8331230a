"""What the arguments of each framework's LRN mean: the one table behind every conversion.

All compute ``x[c] / (bias + factor * sum of x[j]**2 over a window of c) ** beta`` and clip the
window at the first and the last channel, without rescaling. They differ in the names of their
arguments, in whether the window is a half-width or a size, in whether alpha is divided by that
size to give the factor, in what an even size means, and in which numbers they accept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

INT32, UINT32, INT64 = 2**31 - 1, 2**32 - 1, 2**63 - 1


@dataclass(frozen=True)
class Argument:
    """One argument of a framework's LRN: what it maps to here, its default, and its range.

    The range is the framework's, where that lies within lrnlib's: `bias` and `alpha` are >= 0
    here, although some frameworks accept negative ones.
    """

    maps_to: str  # "depth_radius", "size", "bias", "alpha", "beta", or "region"
    default: float | str | None = None  # None: required
    low: float | None = None  # an int for a window, which float64 might round
    high: float | None = None


@dataclass(frozen=True)
class Convention:
    """How one framework writes LRN."""

    title: str
    function: str  # the function, layer or setter that takes the arguments
    arguments: Mapping[str, Argument]  # in the framework's own order
    alpha_divided: bool  # whether alpha / size multiplies the sum, rather than alpha
    # By how many channels an even window is shorter than size / 2 before and after its own
    # channel; or why there is no such window.
    even_window: tuple[int, int] | str
    source: str
    note: str = ""
    float32_only: bool = True  # as attributes and C structures store their numbers

    def argument(self, maps_to: str) -> str:
        """Return the framework's name for one of lrnlib's parameters."""
        return next(name for name, a in self.arguments.items() if a.maps_to == maps_to)

    @property
    def window(self) -> str:
        """The framework's name for the window, be it a half-width or a size."""
        return self.argument("depth_radius" if self.half_width else "size")

    @property
    def half_width(self) -> bool:
        """Whether the window is given as a half-width, as in TensorFlow."""
        return any(a.maps_to == "depth_radius" for a in self.arguments.values())

    def window_extent(self, window: int) -> tuple[int, int] | None:
        """Return how many channels before and after its own a window sums; None if refused."""
        if self.half_width:
            return window, window
        if window % 2:
            return window // 2, window // 2
        if isinstance(self.even_window, str):
            return None
        return window // 2 - self.even_window[0], window // 2 - self.even_window[1]

    @property
    def signature(self) -> str:
        """The arguments with their defaults, as in a signature."""
        return ", ".join(
            name if a.default is None else f"{name}={a.default!r}"
            for name, a in self.arguments.items()
        )


CONVENTIONS: Mapping[str, Convention] = {
    "tensorflow": Convention(
        "TensorFlow", "tf.nn.local_response_normalization",
        {
            "depth_radius": Argument("depth_radius", 5, low=0, high=INT32 - 1),
            "bias": Argument("bias", 1.0, low=0),
            "alpha": Argument("alpha", 1.0, low=0),
            "beta": Argument("beta", 0.5),
        },
        alpha_divided=False, even_window="a half-width has no even window",
        source="tensorflow/tensorflow@0405ff2, core/kernels/lrn_op.cc",
        note="on CUDA: depth_radius 1 to 7, bias >= 1e-5, beta >= 0.01, float32",
    ),
    "pytorch": Convention(
        "PyTorch", "torch.nn.functional.local_response_norm",
        {
            "size": Argument("size", low=1, high=INT64),
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
            "k": Argument("bias", 1.0, low=0),
        },
        alpha_divided=True, even_window=(0, 1),
        source="pytorch/pytorch@00012f4, torch/nn/functional.py",
        float32_only=False,
    ),
    "onnx": Convention(
        "ONNX", "LRN-13",
        {
            "size": Argument("size", low=1, high=INT64),
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
            "bias": Argument("bias", 1.0, low=0),
        },
        alpha_divided=True, even_window=(1, 0),
        source="onnx/onnx@f754691, onnx/defs/nn/defs.cc, lines 2047 to 2102",
        note="onnxruntime refuses even sizes",
    ),
    "caffe": Convention(
        "Caffe", "lrn_param",
        {
            "local_size": Argument("size", 5, low=1, high=UINT32),
            "alpha": Argument("alpha", 1.0, low=0),
            "beta": Argument("beta", 0.75),
            "norm_region": Argument("region", "ACROSS_CHANNELS"),
            "k": Argument("bias", 1.0, low=0),
        },
        alpha_divided=True, even_window="it takes odd sizes only",
        source="BVLC/caffe@9b89154, src/caffe/proto/caffe.proto, lines 879 to 895",
        note="WITHIN_CHANNEL sums over pixels; its own engine ignores k there",
    ),
    "cudnn": Convention(
        "cuDNN", "cudnnSetLRNDescriptor",
        {
            "lrnN": Argument("size", 5, low=1, high=16),
            "lrnAlpha": Argument("alpha", 1e-4, low=0),
            "lrnBeta": Argument("beta", 0.75, low=0.01),
            "lrnK": Argument("bias", 2.0, low=1e-5),
        },
        alpha_divided=True, even_window=(1, 0),
        source="cuDNN 9.6.0, cudnn_ops.h, at cudnnCreateLRNDescriptor",
        note="the defaults are those of a new descriptor",
    ),
    "onednn": Convention(
        "oneDNN", "lrn_forward::primitive_desc",
        {
            "local_size": Argument("size", low=1, high=INT64),
            "alpha": Argument("alpha", low=0),
            "beta": Argument("beta"),
            "k": Argument("bias", low=0),
        },
        alpha_divided=True, even_window=(1, 1),
        source="uxlfoundation/oneDNN@3f27bec, src/cpu/ref_lrn.cpp, lines 96 to 141",
        note="an even size sums one channel less, and still divides by the size; "
        "on NVIDIA and AMD it is refused",
    ),
    "mxnet": Convention(
        "MXNet", "mx.nd.LRN",
        {
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
            "knorm": Argument("bias", 2.0, low=0),
            "nsize": Argument("size", low=1, high=UINT32),
        },
        alpha_divided=True, even_window="it takes odd sizes only",
        source="apache/mxnet@b84609d, src/operator/nn/lrn-inl.h, lines 45 to 106, and "
        "3rdparty/mshadow/mshadow/extension/channel_pool.h",
        note="nsize may not exceed the channels",
    ),
    "chainer": Convention(
        "Chainer", "chainer.functions.local_response_normalization",
        {
            "n": Argument("size", 5, low=1, high=INT64),
            "k": Argument("bias", 2.0, low=0),
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
        },
        alpha_divided=False, even_window="it sums n + 1 channels on a CPU and n on a GPU",
        source="chainer/chainer@a8e15cb, chainer/functions/normalization/"
        "local_response_normalization.py, lines 17 to 78",
        float32_only=False,
    ),
    "tensorrt": Convention(
        "TensorRT", "INetworkDefinition.add_lrn",
        {
            "window": Argument("size", low=1, high=15),
            "alpha": Argument("alpha", low=0, high=1e20),
            "beta": Argument("beta", low=0.01, high=1e5),
            "k": Argument("bias", low=1e-5, high=1e10),
        },
        alpha_divided=True, even_window="it takes odd sizes only",
        source="NVIDIA/TensorRT@a892d22, include/NvInfer.h, lines 1550 to 1620",
        note="only the example on its operator page shows that alpha is divided",
    ),
    "coreml": Convention(
        "Core ML", "mb.local_response_norm",
        {
            "size": Argument("size", low=1, high=INT32),
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
            "k": Argument("bias", 1.0, low=0),
        },
        alpha_divided=True, even_window="its documentation does not say which channels it sums",
        source="apple/coremltools@e0e2f42, converters/mil/mil/ops/defs/iOS15/normalization.py",
    ),
    "paper": Convention(
        "the paper", "section 3.3",
        {
            "k": Argument("bias", 2.0, low=0),
            "n": Argument("size", 5, low=1),
            "alpha": Argument("alpha", 1e-4, low=0),
            "beta": Argument("beta", 0.75),
        },
        alpha_divided=False, even_window=(0, 0),
        source="Krizhevsky, Sutskever and Hinton, 2012",
        note="as printed: from i - n/2 to i + n/2, which for an even n are n + 1 channels",
        float32_only=False,
    ),
    "cuda_convnet": Convention(
        "cuda-convnet2", "cmrnorm layer",
        {
            "size": Argument("size", low=2, high=INT32),
            "scale": Argument("alpha", low=0),
            "pow": Argument("beta"),
            "minDiv": Argument("bias", 1.0, low=0),
        },
        alpha_divided=True, even_window=(0, 1),
        source="akrizhevsky/cuda-convnet2@3238bf0, layer.py, lines 1330 to 1352",
        note="by the paper's authors; size may not exceed the channels, a multiple of 16",
    ),
}  # fmt: skip
