"""CUDA tensors by CuPy's kernels: on a GPU in `make gpu`, else in the fake one's memory."""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lrnlib import _torch_operators as operators  # noqa: E402
from lrnlib.parameters import Parameters  # noqa: E402
from tests.backends_under_test import BACKENDS, GPU, needs_fake_gpu  # noqa: E402
from tests.library.oracles.strategies import values  # noqa: E402
from tests.peers.torch_tensors import DTYPES, LAYOUTS, assert_right, to_tensor  # noqa: E402

if "cupy" not in BACKENDS:
    pytest.skip("neither a GPU nor a C++ compiler to run the kernels", allow_module_level=True)
if GPU and not torch.cuda.is_available():
    pytest.skip("PyTorch is without CUDA", allow_module_level=True)

import cupy  # noqa: E402

STREAM = 7


@pytest.fixture
def stream(monkeypatch):
    """PyTorch's current stream. Without a GPU, CPU tensors take the path of CUDA's."""
    if GPU:
        with torch.cuda.stream(torch.cuda.Stream()) as current:
            yield current
            torch.cuda.synchronize()
    else:
        current = SimpleNamespace(cuda_stream=STREAM)
        monkeypatch.setattr(operators, "_on_cpu", operators._on_cuda)
        monkeypatch.setattr(torch.cuda, "current_stream", lambda device: current)
        yield current


@pytest.mark.usefixtures("stream")
@pytest.mark.parametrize("size", [1, 4, 5, 30])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_gradients_are_pytorchs_own(layout, dtype, size):
    """Within the bounds of lrnlib's tests."""
    arrays = values((2, 3, 9, 2, 5), DTYPES[dtype], seed=size, low=-2, high=1)
    device = "cuda" if GPU else "cpu"
    x, dy = (LAYOUTS[layout](to_tensor(a).to(device)) for a in arrays)
    assert_right(x, dy, size, 0.5 * size, 0.75, 1.5)


@needs_fake_gpu
def test_the_stream_is_pytorchs(stream):
    """It is CuPy's for the time of the call, on the tensor's device; nothing is copied."""
    streams, x = [], torch.ones(2, 3, 4)

    def record(array, *parameters, out, **others):
        streams.append(cupy.cuda.ExternalStream.current)
        assert array.data.ptr == x.data_ptr()
        out[...] = 1.0

    y = operators._on_cuda(record, (x,), 1, Parameters())
    assert [each.address for each in streams] == [STREAM]
    assert cupy.cuda.ExternalStream.current is None
    np.testing.assert_array_equal(y.numpy(), 1)


def test_an_empty_tensor(stream):
    """Nothing is launched."""
    x = torch.empty(0, 3, 4, device="cuda" if GPU else "cpu")
    assert operators.forward(x, 1, 5, 1.0, 0.75, 1.0).shape == (0, 3, 4)
