"""The tests of other projects: which faulty LRNs each of them detects.

Here they are named and run against `faults`; `suite_cases` holds their data and tolerances.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import numpy as np

from lrnlib.conformance import suite_cases as cases
from lrnlib.conformance.comparison import run_vector
from lrnlib.conformance.faults import FAULTS, Fault
from lrnlib.conformance.vectors import vectors


@dataclass(frozen=True, eq=False)
class Suite:
    """The test suite of one project.

    Attributes
    ----------
    name, title : str
        Its names in tables and in prose.
    source : str
        The repository, the commit and the file.
    note : str
        Its peculiarities, and what is left out here.
    draw : callable
        ``draw(seed)`` returns its cases with the data of that seed.
    random : bool
        Whether the data depend on the seed.
    compares_values : bool
        Whether LRN's results are compared with any values.
    needs : str
        The package that holds its data; without it, the suite cannot be run.
    """

    name: str
    title: str
    source: str
    note: str
    draw: Callable[[int], Iterable[cases.Case]]
    random: bool = False
    compares_values: bool = True
    needs: str = ""

    @property
    def available(self) -> bool:
        """Whether its data are installed."""
        return not self.needs or find_spec(self.needs) is not None


SUITES: Mapping[str, Suite] = {suite.name: suite for suite in (
    Suite(
        "tensorflow", "TensorFlow",
        "tensorflow/tensorflow@229c5692, python/kernel_tests/nn_ops/lrn_op_test.py",
        "It seeds NumPy, so that its own runs only ever see draw 0. The differences by which it "
        "estimates float16's derivatives are coarse, hence a tolerance of 1.0.",
        cases.tensorflow, random=True,
    ),
    Suite(
        "caffe", "Caffe", "BVLC/caffe@9b891540, src/caffe/test/test_lrn_layer.cpp",
        "It fixes the seed of a generator that NumPy does not have: each draw is as good as its "
        "own. float64 and the windows within a channel are left out.",
        cases.caffe, random=True,
    ),
    Suite(
        "onnx", "ONNX", "onnx/onnx@f754691, onnx/backend/test/case/node/lrn.py",
        "The published data, from the installed package. There is no gradient.",
        cases.onnx, needs="onnx",
    ),
    Suite(
        "chainer", "Chainer",
        "chainer/chainer@a8e15cbe, tests/chainer_tests/functions_tests/normalization_tests/"
        "test_local_response_normalization.py",
        "Its oracle sums four channels of five. A gradient is compared along one random "
        "direction. float16 is left out, and so are the draws for further backends.",
        cases.chainer, random=True,
    ),
    Suite(
        "paddle", "Paddle", "PaddlePaddle/Paddle@2c8abd87, test/legacy_test/test_lrn_op.py",
        "Every window holds all three channels. Its second result, MidOut, is left out, and so "
        "are the tests that compare one layout with another.",
        cases.paddle,
    ),
    Suite(
        "torch", "PyTorch",
        "pytorch 2.13.0, torch/testing/_internal/common_modules.py and "
        "common_methods_invocations.py",
        "No value is compared: gradients are, with differences of the function itself. By "
        "default a random combination of the derivatives is compared; here each of them is.",
        cases.torch, random=True, compares_values=False,
    ),
    Suite(
        "torch-crossmap", "PyTorch, CrossMapLRN2d",
        "pytorch 2.13.0, torch/testing/_internal/common_nn.py",
        "As for PyTorch; a reference function is a TODO of its source.",
        cases.torch_crossmap, random=True, compares_values=False,
    ),
    Suite(
        "onednn", "oneDNN, float32", "oneapi-src/oneDNN@515bfba6, tests/benchdnn/inputs/lrn",
        "The shapes of test_lrn_ci with pixels. The data repeat after 16 numbers: where a "
        "channel has a multiple of 16, all channels are the same.",
        cases.onednn(np.float32, 2.0**-23),
    ),
    Suite(
        "onednn-half", "oneDNN, float16", "oneapi-src/oneDNN@515bfba6, tests/benchdnn/inputs/lrn",
        "As for float32, with float16's eps in the tolerance; bfloat16 is left out.",
        cases.onednn(np.float16, 2.0**-10),
    ),
    Suite(
        "miopen", "MIOpen", "ROCm/MIOpen@2d1fd997, test/lrn_test.cpp",
        "One call of its run with --all; the default run has windows within a channel alone. "
        "In older versions beta is 0, so that nothing is normalized. The gradient, whose scale is "
        "not that of its data, and the even window are left out.",
        cases.miopen,
    ),
    Suite(
        "mxnet", "MXNet", "apache/mxnet@b84609d3, tests/python/gpu/test_operator_gpu.py",
        "It compares a GPU with a CPU and has no oracle: the right LRN stands for the other one, "
        "so that a mistake of both would be noticed here and is not there.",
        cases.mxnet, random=True,
    ),
)}  # fmt: skip


@cache
def cases_of(suite: Suite, seed: int) -> tuple[cases.Case, ...]:
    """Return the cases of one draw, which are cached."""
    return tuple(suite.draw(seed))


def detects(suite: Suite, fault: Fault, draws: int = 20) -> float | None:
    """Return the share of draws in which a suite detects a faulty LRN.

    Parameters
    ----------
    suite : Suite
        One of `SUITES`.
    fault : Fault
        One of ``conformance.FAULTS``.
    draws : int, default 20
        How many, from seed 0 on; a suite without random data has one.

    Returns
    -------
    float or None
        0 if the suite has no such case, forward or gradient; None if it cannot be run.
    """
    if not suite.available:
        return None
    draws = draws if suite.random else 1
    detected = [
        any(not case.passes(fault.function) for case in cases_of(suite, seed)
            if (case.dy is not None) == fault.gradient)
        for seed in range(draws)
    ]  # fmt: skip
    return sum(detected) / draws


@np.errstate(all="ignore")
def detected_by_vectors(fault: Fault) -> float:
    """Return 1 if one of lrnlib's own vectors detects a faulty LRN, else 0."""
    pair = (None, fault.function) if fault.gradient else (fault.function, None)
    outcomes = (run_vector(vector, *pair) for vector in vectors())
    return float(any(outcome is not None and not outcome.passed for outcome in outcomes))


def detection_rates(draws: int = 20) -> dict[str, dict[str, float | None]]:
    """Return how reliably the tests of each project detect the faulty LRNs.

    Parameters
    ----------
    draws : int, default 20
        How many draws of a suite with random data, from seed 0 on.

    Returns
    -------
    dict
        For each faulty LRN, by name, a dict: for each suite, by name, the share of the draws
        in which it is detected, or None if the suite's data are not installed; last, under
        'lrnlib', the same for lrnlib's own vectors.
    """
    return {
        fault.name: {
            **{name: detects(suite, fault, draws) for name, suite in SUITES.items()},
            "lrnlib": detected_by_vectors(fault),
        }
        for fault in FAULTS
    }
