"""The table's rows against numbers that the frameworks computed or print."""

import numpy as np
import pytest

from lrnlib import Parameters, reference
from lrnlib.conventions import CONVENTIONS

X = np.array([0.5, -1, 1.5, 2, -2.5, 3, 1, -0.5, 2])
# Of X with alpha 0.9, beta 0.75 and bias 2 in float32, run on a CPU on 2026-11-28. MNN's and
# Paddle's numbers are ncnn's, and MXNet's are OpenVINO's, to the last digit or the one before.
THREE = [0.2613499, -0.4332865, 0.5135691, 0.5386158, -0.5369263, 0.7065888, 0.2957488, -0.1923149,
         0.8215264]  # fmt: skip
FIVE = [0.2421047, -0.4038466, 0.4875245, 0.5184579, -0.6480724, 0.8143049, 0.271435, -0.1600993,
        0.8896435]  # fmt: skip
ONE_MORE_BEFORE = {
    2: [0.2853464, -0.4937443, 0.5909476, 0.6155338, -0.6062695, 0.5840554, 0.245649, -0.2468722,
        0.7189344],
    3: THREE,
    4: [0.2693645, -0.4635417, 0.5636925, 0.5947969, -0.5912443, 0.7321998, 0.2706327, -0.1450696,
        0.8396178],
    5: FIVE,
}  # fmt: skip
ONE_LESS = {
    2: [0.2853464, -0.5106525, 0.6559881, 0.7348392, -0.7694173, 0.7776868, 0.5106525, -0.2853464,
        0.7348392],
    3: THREE,
    4: [0.2693645, -0.4635417, 0.5702288, 0.6155338, -0.6263584, 0.8179464, 0.3345227, -0.2099044,
        0.8871031],
    5: FIVE,
}  # fmt: skip
RUN = {"ncnn": ONE_MORE_BEFORE, "mnn": ONE_MORE_BEFORE, "paddle": ONE_MORE_BEFORE,
       "openvino": ONE_LESS, "mxnet": ONE_LESS}  # fmt: skip


def lrn(x, p):
    """LRN with the parameters' reach, one window at a time."""
    before, after = p.reach
    windows = (x[max(0, c - before) : c + after + 1] for c in range(len(x)))
    return x / (p.bias + p.alpha * np.array([np.sum(w**2) for w in windows])) ** p.beta


@pytest.mark.parametrize("size", [2, 3, 4, 5])
@pytest.mark.parametrize("framework", RUN)
def test_numbers_that_frameworks_computed(framework, size):
    """ncnn 1.0.20261020, MNN 3.6.1, Paddle 3.3.1, OpenVINO 2026.4.1, MXNet 1.9.1 by default."""
    c = CONVENTIONS[framework]
    numbers = {"size": size, "alpha": 0.9, "beta": 0.75, "bias": 2.0}
    arguments = {name: numbers[a.maps_to] for name, a in c.arguments.items()
                 if a.maps_to in numbers}  # fmt: skip
    p = Parameters.from_framework(framework, **arguments)
    np.testing.assert_allclose(RUN[framework][size], lrn(X, p), rtol=5e-7)


def test_mindspores_example():
    """The numbers in its documentation: alpha is not divided, although the formula there is."""
    x = np.array([[0.1, 0.3], [0.2, 0.4]])
    printed = [[0.09534626, 0.2860388], [0.1825742, 0.3651484]]
    p = Parameters.from_mindspore()
    np.testing.assert_allclose(printed, [lrn(pixel, p) for pixel in x], rtol=2e-7)


def test_dl4js_test():
    """A pixel of the activations and of the gradient that its LocalResponseTest.java expects."""
    x = np.array([0.88128096, 0.99222249, -0.27603117, -0.77667993, -0.46907067, 0.50494033,
                  0.72276866])  # fmt: skip
    y = [0.52397668, 0.58992499, -0.16411273, -0.46177959, -0.27889356, 0.30022132, 0.42974478]
    dy = np.array([-0.13515499, -0.4790071, -0.17809176, 0.61443841, 0.04406403, 0.08009516,
                   0.87743825])  # fmt: skip
    dx = [-0.08033668, -0.28474802, -0.10589627, 0.36528736, 0.02620371, 0.04761803, 0.52168733]
    p = Parameters.from_dl4j(n=5, k=2, alpha=1e-4, beta=0.75)
    np.testing.assert_allclose(lrn(x, p), y, rtol=2e-7)  # they are of float32
    np.testing.assert_allclose(reference.local_response_normalization_grad(dy, x, **vars(p)), dx,
                               rtol=1e-6)  # fmt: skip


def test_nd4js_tests():
    """A pixel of LrnTest_3, one of LrnTest_4, and one of the gradient of lrn_bp_2."""
    x = np.array([1.5, 0, 1.3, 6.5])
    for depth, expected in {
        2: [0.67488194, 0, 0.18924236, 0.96960944],
        5: [0.21835658, 0, 0.18924236, 0.9462118],
    }.items():
        p = Parameters.from_nd4j(depth=depth, bias=1.0, alpha=1.0, beta=0.5)
        np.testing.assert_allclose(lrn(x, p), expected, rtol=2e-7)
    x = np.arange(-10, 0, 1) / 10
    dx = [-8.06625858e-02, -1.79638922e-01, -2.66877055e-01, -1.64447501e-01, -1.00968637e-01,
          -2.75682062e-02, 1.13596700e-01, 3.32260162e-01, 5.96845448e-01,
          8.13161016e-01]  # fmt: skip
    p = Parameters.from_nd4j(depth=2, bias=1.0, alpha=1.0, beta=1.0)
    actual = reference.local_response_normalization_grad(np.ones(10), x, **vars(p))
    np.testing.assert_allclose(actual, dx, rtol=1e-5)


