"""The operators in what PyTorch does with operators: autograd, torch.func, compile, autocast."""

import doctest
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.autograd import grad, gradcheck, gradgradcheck  # noqa: E402
from torch.func import jacrev, vmap  # noqa: E402
from torch.nn.functional import local_response_norm as own  # noqa: E402

from lrnlib import _torch_operators as operators  # noqa: E402
from lrnlib import torch as lrnlib_torch  # noqa: E402

lrn, Layer = lrnlib_torch.local_response_norm, lrnlib_torch.LocalResponseNorm
ARGUMENTS = [(5, 6.0, 0.75, 1.5), (4, 3.0, 0.5, 0.5), (9, 2.0, -0.625, 2.0), (1, 1.0, 1.0, 1.0)]
CLOSE = {"rtol": 1e-5, "atol": 1e-6}  # of two float32 results of a few roundings each

OWN_WARNINGS = pytest.mark.filterwarnings(  # PyTorch's modules use what it deprecates
    r"ignore:`torch\.jit\.:DeprecationWarning"
)


def draw(*shape, dtype=torch.float32):
    return torch.from_numpy(np.random.default_rng(len(shape)).normal(size=shape)).to(dtype)


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_opcheck(arguments):
    """Schema, registration, fake tensors and compilation of both operators, in two formats."""
    for x in (draw(2, 7, 3), draw(2, 7, 3, 2).to(memory_format=torch.channels_last)):
        x.requires_grad_()
        numbers, dy = (1, *arguments), draw(*x.shape).requires_grad_()
        torch.library.opcheck(operators.forward, (x, *numbers))
        torch.library.opcheck(operators.backward, (dy, x, *numbers))


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_derivatives(arguments):
    """The first, the second and the third are the difference quotients, in float64."""
    x = draw(2, 7, 2, dtype=torch.float64).requires_grad_()

    def first(x):
        return grad(lrn(x, *arguments).pow(3).sum(), x, create_graph=True)[0]

    assert gradcheck(lambda x: lrn(x, *arguments), x)
    assert gradgradcheck(lambda x: lrn(x, *arguments), x)
    assert gradgradcheck(first, x[:1, :4, :1].detach().requires_grad_())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_second_derivative_in_other_dtypes(dtype):
    """It is computed in float32; with beta 0 there is none."""
    x = draw(2, 7, 3, dtype=dtype).requires_grad_()

    def second(function, x, *arguments):
        (dx,) = grad(function(x, *arguments).pow(3).sum(), x, create_graph=True)
        return grad(dx.square().sum(), x)[0]

    found = second(lrn, x, *ARGUMENTS[0])
    right = second(own, x.detach().double().requires_grad_(), *ARGUMENTS[0])
    assert found.dtype == dtype
    # dx, dy and their cubes are rounded to the dtype on the way, some ten times.
    rounding = 10 * torch.finfo(dtype).eps
    torch.testing.assert_close(
        found.double(), right, rtol=rounding, atol=rounding * right.abs().max()
    )
    zeros = torch.zeros(1, 3, 1, requires_grad=True)
    (dx,) = grad(lrn(zeros, 3, 1.0, 0.0, 0.0).sum(), zeros, create_graph=True)
    assert grad(dx.sum(), zeros, allow_unused=True)[0] is None


def loss(function):
    return lambda x: function(x, *ARGUMENTS[1]).pow(3).sum()


