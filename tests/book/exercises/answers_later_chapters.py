"""Functions that readers might write for the exercises of the later chapters, right and wrong.

A wrong one stands beside the name that its message has in the data.
"""

import math
from fractions import Fraction

import numpy as np


def window(x, radius):
    """Window sums of numbers that may be complex."""
    return np.array([x[max(0, c - radius) : c + radius + 1].sum() for c in range(len(x))])


def forward(x, r, bias, alpha, beta):
    return x * (bias + alpha * window(x * x, r)) ** -beta


def columns(f, x, step, axis=1):
    return np.stack([f(x + step * e) for e in np.eye(len(x))], axis=axis)


def by_steps(x, *p):
    return columns(lambda z: forward(z, *p).imag / 1e-20, x, 1e-20j)


def by_rows(x, *p):
    return columns(lambda z: forward(z, *p).imag / 1e-20, x, 1e-20j, axis=0)


def undivided(x, *p):
    return columns(lambda z: forward(z, *p).imag, x, 1e-30j)


def absolute_squares(x, r, bias, alpha, beta):
    def f(z):
        return z * (bias + alpha * window(np.abs(z) ** 2, r)) ** -beta

    return columns(lambda z: f(z).imag / 1e-30, x, 1e-30j)


def real_steps(x, *p):
    return columns(lambda z: (forward(z, *p) - forward(x, *p)) / 1e-30, x, 1e-30)


def real_parts(x, *p):
    return columns(lambda z: forward(z, *p).real / 1e-30, x, 1e-30j)


def all_at_once(x, *p):
    return forward(x + 1e-30j, *p).imag / 1e-30


def differences(h):
    """The Jacobian by central differences, which lose digits."""

    def function(x, *p):
        after, before = (columns(lambda z: forward(z, *p), x, step) for step in (h, -h))
        return (after - before) / (2 * h)

    return function


def gradient(dy, x, r, bias, alpha, beta):
    s = bias + alpha * window(x * x, r)
    return dy * s**-beta - 2 * alpha * beta * x * window(dy * x * s ** -(beta + 1), r)


def twice(x, dy, v, *p):
    h = 1e-5
    return (gradient(dy, x + h * v, *p) - gradient(dy, x - h * v, *p)) / (2 * h)


def by_padding(before, after, divided=True, axis=1):
    """LRN by shifted slices of padded squares."""

    def function(x, size, alpha, beta, k):
        m, q = before(size), after(size)
        n = x.shape[axis]
        z = np.pad(np.moveaxis(x, axis, -1) ** 2, [(0, 0)] * (x.ndim - 1) + [(m, q)])
        total = sum(z[..., d : d + n] for d in range(m + q + 1))
        a = alpha / size if divided else alpha
        return x / (k + a * np.moveaxis(total, -1, axis)) ** beta

    return function


def half(size):
    return size // 2


def other_half(size):
    return (size - 1) // 2


def averaged(x, size, alpha, beta, k):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        y[:, c] = x[:, c] / (k + alpha * (near**2).mean(axis=1)) ** beta
    return y


def direct(x, r, bias, alpha, beta):
    """LRN in the dtype of x."""
    z, y = x * x, np.empty_like(x)
    for c in range(x.shape[-1]):
        total = z[..., max(0, c - r) : c + r + 1].sum(axis=-1)
        y[..., c] = x[..., c] / (bias + alpha * total) ** beta
    return y


def wide(x, *p):
    return direct(x.astype(np.float64), *p).astype(np.float32)


def with_a_matrix(x, r, bias, alpha, beta):
    i = np.arange(x.shape[-1])
    W = (abs(i[:, None] - i) <= r).astype(np.float32)
    return x / (bias + alpha * np.matmul(x * x, W)) ** beta


def running(x, r, bias, alpha, beta):
    """The chapter's running sum in float64."""
    x = x.astype(np.float64)
    z = np.pad(x * x, [(0, 0), (0, 0), (0, 0), (r, r)])
    y, total = np.empty_like(x), 0
    for k in range(2 * r):
        total = total + z[..., k]
    for k in range(x.shape[-1]):
        total = total + z[..., k + 2 * r]
        y[..., k] = x[..., k] / (bias + alpha * total) ** beta
        total = total - z[..., k]
    return y


