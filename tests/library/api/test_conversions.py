"""Parameters as the arguments of other frameworks, and back."""

import inspect
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrnlib
from lrnlib import Parameters
from lrnlib.conventions import CONVENTIONS

FRAMEWORKS = list(CONVENTIONS)
PAIRS = list(itertools.product(FRAMEWORKS, FRAMEWORKS))
# Parameters that every framework of the table accepts.
COMMON = st.builds(
    Parameters,
    depth_radius=st.integers(1, 7),
    bias=st.floats(1e-5, 1e10),
    alpha=st.just(0) | st.floats(1e-30, 1e18),
    beta=st.floats(0.01, 1e5),
)
ANY = st.builds(
    Parameters,
    depth_radius=st.integers(0, 20) | st.integers(0, 2**70),
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
        ("caffe", {"norm_region": 0}, (2, 1.0, 0.2, 0.75)),  # the value in its enumeration
        # TensorRT's documentation: channel 4 of the example is 4 / (0.1 + 25 / 3).
        ("tensorrt", {"window": 3, "alpha": 1, "beta": 1, "k": 0.1}, (1, 0.1, 1 / 3, 1.0)),
        # Even windows that are symmetric: n + 1 channels in the paper, n - 1 in oneDNN.
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
    """Each row has both methods, and there are no others."""
    methods = {name for name in dir(Parameters) if name.startswith(("from_", "to_"))}
    assert methods == {f"{way}_{name}" for name in (*FRAMEWORKS, "framework") for way in
                       ("from", "to")}  # fmt: skip


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_method_shows_the_frameworks_arguments(framework):
    """`help` shows the framework's arguments, defaults and function."""
    method, c = getattr(Parameters, f"from_{framework}"), CONVENTIONS[framework]
    assert str(inspect.signature(method)) == f"(*, {c.signature})"
    assert c.function in method.__doc__
    assert c.source


@given(COMMON)
def test_all_pairs_of_frameworks_round_trip(p):
    """From lrnlib to A, back, to B and back: a division changes at most alpha's last bit."""
    for a, b in PAIRS:
        through_a = Parameters.from_framework(a, **p.to_framework(a))
        through_b = Parameters.from_framework(b, **through_a.to_framework(b))
        assert_same(through_a, p, hops=CONVENTIONS[a].alpha_divided)
        assert_same(through_b, p, hops=CONVENTIONS[a].alpha_divided + CONVENTIONS[b].alpha_divided)


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
        assert refusal.startswith(f"{c.title}'s ")
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
        ("paper", (2, 6)),
        ("cuda_convnet", (2, 5)),
        ("pytorch", (2, 5)),
        ("onnx", (3, 6)),
        ("cudnn", (3, 6)),
        ("onednn", (3, 5)),
        *((name, None) for name in ("caffe", "mxnet", "chainer", "tensorrt", "coreml")),
    ],
)
def test_the_table_knows_which_channels_an_even_window_sums(framework, channels):
    """Four frameworks, four different windows of 4 channels."""
    extent = CONVENTIONS[framework].window_extent(4)
    assert (extent and (4 - extent[0], 4 + extent[1])) == channels


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_odd_windows_are_the_same_everywhere(framework):
    """A window of 7 covers 3 channels on either side."""
    c = CONVENTIONS[framework]
    assert c.window_extent(3 if c.half_width else 7) == (3, 3)


ODD = "must be odd to be a depth_radius, which reaches as far on either side, got"
AS_MUCH = "so that about the same number multiplies the sum"
PYTORCH = ("PyTorch's torch.nn.functional.local_response_norm takes size, alpha=0.0001, beta=0.75, "
           "k=1.0")  # fmt: skip
REFUSED_VALUES = [
    (lambda: Parameters.from_pytorch(size=4),
     f"PyTorch's size {ODD} 4: it sums channels c-2 to c+1; the nearest is size=3 with "
     f"alpha=7.5e-05 or size=5 with alpha=0.000125, {AS_MUCH}"),
    (lambda: Parameters.from_caffe(local_size=6, alpha=0.6),
     f"Caffe's local_size {ODD} 6: it takes odd sizes only; the nearest is local_size=5 with "
     f"alpha=0.5 or local_size=7 with alpha=0.7, {AS_MUCH}"),
    (lambda: Parameters.from_chainer(n=2),
     f"Chainer's n {ODD} 2: it sums n + 1 channels on a CPU and n on a GPU; the nearest is n=1 or "
     "n=3"),
    (lambda: Parameters.from_cudnn(lrnN=16, lrnAlpha=1.6),
     f"cuDNN's lrnN {ODD} 16: it sums channels c-7 to c+8; the nearest is lrnN=15 with "
     f"lrnAlpha=1.5, {AS_MUCH}"),
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
    (lambda: Parameters.from_caffe(norm_region="WITHIN_CHANNEL"),
     "Caffe's norm_region must be 'ACROSS_CHANNELS', got 'WITHIN_CHANNEL'; nothing else sums "
     "over channels"),
    (lambda: Parameters.from_caffe(norm_region=True),
     "Caffe's norm_region must be 'ACROSS_CHANNELS', got True; nothing else sums over channels"),
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
                 for key, a in c.arguments.items() if a.maps_to != "region"}  # fmt: skip
    is_window = name in windows
    outside = limit + beyond if is_window else math.nextafter(limit, beyond * math.inf)
    # An even limit of a size is in range, but refused for being even.
    odd = limit - (is_window and not c.half_width and not limit % 2) * beyond
    Parameters.from_framework(framework, **arguments | {name: odd})
    with pytest.raises(ValueError, match=f"{c.title}'s {name} must be .*got"):
        Parameters.from_framework(framework, **arguments | {name: outside})


@pytest.mark.parametrize("framework", ["caffe2", "PyTorch", "", None, 5])
@pytest.mark.parametrize("convert", [Parameters.from_framework, Parameters().to_framework])
def test_an_unknown_framework_is_named_with_those_known(convert, framework):
    """Both directions list the known frameworks."""
    with pytest.raises(ValueError, match="framework must be one of") as caught:
        convert(framework)
    assert str(caught.value).endswith(f"'cuda_convnet', got {framework!r}")
    assert all(repr(name) in str(caught.value) for name in FRAMEWORKS)


def test_the_nearest_that_is_named_can_be_taken():
    """The values that an error proposes are accepted, with the same factor of the sum."""
    asked = 1e-4 / 4
    near = [Parameters.from_pytorch(size=3, alpha=7.5e-5),
            Parameters.from_pytorch(size=5, alpha=1.25e-4)]  # fmt: skip
    assert [p.alpha for p in near] == pytest.approx([asked, asked], rel=1e-15)
    assert Parameters(7).to_cudnn()["lrnN"] == 15
    assert lrnlib.Parameters.from_cudnn(lrnK=1e-5).bias == 1e-5
