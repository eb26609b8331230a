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
from tests.library.oracles.operations import FORWARD, GRADIENT  # noqa: E402
from tests.library.oracles.strategies import BETAS, balanced, sixty_fourths, values  # noqa: E402

lrn, Layer = lrnlib_torch.local_response_norm, lrnlib_torch.LocalResponseNorm

DTYPES = {
    torch.float16: np.float16,
    torch.bfloat16: ml_dtypes.bfloat16,
    torch.float32: np.float32,
    torch.float64: np.float64,
}
# Each of (batch, channels, …) as a view of memory in another order, or of a part of it.
LAYOUTS = {
    "contiguous": lambda t: t,
    "channels last": lambda t: t.movedim(1, -1).contiguous().movedim(-1, 1),
    "batch last": lambda t: t.movedim(0, -1).contiguous().movedim(-1, 0),
    "every second channel": lambda t: t.repeat_interleave(2, 1)[:, ::2],
    "a part of each row": lambda t: torch.nn.functional.pad(t, (1, 2))[..., 1:-2],
    "expanded": lambda t: t[:1].expand(t.shape),
}


@pytest.fixture(params=["numpy", "numba"])
def on_each(request, monkeypatch):
    """The backends for a CPU, of which the fastest one that is installed is the default."""
    if request.param == "numba":
        pytest.importorskip("numba")
    monkeypatch.setattr(operators, "_cpu_backend", lambda: request.param)


def to_tensor(a):
    """Return a tensor of a NumPy array's values and dtype."""
    if a.dtype != ml_dtypes.bfloat16:
        return torch.from_numpy(a)
    return torch.from_numpy(a.astype(np.float32)).to(torch.bfloat16)


def to_array(t):
    t = t.detach()
    if t.dtype != torch.bfloat16:
        return t.numpy()
    return t.float().numpy().astype(ml_dtypes.bfloat16)


def both(function, t, dy, *arguments):
    """Return the result and the gradient by `t`."""
    t = t.detach().requires_grad_()
    y = function(t, *arguments)
    return y.detach(), torch.autograd.grad(y, t, dy)[0]


@st.composite
def cases(draw):
    """Draw a tensor, the gradient of its result, and PyTorch's arguments, with alpha / size exact.

    The channels are more or fewer than the window's; the base has parts of one size.
    """
    shape = draw(st.lists(st.integers(1, 4), min_size=3, max_size=5))
    shape[1], size = draw(st.integers(1, 15)), draw(st.integers(1, 12))
    k = draw(sixty_fourths(0, 4).filter(bool))
    alpha, beta = draw(sixty_fourths(0, 4)), draw(BETAS)
    middle = balanced((size // 2, (size - 1) // 2), shape[1], k, alpha)
    dtype, seed = draw(st.sampled_from(list(DTYPES.values()))), draw(st.integers(0, 2**32))
    layout = LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))]
    x = layout(to_tensor(values(shape, dtype, seed, middle - 1, middle + 1)))
    dy = layout(to_tensor(values(shape, dtype, seed + 1, -3, 3)))
    return x, dy, (size, alpha * size, beta, k)


@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(case=cases())
def test_values_and_gradients_are_pytorchs_own(on_each, case):
    """Within the bounds of lrnlib's tests from what PyTorch computes in float64."""
    x, dy, (size, alpha, beta, k) = case
    y, dx = both(lrn, x, dy, size, alpha, beta, k)
    expected = both(own, x.double(), dy.double(), size, alpha, beta, k)
    assert (y.dtype, dx.dtype, y.shape, dx.shape) == (x.dtype,) * 2 + (x.shape,) * 2
    arguments = to_array(dy), to_array(x), (size // 2, (size - 1) // 2), k, alpha / size, beta
    for operation, result, right in zip((FORWARD, GRADIENT), (y, dx), expected, strict=True):
        operation.assert_near(to_array(result), right.numpy(), *arguments, axis=1)


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
