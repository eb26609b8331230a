"""What the arguments of each framework's LRN mean: the one table behind every conversion.

All compute ``x[c] / (bias + factor * sum of x[j]**2 over a window of c) ** beta`` and clip the
window at the first and the last channel, without rescaling. They differ in the names of their
arguments, in whether the window is a half-width or a size, in whether alpha is divided by the
size to give the factor, in what an even size means, and in which numbers they accept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

INT32, UINT32, INT64 = 2**31 - 1, 2**32 - 1, 2**63 - 1


@dataclass(frozen=True)
class Argument:
    """One argument of a framework's LRN: what it maps to here, its default, and its range.

    The range is the framework's, where that lies within lrnlib's: `bias` and `alpha` are >= 0
    here, although some frameworks accept negative ones.
    """

    maps_to: str  # "depth_radius", "size", "bias", "alpha", "beta", "region", "axes" or "engine"
    default: float | str | None = None  # None: required
    low: float | None = None  # an int for a window, which float64 might round
    high: float | None = None
    choices: tuple[str, ...] = ()  # of a region or engine: their names, in the enumeration's order


@dataclass(frozen=True)
class Convention:
    """How one framework writes LRN."""

    title: str
    function: str  # the function, layer or setter that takes the arguments
    arguments: Mapping[str, Argument]  # in the framework's own order
    alpha_divided: bool  # whether alpha / size multiplies the sum, rather than alpha
    # By how many channels an even window is shorter than size / 2 before and after its own
    # channel; or why there is no such window, where {half} is size / 2 and {less} one less.
    even_window: tuple[int, int] | str
    source: str
    note: str = ""
    float32_only: bool = True  # as attributes and C structures store their numbers
    fits_channels: bool = False  # whether a window of more channels than there are is cut to them
    fixed: Mapping[str, float] = field(default_factory=dict)  # what no argument can change
    aliases: tuple[str, ...] = ()

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


def find(framework: str) -> str | None:
    """Return the key of a framework by its key, title or alias, in any spelling; else None."""
    wanted = _plain(framework)
    for key, c in CONVENTIONS.items():
        if wanted and wanted in map(_plain, (key, c.title, *c.aliases)):
            return key
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _radius(default: float | None = None, high: int = INT32) -> Argument:
    return Argument("depth_radius", default, low=0, high=high)


def _size(default: float | None = None, low: int = 1, high: int | None = INT32) -> Argument:
    return Argument("size", default, low, high)


def _bias(default: float | None = None, low: float = 0, high: float | None = None) -> Argument:
    return Argument("bias", default, low, high)


def _alpha(default: float | None = None, high: float | None = None) -> Argument:
    return Argument("alpha", default, low=0, high=high)


def _beta(
    default: float | None = None, low: float | None = None, high: float | None = None
) -> Argument:
    return Argument("beta", default, low, high)


NAMES = ("ACROSS_CHANNELS", "WITHIN_CHANNEL")
ODD = "it takes odd sizes only"
HALF = "a half-width has no even window"

CONVENTIONS: Mapping[str, Convention] = {
    "tensorflow": Convention(
        "TensorFlow", "tf.nn.local_response_normalization",
        {"depth_radius": _radius(5, high=INT32 - 1), "bias": _bias(1.0), "alpha": _alpha(1.0),
         "beta": _beta(0.5)},
        alpha_divided=False, even_window=HALF, aliases=("tf",),
        source="tensorflow/tensorflow@0405ff2, core/kernels/lrn_op.cc",
        note="on CUDA: depth_radius 1 to 7, bias >= 1e-5, beta >= 0.01, float32",
    ),
    "pytorch": Convention(
        "PyTorch", "torch.nn.functional.local_response_norm",
        {"size": _size(high=INT64), "alpha": _alpha(1e-4), "beta": _beta(0.75), "k": _bias(1.0)},
        alpha_divided=True, even_window=(0, 1), float32_only=False, aliases=("torch",),
        source="pytorch/pytorch@00012f4, torch/nn/functional.py",
    ),
    "onnx": Convention(
        "ONNX", "LRN-13",
        {"size": _size(high=INT64), "alpha": _alpha(1e-4), "beta": _beta(0.75),
         "bias": _bias(1.0)},
        alpha_divided=True, even_window=(1, 0),
        source="onnx/onnx@f754691, onnx/defs/nn/defs.cc, lines 2047 to 2102",
        note="onnxruntime refuses even sizes",
    ),
    "caffe": Convention(
        "Caffe", "lrn_param",
        {"local_size": _size(5, high=UINT32), "alpha": _alpha(1.0), "beta": _beta(0.75),
         "norm_region": Argument("region", "ACROSS_CHANNELS", choices=NAMES), "k": _bias(1.0),
         "engine": Argument("engine", "DEFAULT", choices=("DEFAULT", "CAFFE", "CUDNN"))},
        alpha_divided=True, even_window=ODD,
        source="BVLC/caffe@9b89154, src/caffe/proto/caffe.proto, lines 879 to 895",
        note="WITHIN_CHANNEL sums over pixels; its own engine ignores k there",
    ),
    "cudnn": Convention(
        "cuDNN", "cudnnSetLRNDescriptor",
        {"lrnN": _size(5, high=16), "lrnAlpha": _alpha(1e-4), "lrnBeta": _beta(0.75, low=0.01),
         "lrnK": _bias(2.0, low=1e-5)},
        alpha_divided=True, even_window=(1, 0),
        source="cuDNN 9.6.0, cudnn_ops.h, at cudnnCreateLRNDescriptor",
        note="the defaults are those of a new descriptor",
    ),
    "onednn": Convention(
        "oneDNN", "lrn_forward::primitive_desc",
        {"local_size": _size(high=INT64), "alpha": _alpha(), "beta": _beta(), "k": _bias()},
        alpha_divided=True, even_window=(1, 1), aliases=("dnnl", "mkldnn"),
        source="uxlfoundation/oneDNN@3f27bec, src/cpu/ref_lrn.cpp, lines 96 to 141",
        note="an even size sums one channel less, and still divides by the size; "
        "on NVIDIA and AMD it is refused",
    ),
    # One row for MXNet's builds: they agree on odd sizes, and only one of them computes others.
    "mxnet": Convention(
        "MXNet", "mx.nd.LRN",
        {"alpha": _alpha(1e-4), "beta": _beta(0.75), "knorm": _bias(2.0),
         "nsize": _size(high=UINT32)},
        alpha_divided=True, even_window=(1, 1),
        source="apache/mxnet@b84609d, src/operator/nn/lrn-inl.h, lines 45 to 106, and "
        "3rdparty/mshadow/mshadow/extension/channel_pool.h; MXNet 1.9.1, run",
        note="even sizes as the default build on a CPU computes them, with oneDNN; with "
        "MXNET_MKLDNN_ENABLED=0 they are refused, as is an nsize beyond the channels",
    ),
    "chainer": Convention(
        "Chainer", "chainer.functions.local_response_normalization",
        {"n": _size(5, high=INT64), "k": _bias(2.0), "alpha": _alpha(1e-4), "beta": _beta(0.75)},
        alpha_divided=False, float32_only=False,
        even_window="it sums channels c-{half} to c+{half} on a CPU, which is "
        "depth_radius={half}, and c-{less} to c+{half} on a GPU, depth_radius=({less}, {half})",
        source="chainer/chainer@a8e15cb, chainer/functions/normalization/"
        "local_response_normalization.py, lines 17 to 78",
    ),
    "tensorrt": Convention(
        "TensorRT", "INetworkDefinition.add_lrn",
        {"window": _size(high=15), "alpha": _alpha(high=1e20), "beta": _beta(low=0.01, high=1e5),
         "k": _bias(low=1e-5, high=1e10)},
        alpha_divided=True, even_window=ODD, aliases=("trt",),
        source="NVIDIA/TensorRT@a892d22, include/NvInfer.h, lines 1550 to 1620",
        note="only the example on its operator page shows that alpha is divided",
    ),
    "coreml": Convention(
        "Core ML", "mb.local_response_norm",
        {"size": _size(), "alpha": _alpha(1e-4), "beta": _beta(0.75), "k": _bias(1.0)},
        alpha_divided=True, even_window="its documentation does not say which channels it sums",
        source="apple/coremltools@e0e2f42, converters/mil/mil/ops/defs/iOS15/normalization.py",
    ),
    "paper": Convention(
        "the paper", "section 3.3",
        {"k": _bias(2.0), "n": _size(5, high=None), "alpha": _alpha(1e-4), "beta": _beta(0.75)},
        alpha_divided=False, even_window=(0, 0), float32_only=False, aliases=("alexnet",),
        source="Krizhevsky, Sutskever and Hinton, 2012",
        note="as printed: from i - n/2 to i + n/2, which for an even n are n + 1 channels",
    ),
    "cuda_convnet": Convention(
        "cuda-convnet2", "cmrnorm layer",
        {"size": _size(low=2), "scale": _alpha(), "pow": _beta(), "minDiv": _bias(1.0)},
        alpha_divided=True, even_window=(0, 1), aliases=("cuda-convnet",),
        source="akrizhevsky/cuda-convnet2@3238bf0, layer.py, lines 1330 to 1352",
        note="by the paper's authors; size may not exceed the channels, a multiple of 16",
    ),
    "tflite": Convention(
        "TensorFlow Lite", "LOCAL_RESPONSE_NORMALIZATION",
        {"radius": _radius(), "bias": _bias(), "alpha": _alpha(), "beta": _beta()},
        alpha_divided=False, even_window=HALF, aliases=("tf-lite", "litert"),
        source="tensorflow/tensorflow@f3ddd83, tensorflow/lite/kernels/local_response_norm.cc, "
        "and kernels/internal/optimized/optimized_ops.h",
        note="the reference kernel leaves the last channel of the window out",
    ),
    "nnapi": Convention(
        "NNAPI", "ANEURALNETWORKS_LOCAL_RESPONSE_NORMALIZATION",
        {"radius": _radius(), "bias": _bias(), "alpha": _alpha(), "beta": _beta()},
        alpha_divided=False, even_window=HALF,
        source="Android's NeuralNetworks.h, API level 30, and its CPU's "
        "nn/common/operations/LocalResponseNormalization.cpp",
        note="the bias must not be zero; from API level 29 along any axis",
    ),
    "tfjs": Convention(
        "TensorFlow.js", "tf.localResponseNormalization",
        {"depthRadius": _radius(5), "bias": _bias(1.0), "alpha": _alpha(1.0), "beta": _beta(0.5)},
        alpha_divided=False, even_window=HALF,
        source="tensorflow/tfjs@0aa9fe6, tfjs-core/src/ops/local_response_normalization.ts",
    ),
    "dl4j": Convention(
        "DL4J", "LocalResponseNormalization",
        {"k": _bias(2.0), "n": _size(5), "alpha": _alpha(1e-4), "beta": _beta(0.75)},
        alpha_divided=False, even_window=(0, 0), float32_only=False, aliases=("deeplearning4j",),
        source="deeplearning4j/deeplearning4j@026a1a5, deeplearning4j-nn/…/layers/normalization/"
        "LocalResponseNormalization.java",
        note="an even n sums n + 1 channels; its cuDNN helper was not read",
    ),
    "nd4j": Convention(
        "ND4J", "lrn",
        {"depth": _radius(), "bias": _bias(), "alpha": _alpha(), "beta": _beta()},
        alpha_divided=False, even_window=HALF, float32_only=False,
        source="deeplearning4j/deeplearning4j@06b1db9, libnd4j/include/ops/declarable/"
        "generic/nn/lrn.cpp and helpers/cpu/lrn.cpp",
    ),
    "mindspore": Convention(
        "MindSpore", "mindspore.ops.LRN",
        {"depth_radius": _radius(5), "bias": _bias(1.0), "alpha": _alpha(1.0),
         "beta": _beta(0.5), "norm_region": Argument("region", NAMES[0], choices=NAMES[:1])},
        alpha_divided=False, even_window=HALF,
        source="MindSpore 2.10.0, mindspore/ops/operations/nn_ops.py, and the numbers that its "
        "example prints",
        note="the formula in its documentation divides alpha; the operator does not",
    ),
    "paddle": Convention(
        "Paddle", "paddle.nn.functional.local_response_norm",
        {"size": _size(), "alpha": _alpha(1e-4), "beta": _beta(0.75), "k": _bias(1.0)},
        alpha_divided=True, even_window=(0, 1), aliases=("paddlepaddle",),
        source="PaddlePaddle 3.3.1, paddle/nn/functional/norm.py; run",
        note="the formula in its documentation does not divide alpha; the function does",
    ),
    "paddle_fluid": Convention(
        "Paddle 1's fluid", "paddle.fluid.layers.lrn",
        {"n": _size(5), "k": _bias(1.0), "alpha": _alpha(1e-4), "beta": _beta(0.75)},
        alpha_divided=False, even_window=ODD, aliases=("fluid",),
        source="PaddlePaddle/Paddle@017335f, paddle/fluid/operators/lrn_op.cc",
        note="k, alpha and beta must be > 0; the operator's own default of k is 2",
    ),
    "torch7": Convention(
        "Torch7", "nn.SpatialCrossMapLRN",
        {"size": _size(), "alpha": _alpha(1e-4), "beta": _beta(0.75), "k": _bias(1.0)},
        alpha_divided=True, even_window="its half-width, (size - 1) / 2, is no integer then",
        source="torch/nn@7dc33c1, SpatialCrossMapLRN.lua", aliases=("lua-torch",),
    ),
    "matconvnet": Convention(
        "MatConvNet", "vl_nnnormalize",
        {"N": _size(), "KAPPA": _bias(), "ALPHA": _alpha(), "BETA": _beta()},
        alpha_divided=False, even_window=(1, 0), float32_only=False,
        source="vlfeat/matconvnet@2b8b85c, matlab/vl_nnnormalize.m",
        note="the four are one vector, [N KAPPA ALPHA BETA]",
    ),
    "lasagne": Convention(
        "Lasagne", "LocalResponseNormalization2DLayer",
        {"alpha": _alpha(1e-4), "k": _bias(2.0), "beta": _beta(0.75), "n": _size(5, high=None)},
        alpha_divided=False, even_window=ODD, float32_only=False,
        source="Lasagne 0.1, lasagne/layers/normalization.py",
    ),
    "lrn2d": Convention(
        "Keras LRN2D", "keras.layers.normalization.LRN2D",
        {"alpha": _alpha(1e-4), "k": _bias(2.0), "beta": _beta(0.75), "n": _size(5, high=None)},
        alpha_divided=False, even_window=ODD, float32_only=False,
        source="Keras 0.3.0, keras/layers/normalization.py",
        note="gone from Keras since 0.3.1; many copies are in use",
    ),
    "openvino": Convention(
        "OpenVINO", "LRN-1",
        {"alpha": _alpha(), "beta": _beta(), "bias": _bias(), "size": _size(),
         "axes": Argument("axes", 1)},
        alpha_divided=True, even_window=(1, 1),
        source="openvinotoolkit/openvino@079483b, src/core/reference/include/openvino/"
        "reference/lrn.hpp; 2026.4.1 on a CPU, run",
        note="its documentation gives an even size n + 1 channels; its CPU plugin (2026.4.1) "
        "cuts bias to an integer",
    ),
    "armnn": Convention(
        "Arm NN", "NormalizationDescriptor",
        {"m_NormSize": _size(high=UINT32), "m_Alpha": _alpha(), "m_Beta": _beta(),
         "m_K": _bias()},
        alpha_divided=False, even_window=(0, 0),
        source="ARM-software/armnn@0844697, src/backends/reference/workloads/"
        "RefNormalizationWorkload.cpp",
        note="LocalBrightness across channels; an even size sums n + 1 channels",
    ),
    "migraphx": Convention(
        "MIGraphX", "lrn",
        {"alpha": _alpha(1e-4), "beta": _beta(0.75), "bias": _bias(1.0), "size": _size(1)},
        alpha_divided=True, even_window=(1, 0),
        source="ROCm/AMDMIGraphX@0282d03, src/targets/ref/lowering.cpp, and "
        "src/include/migraphx/op/lrn.hpp",
        note="as meant: the reference target read does not reset its sum between channels",
    ),
    "tiny_dnn": Convention(
        "tiny-dnn", "lrn_layer",
        {"local_size": _size(high=UINT32), "alpha": _alpha(1.0), "beta": _beta(5.0)},
        alpha_divided=True, even_window=(1, 0), fixed={"bias": 1.0},
        source="tiny-dnn/tiny-dnn@0087f42, tiny_dnn/layers/lrn_layer.h",
        note="forward only",
    ),
    "neon": Convention(
        "neon", "neon.layers.LRN",
        {"depth": _size(), "ascale": _alpha(1.0), "bpower": _beta(1.0)},
        alpha_divided=True, even_window=ODD, fixed={"bias": 1.0},
        source="NervanaSystems/neon@de14f99, neon/backends/nervanacpu.py",
        note="its alpha and beta scale gradients; they are no parameters of LRN",
    ),
    "tvm": Convention(
        "TVM", "topi.nn.lrn",
        {"size": _size(), "alpha": _alpha(1e-4), "beta": _beta(0.75), "bias": _bias(2.0)},
        alpha_divided=True, even_window=ODD,
        source="apache/tvm@04993b3, include/tvm/topi/nn/local_response_norm.h",
    ),
    "nncase": Convention(
        "nncase", "LRN",
        {"alpha": _alpha(), "beta": _beta(), "bias": _bias(), "size": _size(high=INT64)},
        alpha_divided=True, even_window="its evaluator is onnxruntime, which takes odd sizes only",
        source="kendryte/nncase@07ca6ab, src/Nncase.Evaluator/NN/Normalization.cs",
    ),
    "darknet": Convention(
        "Darknet", "[normalization]",
        {"alpha": _alpha(1e-4), "beta": _beta(0.75), "kappa": _bias(1.0), "size": _size(5)},
        alpha_divided=False, even_window=(1, 0),
        source="pjreddie/darknet@011eed6, src/normalization_layer.c and src/parser.c",
        note="as its running sum is meant: it leaves channel size / 2 out of its first sum, so "
        "its numbers are those of no LRN; its gradient is approximate, as it says",
    ),
    "matlab": Convention(
        "MATLAB", "crossChannelNormalizationLayer",
        {"WindowChannelSize": _size(high=16), "Alpha": _alpha(), "Beta": _beta(low=0.01),
         "K": _bias(low=1e-5)},
        alpha_divided=True, even_window=(1, 0), float32_only=False,
        source="documentation of crossChannelNormalizationLayer and crosschannelnorm, 2026",
        note="Alpha, Beta and K have defaults, which the source does not give",
    ),
    "cntk": Convention(
        "CNTK", "cntk.ops.local_response_normalization",
        {"depth_radius": _radius(), "bias": _bias(), "alpha": _alpha(), "beta": _beta()},
        alpha_divided=True, even_window=HALF, float32_only=False, fits_channels=True,
        source="microsoft/CNTK@00327c8, Source/CNTKv2LibraryDll/Function.cpp",
        note="alpha / (2 depth_radius + 1), which its documentation does not say; a window of more "
        "channels than there are is cut to as many, in the middle",
    ),
    "nnef": Convention(
        "NNEF", "local_response_normalization",
        {"size": _size(), "alpha": _alpha(1.0), "beta": _beta(0.5), "bias": _bias(1.0)},
        alpha_divided=True, even_window=(1, 0), float32_only=False,
        source="nnef 1.0.10, nnef/cpp/include/nnef/comp/stdlib_source.h and runtime/execution.h",
        note="its size lists every axis: [1, n, 1, 1] where this table has n",
    ),
    "caffe2": Convention(
        "Caffe2", "LRN",
        {"size": _size(), "alpha": _alpha(), "beta": _beta(), "bias": _bias(1.0)},
        alpha_divided=True, even_window=ODD,
        source="pytorch/pytorch@1b11ea3, caffe2/operators/local_response_normalization_op.h",
        note="only a debug build checks that the size is odd, and alpha and beta > 0",
    ),
    "ncnn": Convention(
        "ncnn", "LRN",
        {"region_type": Argument("region", 0, choices=NAMES), "local_size": _size(5),
         "alpha": _alpha(1.0), "beta": _beta(0.75), "bias": _bias(1.0)},
        alpha_divided=True, even_window=(0, 1),
        source="Tencent/ncnn@15ad4df, src/layer/lrn.cpp; ncnn 1.0.20261020, run",
        note="in a .param file 0=region_type to 4=bias; the source read had no bias, and summed "
        "n + 1 channels for an even n",
    ),
    "mnn": Convention(
        "MNN", "LRN",
        {"regionType": Argument("region", 0, choices=NAMES), "localSize": _size(),
         "alpha": _alpha(), "beta": _beta(), "bias": _bias()},
        alpha_divided=True, even_window=(0, 1),
        source="alibaba/MNN@002a437, source/geometry/GeometryLRN.cpp; MNN 3.6.1, run",
        note="CPULRN.cpp of 2018 summed n + 1 channels for an even n, and had no bias",
    ),
}  # fmt: skip
