"""The tests of other projects: which wrong LRNs each of them would notice.

`suite_cases` holds what they compute and compare; here they are named, and run against the
wrong LRNs of `wrong`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import numpy as np

from lrnlib.conformance import suite_cases as cases
from lrnlib.conformance.checking import attempt
from lrnlib.conformance.faults import WRONG, Wrong
from lrnlib.conformance.vectors import vectors


@dataclass(frozen=True, eq=False)
class Suite:
    """What one project tests.

    Attributes
    ----------
    name, title : str
        What tables and prose call it.
    source : str
        The repository, the commit and the file.
    note : str
        What is peculiar to it, and what is left out here.
    draw : callable
        ``draw(seed)`` returns its cases with that seed's data.
    random : bool
        Whether the seed matters; without, the data are the same in every run.
    compares_values : bool
        Whether LRN's results are compared with anything at all.
    needs : str
        The package that holds its data; where that is missing, the suite is absent.
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
    def present(self) -> bool:
        """Whether its data are here."""
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
        "No value is compared: gradients are, with differences of the function itself. The even "
        "windows are left out, for there is no such Parameters. By default a random combination "
        "of the derivatives is compared; here each of them is.",
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
def drawn(suite: Suite, seed: int) -> tuple[cases.Case, ...]:
    """The cases of one draw, made once."""
    return tuple(suite.draw(seed))


def notices(suite: Suite, wrong: Wrong, draws: int = 20) -> float | None:
    """The share of draws in which a suite notices a wrong LRN.

    Parameters
    ----------
    suite : Suite
        One of `SUITES`.
    wrong : Wrong
        One of ``wrong.WRONG``.
    draws : int, default 20
        How many, from seed 0 on; a suite whose data never change has one.

    Returns
    -------
    float or None
        0 where the suite has no case of this kind; None where the suite is absent.
    """
    if not suite.present:
        return None
    seeds = range(draws if suite.random else 1)
    noticed = 0
    for seed in seeds:
        asked = (case for case in drawn(suite, seed) if (case.dy is not None) == wrong.gradient)
        noticed += any(not case.passes(wrong.function) for case in asked)
    return noticed / len(seeds)


@np.errstate(all="ignore")
def noticed_by_vectors(wrong: Wrong) -> float:
    """Whether one of lrnlib's own vectors notices a wrong LRN: 1 or 0."""
    pair = (None, wrong.function) if wrong.gradient else (wrong.function, None)
    outcomes = (attempt(vector, *pair) for vector in vectors())
    return float(any(outcome is not None and not outcome.passed for outcome in outcomes))


def power(draws: int = 20) -> dict[str, dict[str, float | None]]:
    """Return which wrong LRNs the tests of each project notice.

    Parameters
    ----------
    draws : int, default 20
        How often a suite with random data is drawn, with the seeds from 0 on.

    Returns
    -------
    dict
        By the name of the wrong LRN a dict: by the name of the suite, the share of the draws
        in which it is noticed, or None where the suite's data are not installed; last, under
        'lrnlib', the same of lrnlib's own vectors.
    """
    return {
        wrong.name: {
            **{name: notices(suite, wrong, draws) for name, suite in SUITES.items()},
            "lrnlib": noticed_by_vectors(wrong),
        }
        for wrong in WRONG
    }