def test_tfjss_tests():
    """The first pixel of what its tests take from TensorFlow, and the pixel of a shorter window."""
    x = np.array([0.95782757, 0.12892687, 0.63624668, 0.70160735, 0.77376258, 0.54166114,
                  0.71172535, 0.65087497])  # fmt: skip
    expected = [0.62630326, 0.07662392, 0.34354961, 0.41885775, 0.42621866, 0.29751951,
                0.42365381, 0.4364861]  # fmt: skip
    np.testing.assert_allclose(lrn(x, Parameters.from_tfjs(depthRadius=2)), expected, rtol=3e-7)
    x = np.array([1.0, 20, 300, 4])
    sums = 1 + np.array([401, 90_401, 90_416, 90_016])
    p = Parameters.from_tfjs(depthRadius=1, beta=0.75)
    np.testing.assert_allclose(lrn(x, p), x / sums**0.75, rtol=1e-15)


@pytest.mark.parametrize(("channels", "radius"), [(9, 0), (9, 1), (9, 4), (9, 5), (9, 8), (4, 2)])
def test_cntks_convolution(channels, radius):
    """As its source has it: the kernel holds alpha / (2 r + 1), and is no longer than the channels.

    `to_cntk` refuses just those windows that the shorter kernel does not sum.
    """
    x, alpha = X[:channels], 0.9
    kernel = np.full(min(2 * radius + 1, channels), alpha / (2 * radius + 1))
    expected = x / (2 + np.convolve(x**2, kernel, "same")) ** 0.75
    p = Parameters.from_cntk(depth_radius=radius, bias=2.0, alpha=alpha, beta=0.75)
    if 2 * radius + 1 <= channels:
        np.testing.assert_allclose(lrn(x, p), expected, rtol=1e-14)
        back = {"depth_radius": radius, "bias": 2.0, "alpha": pytest.approx(alpha), "beta": 0.75}
        assert p.to_cntk(channels=channels) == back
    else:
        assert abs(lrn(x, p) / expected - 1).max() > 1e-3
        with pytest.raises(ValueError, match=f"at most {channels} channels for CNTK"):
            p.to_cntk(channels=channels)


def test_caffe2s_example():
    """The first rows in its documentation, of one channel: alpha is divided by 11."""
    x = np.array([0.72985137, -0.3753357, 2.7344604, -0.5937792, 0.38440478, -2.1659644])
    printed = [0.5160766, -0.26540157, 1.9332271, -0.41986194, 0.27181432, -1.5314047]
    p = Parameters.from_caffe2(size=11, alpha=0.001, beta=0.5, bias=2.0)
    np.testing.assert_allclose(printed, [lrn(x[k : k + 1], p)[0] for k in range(6)], rtol=2e-7)
    scale = [2.0000484, 2.0000129, 2.0006797]
    np.testing.assert_allclose(scale, p.bias + p.alpha * x[:3] ** 2, rtol=2e-7)


@pytest.mark.parametrize("framework", ["tflite", "nnapi"])
def test_tflites_tests(framework):
    """The three expected outputs in local_response_norm_test.cc and in NNAPI's delegate's test.

    NNAPI's CPU calls TFLite's kernel along the last axis, and sums the same along the others.
    """
    x = np.array([-1.1, 0.6, 0.7, 1.2, -0.7, 0.1])
    for (radius, bias, alpha), expected in {
        (20, 0, 4): x / 4,
        (20, 9, 4): x / 5,
        (2, 9, 4): [-0.264926, 0.125109, 0.140112, 0.267261, -0.161788, 0.0244266],
    }.items():
        p = Parameters.from_framework(framework, radius=radius, bias=bias, alpha=alpha, beta=0.5)
        np.testing.assert_allclose(lrn(x, p), expected, rtol=5e-6)


def test_tiny_dnns_test():
    """The expected output in its test_lrn_layer.h: alpha is divided, and the bias is 1."""
    x = np.array([-1.0, 3, 2, 5])
    p = Parameters.from_tiny_dnn(local_size=3, alpha=1.5, beta=2)
    np.testing.assert_allclose(lrn(x, p), [-1 / 36, 3 / 64, 2 / 400, 5 / 15.5**2], rtol=1e-15)


def test_darknets_running_sum_is_no_lrn():
    """As its source has it: channel size / 2 is never added, but subtracted."""
    p, size = Parameters.from_darknet(size=5, alpha=0.25), 5
    squares = 0.25 * X**2
    sums = [1 + squares[: size // 2].sum()]
    for k in range(1, len(X)):
        leaving, coming = k - (size - 1) // 2 - 1, k + size // 2
        sums.append(sums[-1] - (squares[leaving] if leaving >= 0 else 0)
                    + (squares[coming] if coming < len(X) else 0))  # fmt: skip
    lacking = (lrn(X, p) / X) ** (-1 / p.beta) - sums
    np.testing.assert_allclose(lacking, squares[size // 2], rtol=1e-14)