TRANSFORMS = {
    "vmap": lambda f: vmap(lambda x: f(x, *ARGUMENTS[1])),
    "vmap of another axis": lambda f: vmap(lambda x: f(x, *ARGUMENTS[1]), in_dims=2, out_dims=1),
    "vmap of vmap": lambda f: vmap(vmap(lambda x: f(x[None], *ARGUMENTS[1]))),
    "gradients of samples": lambda f: vmap(torch.func.grad(loss(f))),
    "gradient of vmap": lambda f: torch.func.grad(lambda v: vmap(loss(f))(v).sum()),
    "jacrev": lambda f: jacrev(lambda v: f(v[0], *ARGUMENTS[1])),
    "hessian": lambda f: jacrev(jacrev(lambda v: loss(f)(v[0]))),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_torch_func(name):
    """`vmap` and reverse mode, in any order."""
    x, transform = draw(3, 2, 6, 3), TRANSFORMS[name]
    expected = transform(own)(x)
    torch.testing.assert_close(transform(lrn)(x), expected, rtol=1e-4, atol=1e-5)


def test_a_batch_of_gradients_only():
    """`vmap` over dy alone, as is_grads_batched does."""
    x, dy = draw(2, 6, 3).requires_grad_(), draw(4, 2, 6, 3)
    found = grad(lrn(x, *ARGUMENTS[1]), x, dy, is_grads_batched=True)
    expected = grad(own(x, *ARGUMENTS[1]), x, dy, is_grads_batched=True)
    torch.testing.assert_close(found, expected, **CLOSE)


@OWN_WARNINGS
def test_forward_mode_is_one_error():
    with pytest.raises(NotImplementedError, match="jvp"):
        torch.func.jvp(lambda x: lrn(x, 5), (draw(1, 3, 1),), (draw(1, 3, 1),))


@OWN_WARNINGS
@pytest.mark.parametrize("backend", ["aot_eager", "inductor"])
def test_compile(backend):
    """A whole step in one graph, for several shapes, formats and sizes of the window."""
    if backend == "inductor" and not shutil.which("g++"):
        pytest.skip("it needs a C++ compiler")
    torch.compiler.reset()
    compiled = torch.compile(lrn, fullgraph=True, backend=backend)
    for shape, size in (((2, 6, 3), 5), ((3, 8, 4), 5), ((2, 6, 3), 4), ((2, 6, 3), 7)):
        x, theirs = (draw(*shape).requires_grad_() for _ in range(2))
        y, expected = compiled(x, size, 2.0), own(theirs, size, 2.0)
        torch.testing.assert_close(y, expected, **CLOSE)
        for each in (y, expected):
            each.pow(3).sum().backward()
        torch.testing.assert_close(x.grad, theirs.grad, **CLOSE)
    image = draw(2, 6, 3, 4).to(memory_format=torch.channels_last)
    assert compiled(image, 5).stride() == image.stride()
    with pytest.raises(ValueError, match=r"^size must be an integer from 1 to"):
        torch.compile(lambda x: lrn(x, 0), fullgraph=True, backend=backend)(x.detach())


def test_export():
    """It is one node of the graph."""
    x = draw(2, 6, 3)
    program = torch.export.export(torch.nn.Sequential(Layer(5), torch.nn.ReLU()), (x,))
    assert "lrnlib.local_response_norm" in str(program.graph)
    torch.testing.assert_close(program.module()(x), own(x, 5).relu(), **CLOSE)


@OWN_WARNINGS
@pytest.mark.parametrize("compiled", [False, True])
def test_autocast(compiled):
    """Between two convolutions of bfloat16 it stays in bfloat16; the gradient arrives."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), Layer(5, 2.0), torch.nn.Conv2d(8, 4, 1)
    ).to(memory_format=torch.channels_last)
    step = torch.compile(model, fullgraph=True, backend="aot_eager") if compiled else model
    kept = []
    model[1].register_forward_hook(lambda *call: kept.append(call[-1].dtype))
    x = draw(2, 3, 6, 6).to(memory_format=torch.channels_last)
    expected = grad(model(x).square().sum(), model[0].weight)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = step(x)
    assert (y.dtype, kept[-1]) == (torch.bfloat16,) * 2
    found = grad(y.float().square().sum(), model[0].weight)[0]
    assert (found - expected).norm() < 0.03 * expected.norm()  # 4 layers of bfloat16, of 2^-8 each


def test_changed_in_place():
    """Autograd notices that the input is no longer what it was."""
    x = draw(1, 3, 1).requires_grad_()
    z = x * 1
    y = lrn(z, 3)
    z.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_the_docstrings():
    """Their examples print what they say."""
    found = doctest.testmod(lrnlib_torch)
    assert (found.failed, found.attempted) == (0, 4)
