"""The PyTorch function and layer: results, memory formats, dtypes, and errors."""

import copy
import inspect
import io
import re
import sys
from fractions import Fraction

import hypothesis
import ml_dtypes
import numpy as np
import pytest
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: E402
from torch.nn.functional import local_response_norm as own  # noqa: E402

from lrnlib import _torch_operators as operators  # noqa: E402
from lrnlib import torch as lrnlib_torch  # noqa: E402
from tests.library.oracles.strategies import BETAS, balanced, sixty_fourths, values  # noqa: E402
from tests.peers.torch_tensors import (  # noqa: E402
    DTYPES,
    LAYOUTS,
    assert_right,
    to_array,
    to_tensor,
)

lrn, Layer = lrnlib_torch.local_response_norm, lrnlib_torch.LocalResponseNorm

ALL = tuple(DTYPES.values())


@pytest.fixture(params=["numpy", "numba"])
def on_each(request, monkeypatch):
    """The backends for a CPU, of which the fastest one that is installed is the default."""
    if request.param == "numba":
        pytest.importorskip("numba")
    monkeypatch.setattr(operators, "_cpu_backend", lambda: request.param)


@st.composite
def cases(draw, betas=BETAS, dtypes=ALL):
    """Draw a tensor, the gradient of its result, and PyTorch's arguments, with alpha / size exact.

    The channels are more or fewer than the window's; the base has parts of one size.
    """
    shape = draw(st.lists(st.integers(1, 4), min_size=3, max_size=5))
    shape[1], size = draw(st.integers(1, 15)), draw(st.integers(1, 12))
    k = draw(sixty_fourths(0, 4).filter(bool))
    alpha, beta = draw(sixty_fourths(0, 4)), draw(betas)
    middle = balanced((size // 2, (size - 1) // 2), shape[1], k, alpha)
    dtype, seed = draw(st.sampled_from(dtypes)), draw(st.integers(0, 2**32))
    layout = LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))]
    x = layout(to_tensor(values(shape, dtype, seed, middle - 1, middle + 1)))
    dy = layout(to_tensor(values(shape, dtype, seed + 1, -3, 3)))
    return x, dy, size, alpha * size, beta, k


@hypothesis.given(case=cases())
def test_values_and_gradients_are_pytorchs_own(case):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators, "_cpu_backend", lambda: "numpy")
        assert_right(*case)


# Numba compiles each size anew, and would for float64 and each kind of beta too.
@hypothesis.given(case=cases(st.just(0.75), (np.float16, ml_dtypes.bfloat16, np.float32)))
def test_those_of_numba_are_pytorchs_own(case):
    pytest.importorskip("numba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators, "_cpu_backend", lambda: "numba")
        assert_right(*case)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rank", [3, 4, 5])
def test_the_memory_format_is_kept(layout, rank):
    """The strides of the result are those that PyTorch's own has."""
    x = LAYOUTS[layout](torch.randn(2, 6, 3, 4, 5)[(..., *(0,) * (5 - rank))])
    assert lrn(x, 5).stride() == own(x, 5).stride()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["contiguous", "channels last", "batch last"])
def test_nothing_is_copied(monkeypatch, layout, dtype):
    """The backend gets the tensor's memory as a contiguous array, and that of the result."""
    found = []

    def record(x, *parameters, axis, out, backend):
        found.extend([x, out, axis])

    monkeypatch.setattr(operators, "local_response_normalization", record)
    x = LAYOUTS[layout](torch.randn(2, 6, 3, 4).to(dtype))
    y = lrn(x, 5)
    array, out, axis = found
    assert (array.ctypes.data, out.ctypes.data) == (x.data_ptr(), y.data_ptr())
    assert array.flags.c_contiguous
    assert out.flags.c_contiguous
    assert (array.shape[axis], array.dtype) == (6, DTYPES[dtype])


def test_numba_is_preferred(monkeypatch):
    """Where it is not installed, NumPy computes."""
    for found, backend in ((object(), "numba"), (None, "numpy")):
        monkeypatch.setattr(operators, "find_spec", lambda name, found=found: found)
        assert operators._cpu_backend.__wrapped__() == backend


