"""Parameters as the arguments of other frameworks, and back."""

import inspect
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrnlib import Parameters
from lrnlib.conventions import CONVENTIONS, find

FRAMEWORKS = list(CONVENTIONS)
EVEN = [name for name, c in CONVENTIONS.items() if not c.half_width and c.window_extent(4)]
# Those that sum a window of more channels than there are, not one cut in the middle.
UNCUT = [name for name, c in CONVENTIONS.items() if not c.fits_channels]
# Parameters that every framework of the table accepts; some have no bias but 1.
COMMON = st.builds(
    Parameters,
    depth_radius=st.integers(1, 7),
    bias=st.just(1.0),
    alpha=st.just(0) | st.floats(1e-30, 1e18),
    beta=st.floats(0.01, 1e5),
)
RADII = st.integers(0, 20) | st.integers(0, 2**70)
ANY = st.builds(
    Parameters,
    depth_radius=RADII | st.tuples(RADII, RADII) | st.integers(0, 20).map(lambda r: (r + 1, r)),
    bias=st.floats(0, allow_infinity=False),
    alpha=st.floats(0, allow_infinity=False),
    beta=st.floats(allow_nan=False, allow_infinity=False),
)


def neighbours(number):
    """Return a float64 and its two neighbours."""
    return math.nextafter(number, -math.inf), number, math.nextafter(number, math.inf)


def assert_same(actual, p, hops):
    """Fail unless the parameters equal `p`, with at most one rounding of alpha a division."""
    assert (actual.depth_radius, actual.bias, actual.beta) == (p.depth_radius, p.bias, p.beta)
    assert abs(actual.alpha - p.alpha) <= hops * math.ulp(p.alpha)


@pytest.mark.parametrize(
    ("framework", "arguments", "expected"),
    [
        # AlexNet: in the paper, in the authors' code, and in Caffe's model.
        ("paper", {}, (2, 2.0, 1e-4, 0.75)),
        ("cuda_convnet", {"size": 5, "scale": 1e-4, "pow": 0.75, "minDiv": 2}, (2, 2, 2e-5, 0.75)),
        ("caffe", {"local_size": 5, "alpha": 1e-4, "beta": 0.75}, (2, 1.0, 2e-5, 0.75)),
        # The defaults of each framework.
        ("tensorflow", {}, (5, 1.0, 1.0, 0.5)),
        ("pytorch", {"size": 3}, (1, 1.0, 1e-4 / 3, 0.75)),
        ("onnx", {"size": 3}, (1, 1.0, 1e-4 / 3, 0.75)),
        ("caffe", {}, (2, 1.0, 0.2, 0.75)),
        ("cudnn", {}, (2, 2.0, 2e-5, 0.75)),
        ("mxnet", {"nsize": 5}, (2, 2.0, 2e-5, 0.75)),
        ("chainer", {}, (2, 2.0, 1e-4, 0.75)),
        ("coreml", {"size": 5}, (2, 1.0, 2e-5, 0.75)),
        ("cuda_convnet", {"size": 9, "scale": 0.001, "pow": 0.75}, (4, 1.0, 0.001 / 9, 0.75)),
        ("onednn", {"local_size": 5, "alpha": 1, "beta": 0.5, "k": 1}, (2, 1.0, 0.2, 0.5)),
        # Fields that do not change the result, by name or by their number in the enumeration.
        ("caffe", {"norm_region": 0, "engine": "CUDNN"}, (2, 1.0, 0.2, 0.75)),
        ("caffe", {"norm_region": "0", "engine": "CAFFE"}, (2, 1.0, 0.2, 0.75)),
        ("caffe", {"norm_region": "ACROSS_CHANNELS", "engine": 0}, (2, 1.0, 0.2, 0.75)),
        # TensorRT's documentation: channel 4 of the example is 4 / (0.1 + 25 / 3).
        ("tensorrt", {"window": 3, "alpha": 1, "beta": 1, "k": 0.1}, (1, 0.1, 1 / 3, 1.0)),
        # Even windows: one channel more before or after, or n + 1 channels in the paper, or n - 1
        # in oneDNN.
        ("pytorch", {"size": 2}, ((1, 0), 1.0, 5e-5, 0.75)),
        ("pytorch", {"size": 4, "alpha": 0.001}, ((2, 1), 1.0, 2.5e-4, 0.75)),
        ("onnx", {"size": 4}, ((1, 2), 1.0, 2.5e-5, 0.75)),
        ("cudnn", {"lrnN": 16}, ((7, 8), 2.0, 6.25e-6, 0.75)),
        ("matconvnet", {"N": 4, "KAPPA": 2, "ALPHA": 1, "BETA": 0.75}, ((1, 2), 2, 1, 0.75)),
        ("cuda_convnet", {"size": 2, "scale": 1, "pow": 1}, ((1, 0), 1.0, 0.5, 1.0)),
        ("mxnet", {"nsize": 4}, (1, 2.0, 2.5e-5, 0.75)),
        ("mxnet", {"nsize": 2}, (0, 2.0, 5e-5, 0.75)),
        ("paper", {"n": 4}, (2, 2.0, 1e-4, 0.75)),
        ("onednn", {"local_size": 4, "alpha": 1, "beta": 0.5, "k": 1}, (1, 1.0, 0.25, 0.5)),
    ],
)
def test_arguments_mean_what_their_framework_says(framework, arguments, expected):
    """Published settings of each framework give these parameters."""
    assert getattr(Parameters, f"from_{framework}")(**arguments) == Parameters(*expected)
    assert Parameters.from_framework(framework, **arguments) == Parameters(*expected)


