"""What the conversions refuse: the messages, and that the advice in them works."""

import math

import numpy
import numpy as np
import pytest

from lrnlib import Parameters
from lrnlib.conventions import CONVENTIONS

FRAMEWORKS = list(CONVENTIONS)

AS_MUCH = "so that about the same number multiplies the sum"
PYTORCH = ("PyTorch's torch.nn.functional.local_response_norm takes size, alpha=0.0001, beta=0.75, "
           "k=1.0")  # fmt: skip
REFUSED_VALUES = [
    (lambda: Parameters.from_caffe(local_size=6, alpha=0.6),
     "Caffe's local_size must be odd, got 6: it takes odd sizes only; the nearest is "
     f"local_size=5 with alpha=0.5 or local_size=7 with alpha=0.7, {AS_MUCH}"),
    (lambda: Parameters.from_chainer(n=4),
     "Chainer's n must be odd, got 4: it sums channels c-2 to c+2 on a CPU, which is "
     "depth_radius=2, and c-1 to c+2 on a GPU, depth_radius=(1, 2); the nearest is n=3 or n=5"),
    (lambda: Parameters.from_coreml(size=2, alpha=0),
     "Core ML's size must be odd, got 2: its documentation does not say which channels it sums; "
     f"the nearest is size=1 with alpha=0 or size=3 with alpha=0, {AS_MUCH}"),
    (lambda: Parameters.from_lasagne(n=10**5000),
     "Lasagne's n must be odd, got an integer of thousands of digits: it takes odd sizes only; "
     "the nearest is n=an integer of thousands of digits or n=an integer of thousands of digits"),
    (lambda: Parameters((2, 1)).to_tensorflow(),
     "depth_radius must be a window that TensorFlow's depth_radius can give, got (2, 1): it "
     "reaches as far on either side; the nearest is depth_radius=1 or depth_radius=2"),
    (lambda: Parameters((2, 1)).to_framework("ONNX"),
     "depth_radius must be a window that ONNX's size can give, got (2, 1): a window of that many "
     "channels sums c-1 to c+2; the nearest is depth_radius=1 or depth_radius=2 or "
     "depth_radius=(1, 2)"),
    (lambda: Parameters((2, 1)).to_caffe(channels=3),
     "depth_radius must be a window that Caffe's local_size can give, got (2, 1): it takes odd "
     "sizes only; the nearest is depth_radius=1 or depth_radius=2"),
    (lambda: Parameters((0, 4)).to_pytorch(),
     "depth_radius must be a window that PyTorch's size can give, got (0, 4): a window of that "
     "many channels sums c-2 to c+2; the nearest is depth_radius=2"),
    (lambda: Parameters((1, 0)).to_cuda_convnet(channels=1),
     "cuda-convnet2's size must be an integer from 2 to 2147483647, got 1; the nearest is "
     "depth_radius=1"),
    (lambda: Parameters((10, 9)).to_cudnn(),
     "cuDNN's lrnN must be an integer from 1 to 16, got 20; the nearest is depth_radius=7"),
    (lambda: Parameters((2, 1)).to_pytorch(channels=0),
     "channels must be an integer >= 1, got 0"),
    (lambda: Parameters(2, bias=2).to_tiny_dnn(),
     "tiny-dnn has no bias but 1.0, got 2.0; for the same result divide alpha by bias and "
     "multiply the output by bias ** -beta"),
    (lambda: Parameters.from_caffe(engine="MKL"),
     "Caffe's engine must be 'DEFAULT' or 'CAFFE' or 'CUDNN', got 'MKL'"),
    (lambda: Parameters.from_cudnn(lrnN=17),
     "cuDNN's lrnN must be an integer from 1 to 16, got 17"),
    (lambda: Parameters(8).to_cudnn(),
     "cuDNN's lrnN must be an integer from 1 to 16, got 17; the nearest is depth_radius=7"),
    (lambda: Parameters(2, bias=0).to_cudnn(),
     "cuDNN's lrnK must be a finite int or float >= 1e-05, got 0.0; the nearest is 1e-05"),
    (lambda: Parameters(2, beta=-1).to_cudnn(),
     "cuDNN's lrnBeta must be a finite int or float >= 0.01, got -1.0; the nearest is 0.01"),
    (lambda: Parameters(20).to_tensorrt(),
     "TensorRT's window must be an integer from 1 to 15, got 41; the nearest is depth_radius=7"),
    (lambda: Parameters(2, bias=1e11).to_tensorrt(),
     "TensorRT's k must be a finite int or float from 1e-05 to 10000000000.0, got "
     "100000000000.0; the nearest is 10000000000.0"),
    (lambda: Parameters(0).to_cuda_convnet(),
     "cuda-convnet2's size must be an integer from 2 to 2147483647, got 1; the nearest is "
     "depth_radius=1"),
    (lambda: Parameters(2**31).to_tensorflow(),
     "TensorFlow's depth_radius must be an integer from 0 to 2147483646, got 2147483648; the "
     "nearest is 2147483646"),
    (lambda: Parameters(2, alpha=1e308).to_onnx(),
     "ONNX's alpha is alpha times the size of the window, 1e+308 times 5, which is beyond "
     "float64"),
    (lambda: Parameters.from_caffe(norm_region=True),
     "Caffe's norm_region must be 'ACROSS_CHANNELS' or 'WITHIN_CHANNEL', got True"),
    (lambda: Parameters(2, alpha=1e39).to_tensorflow(),
     "TensorFlow's alpha must be a number that a float32 holds, got 1e+39; the nearest is "
     "3.40282347e+38"),
    (lambda: Parameters(2, alpha=1e-50).to_tensorflow(),
     "TensorFlow's alpha must be a number that a float32 holds, got 1e-50; the nearest is 0"),
    (lambda: Parameters(2, beta=-1e300).to_onnx(),
     "ONNX's beta must be a number that a float32 holds, got -1e+300; the nearest is "
     "-3.40282347e+38"),
    (lambda: Parameters.from_pytorch(size=3, alpha=5e-324),
     "PyTorch's alpha must not vanish when divided by 3, got 5e-324"),
    (lambda: Parameters(10**400).to_onnx(),
     f"ONNX's size must be an integer from 1 to 9223372036854775807, got 2{79 * '0'}…; the "
     "nearest is depth_radius=4611686018427387903"),
    (lambda: Parameters.from_chainer(n=10**5000),
     "Chainer's n must be an integer from 1 to 9223372036854775807, got an integer of "
     "thousands of digits"),
    (lambda: Parameters.from_chainer(alpha=math.nan),
     "Chainer's alpha must be a finite int or float >= 0, got nan"),
]  # fmt: skip
REFUSED_TYPES = [
    (lambda: Parameters((2, 1)).to_pytorch(channels=2.0),
     "channels must be an integer >= 1, got 2.0 of type float"),
    (lambda: Parameters.from_openvino(alpha=1, beta=1, bias=1, size=3, axes=["C"]),
     "OpenVINO's axes must be an integer >= 0, got 'C' of type str"),
    (lambda: Parameters.from_pytorch(alpha=1e-4), f"{PYTORCH}; size is missing"),
    (lambda: Parameters.from_pytorch(size=5, bias=1), f"{PYTORCH}; 'bias' is not among them"),
    (lambda: Parameters.from_pytorch(5), f"{PYTORCH}, each by its name; got 5 without one"),
    (lambda: Parameters.from_mxnet(nsize=True),
     "MXNet's nsize must be an integer from 1 to 4294967295, got True of type bool"),
    (lambda: Parameters.from_onnx(size=5.0),
     "ONNX's size must be an integer from 1 to 9223372036854775807, got 5.0 of type float"),
    (lambda: Parameters.from_onnx(size=5, bias=False),
     "ONNX's bias must be a finite int or float >= 0, got False of type bool"),
    (lambda: Parameters.from_coreml(size=5, beta="0.75"),
     "Core ML's beta must be a finite int or float, got '0.75' of type str"),
]  # fmt: skip
REFUSED = [(ValueError, *case) for case in REFUSED_VALUES] + [
    (TypeError, *case) for case in REFUSED_TYPES
]


