"""The exercises of the chapter on the gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lrnlib import reference
from lrnlib.book.exercises._answers import channels
from lrnlib.book.exercises._grading import Verdict, judge, judge_function

Array = npt.NDArray[Any]

_X = np.array([2.0, -1, 0.5, 3, -2.5, 1, 1.5])
_DY = np.array([1.0, -0.5, 2, 1.5, -1, 0.25, 0.75])
_V = np.array([0.5, 2, -1, 1, -0.25, 1.25, -1.5])
_PARAMETERS = [(2, 1.5, 0.3, 0.75), (1, 0.8, 0.5, 0.5)]


def gradient_reach(answer: object) -> Verdict:
    """Which of thirteen `dx` change when only `x[9]` changes, with a half-width of 3?

    Parameters
    ----------
    answer : sequence of int
        The channels, counted from 0, or a mask of all thirteen.
    """
    return judge(
        channels(answer),
        range(3, 13),
        [
            (range(6, 13), "This is how far dy reaches; x also enters the bases of the others."),
            (
                range(3, 16),
                "Too many at the end: the windows are clipped, and 12 is the last channel.",
            ),
            (
                [3, 4, 5, 6, 7, 8, 10, 11, 12],
                "Channel 9 itself is missing: its gradient depends on its own input.",
            ),
            (range(4, 13), "One too few: count the steps from 9 to 6, and from 6 onwards."),
            (range(2, 13), "One too many: count the steps from 9 to 6, and from 6 onwards."),
            ([9], "The neighbours are missing: they share a window with channel 9."),
        ],
        otherwise="Not right: find the bases that x[9] is in, and then who needs those bases.",
        remark="In x the gradient looks twice as far as the window reaches.",
    )


def gradient_by_hand(answer: object) -> Verdict:
    """What is `dx` for `x = (3, 4)`, `dy = (1, 0)`, all parameters 1 and a bias of 0?

    Parameters
    ----------
    answer : sequence of float
        The two numbers, as fractions or with four decimal places.
    """
    s, x, dy = 25, np.array([3.0, 4]), np.array([1.0, 0])
    direct, share = dy / s, 2 * 3 * x / s**2
    return judge(
        answer,
        direct - share,
        [
            (
                direct,
                "This is the direct part alone: x also stands in the base, which is not held.",
            ),
            (direct + share, "The sign of the inhibition is wrong: a larger base lowers a result."),
            (direct - share / 2, "The 2 that comes from the derivative of a square is missing."),
            (direct - share * s, "The power in t is one lower: it is -beta - 1, and not -beta."),
            (
                (direct - share) * (1, 0),
                "x_1 is in the window of channel 0: its gradient is not 0.",
            ),
            (
                1 / s - 2 * 7 * x / s**2,
                "This is for dy = (1, 1); here the loss depends on the first result alone.",
            ),
        ],
        otherwise="Not right: compute the base, then t, then the two parts one by one.",
        remark="The loss depends on y_0 alone, and still x_1 has a gradient.",
        rtol=1e-3,
    )


def power_of_a_scale(answer: object) -> Verdict:
    """To which power of `c` are the results scaled when `c` scales the input and `k = 0`?

    Parameters
    ----------
    answer : callable
        A function of `beta` that returns the exponent.
    """
    return judge_function(
        answer,
        lambda beta: 1 - 2 * beta,
        [
            (lambda beta: 1 - beta, "The base holds squares: how are they scaled by c?"),
            (lambda beta: -2 * beta, "The base is right; the x in front of it is scaled, too."),
            (lambda beta: 2 * beta - 1, "The sign is turned round: the base divides."),
            (lambda beta: 1 + 2 * beta, "The base divides, so its powers of c are subtracted."),
            (lambda beta: 1, "This would hold if the base did not change, and it does."),
        ],
        [(0.25,), (0.4,), (0.75,), (1.0,)],
        remark="So J x = (1 - 2 beta) y, which is 0 for beta = 1/2.",
    )


def complex_steps(answer: object) -> Verdict:
    """What is the Jacobian of a pixel, computed by complex steps?

    Parameters
    ----------
    answer : callable
        A function of `x, depth_radius, bias, alpha, beta` that returns the matrix.
    """
    return judge_function(
        answer,
        reference.jacobian,
        _OF_STEPS,
        [(_X[:3], *_PARAMETERS[0]), (_X, *_PARAMETERS[0]), (_X, *_PARAMETERS[1])],
        remark="Nothing is subtracted, so no digit is lost, however small the step.",
        nearly="Nearly: it subtracts, or computes in single precision. A step of i h does neither.",
        rtol=1e-12,
    )


def second_derivative(answer: object) -> Verdict:
    """What is the derivative by `x` of the gradient's product with a direction?

    Parameters
    ----------
    answer : callable
        A function of `x, dy, v, depth_radius, bias, alpha, beta` that returns, for the gradient
        `dx` of the product of `dy` and the results, the derivative by `x` of the product of
        `dx` and `v`: an array or a tensor of the shape of `x`.
    """
    return judge_function(
        answer,
        _along,
        _OF_SECOND,
        [(_X[:3], _DY[:3], _V[:3], *_PARAMETERS[0]), (_X, _DY, _V, *_PARAMETERS[0])],
        remark="Operations with gradients of any order have no such end as LRNGrad.",
        rtol=1e-4,  # float32 will do
    )


def _base(x: Array, depth_radius: int, bias: float, alpha: float) -> Array:
    return np.asarray(bias + alpha * (_window(len(x), depth_radius) @ x**2))


def _gradient(
    x: Array, dy: Array, depth_radius: int, bias: float, alpha: float, beta: float
) -> Array:
    """Of a pixel that may be complex."""
    s = _base(x, depth_radius, bias, alpha)
    total = _window(len(x), depth_radius) @ (dy * x * s ** (-beta - 1))
    return np.asarray(dy * s**-beta - 2 * alpha * beta * x * total)


def _along(x: Array, dy: Array, v: Array, *parameters: Any) -> Array:
    """How the gradient changes along `v`, by a complex step."""
    return np.asarray(_gradient(x + 1e-30j * v, dy, *parameters).imag / 1e-30)


def _real_parts(x: Array, *parameters: Any) -> Array:
    """What the real parts of complex steps lead to."""
    y = reference.local_response_normalization(x, *parameters)
    return np.repeat(y[:, None], len(x), axis=1) / 1e-30


def _window(channels: int, radius: int) -> Array:
    i = np.arange(channels)
    return np.asarray(abs(i - i[:, None]) <= radius, dtype=np.float64)


_OF_STEPS: list[tuple[Callable[..., Any], str]] = [
    (
        lambda x, *p: reference.jacobian(x, *p).T,
        "Rows and columns are exchanged: row i is a result, so a step fills a column.",
    ),
    (
        lambda x, *p: 1e-30 * reference.jacobian(x, *p),
        "Divide by the step: these are differences.",
    ),
    (
        lambda x, *p: np.diag(_base(x, *p[:3]) ** -p[3]),
        "The base has lost its imaginary part: square the complex numbers themselves.",
    ),
    (
        lambda x, *p: np.zeros((len(x), len(x))),
        "Nothing changes: beside x a real step of this size is lost. Make it imaginary.",
    ),
    (
        _real_parts,
        "This is the real part, the result itself; the derivative is in the other part.",
    ),
    (
        lambda x, *p: reference.jacobian(x, *p).sum(axis=1),
        "One step in all channels at once gives the sums of the rows: step in one at a time.",
    ),
]


_OF_SECOND: list[tuple[Callable[..., Any], str]] = [
    (
        lambda x, dy, v, *p: _gradient(x, dy, *p),
        "This is the first derivative: take the product with v, and differentiate again.",
    ),
    (
        lambda x, dy, v, *p: np.vdot(_gradient(x, dy, *p), v),
        "This is the product of the gradient and v: differentiate it once more.",
    ),
    (
        lambda x, dy, v, *p: reference.jacobian(x, *p) @ v,
        "This is J v, how the results change along v, and not how the gradient does.",
    ),
    (
        lambda x, dy, v, *p: _along(x, np.ones_like(dy), v, *p),
        "dy is not used: the loss is the sum of dy times the results.",
    ),
    (
        lambda x, dy, v, *p: _along(x, dy, np.ones_like(v), *p),
        "v is not used: differentiate the product of the gradient and v.",
    ),
    (
        lambda x, dy, v, radius, *p: _along(x, dy, v, 0, *p),
        "The base holds the channel's own square alone: sum those of its whole window.",
    ),
]