@pytest.mark.parametrize(
    ("framework", "arguments"),
    [
        ("tensorflow", {"depth_radius": 2, "bias": 2.0, "alpha": 0.25, "beta": 0.75}),
        ("pytorch", {"size": 5, "alpha": 1.25, "beta": 0.75, "k": 2.0}),
        ("onnx", {"size": 5, "alpha": 1.25, "beta": 0.75, "bias": 2.0}),
        ("caffe", {"local_size": 5, "alpha": 1.25, "beta": 0.75, "k": 2.0}),
        ("cudnn", {"lrnN": 5, "lrnAlpha": 1.25, "lrnBeta": 0.75, "lrnK": 2.0}),
        ("onednn", {"local_size": 5, "alpha": 1.25, "beta": 0.75, "k": 2.0}),
        ("mxnet", {"alpha": 1.25, "beta": 0.75, "knorm": 2.0, "nsize": 5}),
        ("chainer", {"n": 5, "k": 2.0, "alpha": 0.25, "beta": 0.75}),
        ("tensorrt", {"window": 5, "alpha": 1.25, "beta": 0.75, "k": 2.0}),
        ("coreml", {"size": 5, "alpha": 1.25, "beta": 0.75, "k": 2.0}),
        ("paper", {"k": 2.0, "n": 5, "alpha": 0.25, "beta": 0.75}),
        ("cuda_convnet", {"size": 5, "scale": 1.25, "pow": 0.75, "minDiv": 2.0}),
    ],
)
def test_arguments_come_in_the_frameworks_order(framework, arguments):
    """Each framework gets its own arguments, in the order of its signature."""
    p = Parameters(2, 2.0, 0.25, 0.75)
    assert list(p.to_framework(framework).items()) == list(arguments.items())
    assert getattr(p, f"to_{framework}")() == arguments


