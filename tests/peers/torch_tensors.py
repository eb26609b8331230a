"""What tests of the PyTorch layer share: tensors of all layouts and dtypes, and the comparison."""

import ml_dtypes
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import local_response_norm as own  # noqa: E402

from lrnlib.torch import local_response_norm  # noqa: E402
from tests.library.oracles.operations import FORWARD, GRADIENT  # noqa: E402

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


def to_tensor(a):
    """Return a tensor of a NumPy array's values and dtype."""
    if a.dtype != ml_dtypes.bfloat16:
        return torch.from_numpy(a)
    return torch.from_numpy(a.astype(np.float32)).to(torch.bfloat16)


def to_array(t):
    t = t.detach()
    if t.dtype != torch.bfloat16:
        return t.cpu().numpy()
    return t.float().cpu().numpy().astype(ml_dtypes.bfloat16)


def both(function, t, dy, *arguments):
    """Return the result and the gradient by `t`."""
    t = t.detach().requires_grad_()
    y = function(t, *arguments)
    return y.detach(), torch.autograd.grad(y, t, dy)[0]


def assert_right(x, dy, size, alpha, beta, k):
    """Fail unless lrnlib is within its tests' bounds from what PyTorch computes in float64."""
    y, dx = both(local_response_norm, x, dy, size, alpha, beta, k)
    expected = both(own, x.double(), dy.double(), size, alpha, beta, k)
    assert (y.dtype, dx.dtype, y.shape, dx.shape) == (x.dtype,) * 2 + (x.shape,) * 2
    arguments = to_array(dy), to_array(x), (size // 2, (size - 1) // 2), k, alpha / size, beta
    for operation, result, right in zip((FORWARD, GRADIENT), (y, dx), expected, strict=True):
        operation.assert_near(to_array(result), right.cpu().numpy(), *arguments, axis=1)