def prefix(x, r, bias, alpha, beta):
    x, n = x.astype(np.float64), x.shape[-1]
    z = np.concatenate([0 * x[..., :1], np.cumsum(x * x, axis=-1)], axis=-1)
    ends = [(max(0, c - r), min(n, c + r + 1)) for c in range(n)]
    total = np.stack([z[..., b] - z[..., a] for a, b in ends], axis=-1)
    return x / (bias + alpha * total) ** beta


def clipped(x, *p):
    return wide(np.clip(x, -1.8e19, 1.8e19), *p)


def scaled(x, *p):
    m = np.float64(np.max(np.abs(x)))
    return m * direct(x / m, *p)


def scaled_with_bias(x, r, bias, alpha, beta):
    m = np.float64(np.max(np.abs(x)))
    return m ** (1 - 2 * beta) * direct(x / m, r, bias / m**2, alpha, beta)


def by_doubling(terms):
    """The number of additions in the kernel's loop."""
    additions, have = 0, 1
    for digit in f"{terms:b}"[1:]:
        have, additions = 2 * have + int(digit), additions + 1 + int(digit)
    assert have == terms
    return additions


torch_like = by_padding(half, other_half)
RIGHT = {
    "power_of_a_scale": [lambda beta: 1 - 2 * beta, lambda beta: 1 - 2 * Fraction(beta)],
    "complex_steps": [by_steps],
    "second_derivative": [twice, lambda *a: twice(*a).astype(np.float32)],
    "pytorch_window": [torch_like, lambda *a: torch_like(*a).astype(np.float32).tolist()],
    "beyond_overflow": [
        wide,
        lambda x, *p: direct(x.astype(np.float64), *p),
        scaled_with_bias,
    ],
    "additions_of_doubling": [by_doubling, lambda terms: float(by_doubling(terms))],
}
NEARLY = {"complex_steps": differences(1e-5)}
WRONG = {
    "power_of_a_scale": {
        "base_not_squared": lambda beta: 1 - beta,
        "base_alone": lambda beta: -2 * beta,
        "sign_reversed": lambda beta: 2 * beta - 1,
        "base_multiplies": lambda beta: 1 + 2 * beta,
        "base_fixed": lambda beta: 1.0,
    },
    "complex_steps": {
        "transposed": by_rows,
        "not_divided": undivided,
        "absolute_squares": absolute_squares,
        "real_step": real_steps,
        "real_part": real_parts,
        "all_at_once": all_at_once,
    },
    "second_derivative": {
        "first_derivative": lambda x, dy, v, *p: gradient(dy, x, *p),
        "product": lambda x, dy, v, *p: gradient(dy, x, *p) @ v,
        "jacobian_times_v": lambda x, dy, v, *p: by_steps(x, *p) @ v,
        "without_dy": lambda x, dy, v, *p: twice(x, 1 + 0 * dy, v, *p),
        "without_v": lambda x, dy, v, *p: twice(x, dy, 1 + 0 * v, *p),
        "own_square_alone": lambda x, dy, v, r, *p: twice(x, dy, v, 0, *p),
    },
    "pytorch_window": {
        "onnx": by_padding(other_half, half),
        "one_channel_more": by_padding(half, half),
        "one_channel_less": by_padding(other_half, other_half),
        "size_as_radius": by_padding(lambda n: n, lambda n: n),
        "alpha_not_divided": by_padding(half, other_half, divided=False),
        "last_axis": by_padding(half, other_half, axis=-1),
        "divided_by_clipped": averaged,
    },
    "beyond_overflow": {
        "direct_float32": direct,
        "matrix_float32": with_a_matrix,
        "running_float64": running,
        "prefix_float64": prefix,
        "clipped": clipped,
        "bias_not_scaled": scaled,
    },
    "additions_of_doubling": {
        "doublings_alone": lambda terms: int(math.log2(terms)),
        "one_too_many": lambda terms: by_doubling(terms) + 1,
        "two_a_digit": lambda terms: 2 * int(math.log2(terms)),
        "direct": lambda terms: terms - 1,
        "radius_as_terms": lambda terms: by_doubling(2 * terms + 1),
    },
}