def test_every_framework_of_the_table_has_two_methods():
    """Each row has both methods, and there are no others but those that read files."""
    methods = {name for name in dir(Parameters) if name.startswith(("from_", "to_"))}
    assert methods == {"from_onnx_model", "from_caffe_prototxt"} | {
        f"{way}_{name}" for name in (*FRAMEWORKS, "framework") for way in ("from", "to")
    }
    listed = (Parameters.from_framework.__doc__ or "").split("keys are")[1].split("**")[0]
    assert re.findall(r"'(\w+)'", listed) == FRAMEWORKS


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_names_in_any_spelling_are_the_same_framework(framework):
    """A key, a title and an alias, in any case and with hyphens or spaces, find the row."""
    c = CONVENTIONS[framework]
    for name in (framework, c.title, *c.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-"), name.replace("_", " ")):
            assert find(spelling) == framework
    p = Parameters(2, 1.0, 0.25, 0.75)
    assert p.to_framework(c.title.lower()) == p.to_framework(framework)


@pytest.mark.parametrize(
    ("alias", "framework"),
    [("tf", "tensorflow"), ("torch", "pytorch"), ("PyTorch", "pytorch"), ("TF-Lite", "tflite"),
     ("mkldnn", "onednn"), ("cuda-convnet", "cuda_convnet"), ("TensorFlow.js", "tfjs"),
     ("Core ML", "coreml"), ("ArmNN", "armnn"), ("PaddlePaddle", "paddle")],
)  # fmt: skip
def test_aliases(alias, framework):
    assert find(alias) == framework


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_method_shows_the_frameworks_arguments(framework):
    """`help` shows the framework's arguments, defaults and function."""
    method, c = getattr(Parameters, f"from_{framework}"), CONVENTIONS[framework]
    assert str(inspect.signature(method)) == f"(*, {c.signature})"
    assert c.function in method.__doc__
    assert c.source


@given(COMMON, st.sampled_from(FRAMEWORKS), st.sampled_from(FRAMEWORKS))
def test_pairs_of_frameworks_round_trip(p, a, b):
    """From lrnlib to A, back, to B and back: a division changes at most alpha's last bit."""
    through_a = Parameters.from_framework(a, **p.to_framework(a))
    through_b = Parameters.from_framework(b, **through_a.to_framework(b))
    assert_same(through_a, p, hops=CONVENTIONS[a].alpha_divided)
    assert_same(through_b, p, hops=CONVENTIONS[a].alpha_divided + CONVENTIONS[b].alpha_divided)


@given(st.sampled_from(EVEN), st.integers(1, 8), COMMON)
def test_even_sizes_round_trip(framework, half, p):
    """An even size becomes the framework's own window, and that window the same size again.

    Where an even size sums an odd number of channels, it comes back as the odd size of the same
    window and the same factor.
    """
    c = CONVENTIONS[framework]
    size = 2 * half
    arguments = p.to_framework(framework) | {c.window: size}
    q = Parameters.from_framework(framework, **arguments)
    before, after = q.reach
    assert (before, after) == c.window_extent(size)
    back = q.to_framework(framework)
    assert_same(Parameters.from_framework(framework, **back), q, hops=c.alpha_divided)
    assert back[c.window] == (size if before != after else 2 * before + 1)


@given(st.sampled_from(UNCUT), st.integers(0, 9), st.integers(0, 9), st.integers(1, 8))
def test_channels_make_windows_that_hold_them_all_convertible(framework, before, after, channels):
    """Beyond the channels a window's length does not matter: nothing is refused for it."""
    p = Parameters((before + channels - 1, after + channels - 1), 1.0, 0.25, 0.75)
    if framework == "cuda_convnet" and channels == 1:
        return  # its size is 2 or more
    arguments = getattr(p, f"to_{framework}")(channels=channels)
    q = Parameters.from_framework(framework, **arguments)
    assert [min(n, channels - 1) for n in q.reach] == [channels - 1, channels - 1]


@given(ANY, st.sampled_from(FRAMEWORKS))
def test_a_round_trip_is_as_exact_as_the_division_allows(p, framework):
    """If alpha comes back as a neighbour, no nearby number of the framework does better."""
    c = CONVENTIONS[framework]
    arguments, refusal = {}, ""
    try:
        arguments = p.to_framework(framework)
    except ValueError as error:
        refusal = str(error)
    if not arguments:
        assert f"{c.title}'s " in refusal or f"{c.title} has no bias but" in refusal
        return
    back = Parameters.from_framework(framework, **arguments)
    assert_same(back, p, hops=c.alpha_divided)
    if back.alpha != p.alpha:
        divided = {
            near / arguments[c.window] for near in neighbours(arguments[c.argument("alpha")])
        }
        assert p.alpha not in divided


@given(st.sampled_from([name for name in FRAMEWORKS if CONVENTIONS[name].alpha_divided]), COMMON)
def test_the_frameworks_arguments_round_trip(framework, p):
    """A framework's alpha comes back too, to its last bit."""
    c = CONVENTIONS[framework]
    arguments = p.to_framework(framework) | {c.argument("alpha"): p.alpha}
    back = Parameters.from_framework(framework, **arguments).to_framework(framework)
    assert back.pop(c.argument("alpha")) in neighbours(arguments.pop(c.argument("alpha")))
    assert back == arguments


@pytest.mark.parametrize(
    ("framework", "channels"),
    [
        # The channels that a window of 4 around channel 4 sums.
        *((name, (2, 6)) for name in ("paper", "dl4j", "armnn")),
        *((name, (2, 5)) for name in ("cuda_convnet", "pytorch", "paddle", "ncnn", "mnn")),
        *(
            (name, (3, 6))
            for name in (
                "onnx",
                "cudnn",
                "matconvnet",
                "migraphx",
                "tiny_dnn",
                "darknet",
                "matlab",
                "nnef",
            )
        ),
        *((name, (3, 5)) for name in ("onednn", "mxnet", "openvino")),
        *(
            (name, None)
            for name in (
                "caffe",
                "chainer",
                "tensorrt",
                "coreml",
                "paddle_fluid",
                "torch7",
                "lasagne",
                "lrn2d",
                "neon",
                "tvm",
                "nncase",
                "caffe2",
            )
        ),
    ],
)
def test_the_table_knows_which_channels_an_even_window_sums(framework, channels):
    """Four different windows of 4 channels, or none."""
    extent = CONVENTIONS[framework].window_extent(4)
    assert (extent and (4 - extent[0], 4 + extent[1])) == channels


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_odd_windows_are_the_same_everywhere(framework):
    """A window of 7 covers 3 channels on either side."""
    c = CONVENTIONS[framework]
    assert c.window_extent(3 if c.half_width else 7) == (3, 3)


LIMITS = [
    (framework, name, limit, beyond)
    for framework, c in CONVENTIONS.items()
    for name, argument in c.arguments.items()
    for limit, beyond in ((argument.low, -1), (argument.high, 1))
    if limit is not None
]


@pytest.mark.parametrize(("framework", "name", "limit", "beyond"), LIMITS)
def test_every_limit_of_the_table_is_kept(framework, name, limit, beyond):
    """The limit is accepted, and the next number beyond it is refused."""
    c = CONVENTIONS[framework]
    windows = [key for key, a in c.arguments.items() if a.maps_to in ("size", "depth_radius")]
    arguments = {key: 5 if key in windows else 1
                 for key, a in c.arguments.items() if not a.choices}  # fmt: skip
    is_window = name in windows
    outside = limit + beyond if is_window else math.nextafter(limit, beyond * math.inf)
    # An even limit of a size is in range, but may be refused for being even.
    odd = limit - (is_window and not c.half_width and not c.window_extent(limit)) * beyond
    Parameters.from_framework(framework, **arguments | {name: odd})
    with pytest.raises(ValueError, match=f"{c.title}'s {name} must be .*got"):
        Parameters.from_framework(framework, **arguments | {name: outside})
