"""Answers to the exercises of the chapter on the gradient, as readers might give them."""

from fractions import Fraction

import numpy as np

from lrnlib.book import exercises
from tests.book.exercises.answers import Exercise


def window(x, radius):
    """The window sum by slices, which takes complex numbers."""
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
    """Central differences, which lose digits."""

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


class Tensor:
    """What is no array, and can be converted to one."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array.astype(dtype or self.array.dtype)


EXERCISES = [
    Exercise(
        exercises.gradient_reach,
        right=[list(range(3, 13)), tuple(range(3, 13)), np.arange(3, 13), np.arange(13) > 2],
        wrong={
            "how far dy reaches": [6, 7, 8, 9, 10, 11, 12],
            "12 is the last": list(range(3, 16)),
            "itself is missing": [3, 4, 5, 6, 7, 8, 10, 11, 12],
            "One too few": np.arange(4, 13),
            "One too many": np.arange(2, 13),
            "neighbours are missing": [9],
            "find the bases": [0, 1],
        },
    ),
    Exercise(
        exercises.gradient_by_hand,
        right=[[7 / 625, -24 / 625], (Fraction(7, 625), Fraction(-24, 625)), [0.0112, -0.0384]],
        wrong={
            "direct part alone": [1 / 25, 0],
            "sign of the inhibition": [1 / 25 + 18 / 625, 24 / 625],
            "derivative of a square": [1 / 25 - 9 / 625, -12 / 625],
            "power in t": [1 / 25 - 18 / 25, -24 / 25],
            "its gradient is not 0": [7 / 625, 0],
            "dy = (1, 1)": [1 / 25 - 42 / 625, 1 / 25 - 56 / 625],
            "compute the base": [1, 2],
        },
    ),
    Exercise(
        exercises.power_of_a_scale,
        right=[lambda beta: 1 - 2 * beta, lambda beta: Fraction(1) - 2 * Fraction(beta)],
        wrong={
            "The base holds squares": lambda beta: 1 - beta,
            "in front of it": lambda beta: -2 * beta,
            "turned round": lambda beta: 2 * beta - 1,
            "are subtracted": lambda beta: 1 + 2 * beta,
            "did not change": lambda beta: 1.0,
            "returns 0.0625": lambda beta: beta**2,
        },
    ),
    Exercise(
        exercises.complex_steps,
        right=[by_steps],
        wrong={
            "Rows and columns": by_rows,
            "Divide by the step": undivided,
            "lost its imaginary part": absolute_squares,
            "Make it imaginary": real_steps,
            "real part": real_parts,
            "sums of the rows": all_at_once,
            "single precision": differences(1e-5),
            "returns 1 at [": lambda x, *p: np.ones((len(x), len(x))),
        },
    ),
    Exercise(
        exercises.second_derivative,
        right=[
            twice,
            lambda *a: Tensor(twice(*a)),
            lambda *a: twice(*a).astype(np.float32),
        ],
        wrong={
            "the first derivative": lambda x, dy, v, *p: gradient(dy, x, *p),
            "the product of the gradient": lambda x, dy, v, *p: gradient(dy, x, *p) @ v,
            "This is J v": lambda x, dy, v, *p: by_steps(x, *p) @ v,
            "dy is not used": lambda x, dy, v, *p: twice(x, 1 + 0 * dy, v, *p),
            "v is not used": lambda x, dy, v, *p: twice(x, dy, 1 + 0 * v, *p),
            "own square alone": lambda x, dy, v, r, *p: twice(x, dy, v, 0, *p),
            "is expected": lambda x, dy, v, *p: x,
        },
    ),
]
