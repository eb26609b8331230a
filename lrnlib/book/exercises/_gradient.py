"""The functions that the exercises of the chapter on the gradient compare answers with."""

from typing import Any

import numpy as np

from lrnlib import reference
from lrnlib.book.exercises._function_grading import Array, Functions


def _window(channels: int, radius: int) -> Array:
    i = np.arange(channels)
    return np.asarray(abs(i - i[:, None]) <= radius, dtype=np.float64)


def _base(x: Array, depth_radius: int, bias: float, alpha: float) -> Array:
    return np.asarray(bias + alpha * (_window(len(x), depth_radius) @ x**2))


def _gradient(x: Array, dy: Array, radius: int, bias: float, alpha: float, beta: float) -> Array:
    """The gradient of a pixel that may be complex."""
    s = _base(x, radius, bias, alpha)
    total = _window(len(x), radius) @ (dy * x * s ** (-beta - 1))
    return np.asarray(dy * s**-beta - 2 * alpha * beta * x * total)


def _along(x: Array, dy: Array, v: Array, *parameters: Any) -> Array:
    """How the gradient changes along `v`, by a complex step."""
    return np.asarray(_gradient(x + 1e-30j * v, dy, *parameters).imag / 1e-30)


_lrn = reference.local_response_normalization
_x = np.array([2.0, -1, 0.5, 3, -2.5, 1, 1.5])
_dy = np.array([1.0, -0.5, 2, 1.5, -1, 0.25, 0.75])
_v = np.array([0.5, 2, -1, 1, -0.25, 1.25, -1.5])
_parameters = (2, 1.5, 0.3, 0.75)
FUNCTIONS = {
    "power_of_a_scale": Functions(
        right=lambda beta: 1 - 2 * beta,
        mistakes={
            "base_not_squared": lambda beta: 1 - beta,
            "base_alone": lambda beta: -2 * beta,
            "sign_reversed": lambda beta: 2 * beta - 1,
            "base_multiplies": lambda beta: 1 + 2 * beta,
            "base_fixed": lambda beta: 1,
        },
        cases=[(0.25,), (0.4,), (0.75,), (1.0,)],
    ),
    "complex_steps": Functions(
        right=reference.jacobian,
        mistakes={
            "transposed": lambda x, *p: reference.jacobian(x, *p).T,
            "not_divided": lambda x, *p: 1e-30 * reference.jacobian(x, *p),
            "absolute_squares": lambda x, *p: np.diag(_base(x, *p[:3]) ** -p[3]),
            "real_step": lambda x, *p: np.zeros((len(x), len(x))),
            "real_part": lambda x, *p: _lrn(x, *p)[:, None].repeat(len(x), axis=1) / 1e-30,
            "all_at_once": lambda x, *p: reference.jacobian(x, *p).sum(axis=1),
        },
        cases=[(_x[:3], *_parameters), (_x, *_parameters), (_x, 1, 0.8, 0.5, 0.5)],
    ),
    "second_derivative": Functions(
        right=_along,
        mistakes={
            "first_derivative": lambda x, dy, v, *p: _gradient(x, dy, *p),
            "product": lambda x, dy, v, *p: np.vdot(_gradient(x, dy, *p), v),
            "jacobian_times_v": lambda x, dy, v, *p: reference.jacobian(x, *p) @ v,
            "without_dy": lambda x, dy, v, *p: _along(x, np.ones_like(dy), v, *p),
            "without_v": lambda x, dy, v, *p: _along(x, dy, np.ones_like(v), *p),
            "own_square_alone": lambda x, dy, v, radius, *p: _along(x, dy, v, 0, *p),
        },
        cases=[(_x[:3], _dy[:3], _v[:3], *_parameters), (_x, _dy, _v, *_parameters)],
    ),
}