@pytest.mark.parametrize(("error", "convert", "message"), REFUSED)
def test_what_cannot_be_converted_is_refused(error, convert, message):
    """The message names the framework, the argument, its range and the nearest value."""
    with pytest.raises(error) as caught:
        convert()
    assert str(caught.value) == message


@pytest.mark.parametrize("framework", ["caffe3", "Torches", "", "-", None, 5])
@pytest.mark.parametrize("convert", [Parameters.from_framework, Parameters().to_framework])
def test_an_unknown_framework_is_named_with_those_known(convert, framework):
    """Both directions list the known frameworks."""
    with pytest.raises(ValueError, match="framework must be one of") as caught:
        convert(framework)
    assert str(caught.value).endswith(f"'mnn', got {framework!r}")
    assert all(repr(name) in str(caught.value) for name in FRAMEWORKS)


def test_the_nearest_that_is_named_can_be_taken():
    """The values that an error proposes are accepted, with the same factor of the sum."""
    near = [Parameters.from_caffe(local_size=5, alpha=0.5),
            Parameters.from_caffe(local_size=7, alpha=0.7)]  # fmt: skip
    assert [p.alpha for p in near] == pytest.approx([0.6 / 6, 0.6 / 6], rel=1e-15)
    assert [Parameters(r).to_onnx()["size"] for r in (1, 2, (1, 2))] == [3, 5, 4]
    assert Parameters(7).to_cudnn()["lrnN"] == 15
    assert Parameters.from_cudnn(lrnK=1e-5).bias == 1e-5


