"""LRN and its gradient as custom operators of PyTorch, on the memory of its tensors."""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from importlib.util import find_spec
from typing import Any

import torch
from torch.library import custom_op, register_vmap

from lrnlib._api import local_response_normalization, local_response_normalization_grad
from lrnlib._validation import check_integer, check_real
from lrnlib.parameters import Parameters

Array = Any  # numpy.ndarray or cupy.ndarray


def parameters(*numbers: Any) -> Parameters:
    """Return the parameters for PyTorch's size, alpha, beta and k, or raise."""
    have_hashes = all(isinstance(number, int | float) for number in numbers)
    return (_converted if have_hashes else _converted.__wrapped__)(*numbers)


@lru_cache(maxsize=64, typed=True)  # True is not 1
def _converted(size: int, alpha: float, beta: float, k: float) -> Parameters:
    size = check_integer("size", size, 1, 2**63 - 1)
    alpha, k = check_real("alpha", alpha, low=0), check_real("k", k, low=0)
    return Parameters(_reach(size), k, alpha / size, beta)


def _reach(size: int) -> tuple[int, int]:
    """Return how far a window reaches before and after its channel."""
    return size // 2, (size - 1) // 2


# The operators take the channel axis too, which is not 1 where `vmap` has added an axis.
operator = partial(custom_op, mutates_args=(), device_types=("cpu", "cuda"))


@operator("lrnlib::local_response_norm")  # type: ignore[untyped-decorator]
def forward(
    x: torch.Tensor, axis: int, size: int, alpha: float, beta: float, k: float
) -> torch.Tensor:
    compute = _on_cuda if x.is_cuda else _on_cpu
    return compute(local_response_normalization, (x,), axis, parameters(size, alpha, beta, k))


@operator("lrnlib::local_response_norm_backward")  # type: ignore[untyped-decorator]
def backward(
    dy: torch.Tensor, x: torch.Tensor, axis: int, size: int, alpha: float, beta: float, k: float
) -> torch.Tensor:
    compute, p = _on_cuda if x.is_cuda else _on_cpu, parameters(size, alpha, beta, k)
    return compute(local_response_normalization_grad, (dy, x), axis, p)


def _on_cpu(
    function: Callable[..., Array], tensors: tuple[torch.Tensor, ...], axis: int, p: Parameters
) -> torch.Tensor:
    return _into_new(function, tensors, axis, p, torch.Tensor.numpy, _cpu_backend())


def _on_cuda(
    function: Callable[..., Array], tensors: tuple[torch.Tensor, ...], axis: int, p: Parameters
) -> torch.Tensor:
    """Launch in PyTorch's current stream, which is CuPy's for the time of the call."""
    try:
        import cupy
    except ModuleNotFoundError as error:
        raise ImportError(
            "CUDA tensors need CuPy, which is not installed: pip install cupy-cuda13x, or "
            "cupy-cuda12x for a driver of CUDA 12"
        ) from error
    device = tensors[0].device.index
    stream = torch.cuda.current_stream(device).cuda_stream
    with cupy.cuda.Device(device), cupy.cuda.ExternalStream(stream, device):
        return _into_new(function, tensors, axis, p, cupy.from_dlpack, "cupy")


@cache
def _cpu_backend() -> str:
    return "numba" if find_spec("numba") else "numpy"


def _into_new(
    function: Callable[..., Array],
    tensors: tuple[torch.Tensor, ...],
    axis: int,
    p: Parameters,
    convert: Callable[[torch.Tensor], Array],
    backend: str,
) -> torch.Tensor:
    """Call a function of lrnlib on the memory of the tensors and of a new one like the last.

    Their axes are put into the order of the new one's memory: a channels_last image becomes a
    contiguous array whose channels come last.
    """
    y = torch.empty_like(tensors[-1])
    if not y.numel():
        return y
    order = sorted(range(y.dim()), key=y.stride, reverse=True)
    *arrays, out = (_as_array(t.detach().permute(order), convert) for t in (*tensors, y))
    axis = order.index(axis)
    function(*arrays, p.depth_radius, p.bias, p.alpha, p.beta, axis=axis, out=out, backend=backend)
    return y


