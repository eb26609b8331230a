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
    """The three expected outputs in local_response_norm_test.cc and in NNAPI's delegate's test."""
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