X = np.random.default_rng(4).normal(scale=2, size=(2, 3, 6, 5))


def over_space(x, before, after, axes, factor, bias, beta):
    """LRN over a box of pixels, one output at a time."""
    y = np.empty_like(x)
    for index in np.ndindex(x.shape):
        box = [slice(max(0, i - before), i + after + 1) if a in axes else slice(i, i + 1)
               for a, i in enumerate(index)]  # fmt: skip
        y[index] = x[index] / (bias + factor * np.sum(x[tuple(box)] ** 2)) ** beta
    return y


@pytest.mark.parametrize(
    ("convert", "arguments", "box"),
    [
        # Caffe ignores k within a channel; local_size is odd.
        *((Parameters.from_caffe, {"local_size": 3, "alpha": 2, "norm_region": region, "k": 3},
           (1, 1, (2, 3), 2 / 9, 1, 0.75)) for region in ("WITHIN_CHANNEL", 1, "1")),
        (Parameters.from_caffe, {"norm_region": 1}, (2, 2, (2, 3), 1 / 25, 1, 0.75)),
        (Parameters.from_ncnn, {"region_type": 1, "local_size": 2, "bias": 2},
         (1, 0, (2, 3), 1 / 4, 2, 0.75)),
        (Parameters.from_openvino,
         {"alpha": 3, "beta": 0.5, "bias": 2, "size": 4, "axes": [2, 3]},
         (1, 1, (2, 3), 3 / 16, 2, 0.5)),
        (Parameters.from_openvino,
         {"alpha": 3, "beta": 0.5, "bias": 2, "size": 3, "axes": (1, 2, 3)},
         (1, 1, (1, 2, 3), 3 / 27, 2, 0.5)),
    ],
)  # fmt: skip
def test_over_space_the_error_shows_lines_that_compute_it(convert, arguments, box):
    """The three lines of NumPy in the message give what a plain loop gives."""
    with pytest.raises(ValueError, match=r"must be .*, which sums over") as caught:
        convert(**arguments)
    lines = str(caught.value).split("\n\n")[1]
    assert lines.count("\n") == 2
    namespace = {"numpy": numpy, "x": X}
    exec(lines, namespace)
    np.testing.assert_allclose(namespace["y"], over_space(X, *box), rtol=1e-13)


def test_over_space_an_even_size_of_caffe_is_refused_as_such():
    with pytest.raises(ValueError, match=r"^Caffe's local_size must be odd, got 4"):
        Parameters.from_caffe(norm_region=1, local_size=4)