def test_large_values(on_each):
    """Their squares overflow, the result does not; a NaN stays in its window."""
    x = torch.full((1, 9, 1), 1e30)
    np.testing.assert_allclose(to_array(lrn(x, 3, 3.0, 0.5, 1.0)[0, 1:-1, 0]), 3**-0.5, rtol=1e-6)
    x[0, 4] = np.nan
    assert lrn(x, 4).isnan().flatten().tolist() == [k in (3, 4, 5, 6) for k in range(9)]


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4, 4), (2, 3, 0)])
def test_empty_tensors(shape):
    x = torch.empty(shape, requires_grad=True)
    y = lrn(x, 3)
    assert (y.shape, torch.autograd.grad(y.sum(), x)[0].shape) == (shape, shape)


def test_the_layer_is_pytorchs(tmp_path):
    """Its arguments, its representation, and its empty state; copies and files keep it."""
    layer, theirs = Layer(5, beta=0.5), torch.nn.LocalResponseNorm(5, beta=0.5)
    assert isinstance(layer, torch.nn.LocalResponseNorm)
    assert repr(layer) == repr(theirs)
    assert layer.state_dict() == {}
    layer.load_state_dict(theirs.state_dict())
    x, file = torch.randn(2, 7, 3), io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    for each in (layer, copy.deepcopy(layer), torch.load(file, weights_only=False)):
        torch.testing.assert_close(each(x), theirs(x))
    for ours, function in ((lrn, own), (Layer, torch.nn.LocalResponseNorm)):
        arguments = inspect.signature(ours).parameters.values()
        assert [(a.name, a.default) for a in arguments] == [
            (a.name, a.default) for a in inspect.signature(function).parameters.values()
        ]


REALS = [(True, TypeError), ("1", TypeError), ([1.0], TypeError), (np.nan, ValueError)]
PARAMETERS = [
    *(("size", value, error) for value, error in [
        (0, ValueError), (-3, ValueError), (2**63, ValueError), (2.0, TypeError), *REALS[:3],
    ]),
    *((name, value, error) for name in ("alpha", "beta", "k") for value, error in REALS),
    *((name, -1, ValueError) for name in ("alpha", "k")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "error"), PARAMETERS)
def test_a_wrong_parameter_is_refused(forbid_compute, name, value, error):
    """The message names it and its value, for the layer when it is made."""
    message = rf"^{name} must be .*, got {re.escape(repr(value))}"
    for use in (lambda **p: lrn(torch.ones(1, 3, 1), **p), Layer):
        with pytest.raises(error, match=message):
            use(**{"size": 5, name: value})
    assert lrn(torch.ones(0, 3, 1), np.int64(3), Fraction(1, 2), np.float32(1), 2).shape == (
        0,
        3,
        1,
    )


INPUTS = [
    (np.ones((1, 3, 1)), TypeError, "input must be a torch.Tensor, got numpy.ndarray; convert"),
    (torch.ones(3, 1), ValueError, "input must have at least 3 axes, (batch, channels, …), got"),
    (torch.ones(1, 3, 1, dtype=torch.int32), TypeError, "input must be of dtype bfloat16, float16"),
    (torch.ones(1, 3, 1, dtype=torch.complex64), TypeError, "input must be of dtype bfloat16"),
    (torch.ones(1, 3, 1).to_sparse(), TypeError, "input must be a dense tensor, got one of layout"),
]


@pytest.mark.parametrize(("x", "error", "message"), INPUTS)
def test_a_wrong_input_is_refused(forbid_compute, x, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        lrn(x, 5)


def test_another_device_is_refused():
    """By its name; on `meta` and for fake tensors the shape is known without any work."""
    with FakeTensorMode():
        message = "^input must be on a CPU or a CUDA device, got one on mps:0; move it first, as"
        with pytest.raises(ValueError, match=message):
            lrn(torch.empty(2, 3, 4, device="mps"), 5)
        assert lrn(torch.empty(2, 3, 4), 5).shape == (2, 3, 4)
    assert lrn(torch.empty(2, 3, 4, device="meta"), 5).shape == (2, 3, 4)


def test_what_is_missing_is_named(monkeypatch):
    """ml_dtypes for bfloat16, CuPy for CUDA."""
    x = torch.ones(1, 3, 1, dtype=torch.bfloat16)
    for name, call in (
        ("ml_dtypes", lambda: lrn(x, 5)),
        ("cupy", lambda: operators._on_cuda(None, (x,), 1, None)),
    ):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ImportError, match=rf"tensors need .*: pip install {name}"):
            call()