def _as_array(t: torch.Tensor, convert: Callable[[torch.Tensor], Array]) -> Array:
    """Return an array in the memory of a tensor; no library knows PyTorch's bfloat16."""
    if t.dtype != torch.bfloat16:
        return convert(t)
    try:
        from ml_dtypes import bfloat16
    except ModuleNotFoundError as error:
        raise ImportError(
            "bfloat16 tensors need ml_dtypes, which is not installed: pip install ml_dtypes"
        ) from error
    return convert(t.view(torch.int16)).view(bfloat16)


def _save(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
    ctx.save_for_backward(*(each for each in inputs if isinstance(each, torch.Tensor)))
    ctx.numbers = inputs[-5:]


def _differentiate(ctx: Any, dy: torch.Tensor) -> tuple[Any, ...]:
    (x,) = ctx.saved_tensors
    return apply(backward, dy, x, *ctx.numbers), *(None,) * 5


def _differentiate_twice(ctx: Any, g: torch.Tensor) -> tuple[Any, ...]:
    """Return the gradients of sum(g * dx) by dy and by x, with operations of PyTorch.

    With s the base and W the sum over a window, of which V sums over the mirrored one,
    dx = dy s^-beta - 2 a beta x V(dy x s^(-beta-1)), and V(a) b and a W(b) have the same sum.
    """
    axis, size, alpha, beta, k = ctx.numbers
    if beta == 0:
        return g, None, *(None,) * 5
    dtype = torch.promote_types(g.dtype, torch.float32)
    g, dy, x = (t.to(dtype) for t in (g, *ctx.saved_tensors))
    a, (before, after) = alpha / size, _reach(size)
    s = k + a * _window_sums(x * x, axis, before, after)
    p, q = s**-beta, s ** (-beta - 1)
    h, others = _window_sums(g * x, axis, before, after), dy * x * q
    by_dy = g * p - 2 * a * beta * x * q * h
    by_s = 2 * a * beta * (beta + 1) * others * h / s - beta * g * dy * q
    by_x = x * _window_sums(by_s, axis, after, before)
    by_x = by_x - beta * (dy * q * h + g * _window_sums(others, axis, after, before))
    dtype = ctx.saved_tensors[0].dtype
    return by_dy.to(dtype), (2 * a * by_x).to(dtype), *(None,) * 5


def _window_sums(z: torch.Tensor, axis: int, before: int, after: int) -> torch.Tensor:
    """Return the sum over each clipped window, which reaches that far from its channel."""
    z, last = z.movedim(axis, -1), max(z.shape[axis] - 1, 0)
    before, after = min(before, last), min(after, last)
    windows = torch.nn.functional.pad(z, (before, after)).unfold(-1, before + after + 1, 1)
    return windows.sum(-1).movedim(-1, axis)


def _batch(operator: Any) -> Callable[..., tuple[torch.Tensor, int]]:
    """Return the rule by which `vmap` puts its axis in front, which moves that of the channels."""

    def rule(info: Any, in_dims: tuple[int | None, ...], *arguments: Any) -> tuple[Any, int]:
        *tensors, axis, size, alpha, beta, k = arguments
        batched = (
            t.expand(info.batch_size, *t.shape) if at is None else t.movedim(at, 0)
            for t, at in zip(tensors, in_dims, strict=False)
        )
        return operator(*batched, axis + 1, size, alpha, beta, k), 0

    return rule


def apply(operator: Any, *arguments: Any) -> torch.Tensor:
    """Call an operator; `torch.func` differentiates a Function, but no operator's own gradient."""
    if torch.compiler.is_compiling() or not torch._C._are_functorch_transforms_active():
        return operator(*arguments)
    return FUNCTIONS[operator].apply(*arguments)


def _function(operator: Any, derivative: Callable[..., Any]) -> Any:
    class Function(torch.autograd.Function):  # type: ignore[misc]
        generate_vmap_rule = True
        forward, setup_context = staticmethod(operator), staticmethod(_save)
        backward = staticmethod(derivative)

    return Function


FUNCTIONS = {}
for _operator, _derivative in ((forward, _differentiate), (backward, _differentiate_twice)):
    _operator.register_fake(lambda *arguments: torch.empty_like(arguments[-6]))  # like x
    _operator.register_autograd(_derivative, setup_context=_save)
    register_vmap(_operator, _batch(_operator))
    FUNCTIONS[_operator] = _function(_operator, _derivative)
