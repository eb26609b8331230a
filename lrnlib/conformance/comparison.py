"""Compare results with the vectors: whether each is right, and how far off it is where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrnlib.conformance.bounds import Array
from lrnlib.conformance.vector import Vector
from lrnlib.conformance.vectors import vectors
from lrnlib.parameters import Parameters


@dataclass(frozen=True)
class Outcome:
    """The outcome of one vector.

    Attributes
    ----------
    name : str
        The vector's name.
    passed : bool
        Whether every element is within the vector's tolerance.
    error : float or None
        The largest relative error; infinite where only one side is NaN or infinite, None
        without a result of the right shape and dtype.
    detail : str
        For a failure: the worst element, or the exception.
    """

    name: str
    passed: bool
    error: float | None
    detail: str = ""


def compare(vector: Vector, result: Any) -> Outcome:
    """Compare a result with the vector's expected values."""
    y = np.asarray(result)
    if (y.shape, y.dtype) != (vector.x.shape, vector.x.dtype):
        return Outcome(vector.name, False, None, f"a result of shape {y.shape}, {y.dtype}")
    y, expected = y.astype(np.float64), vector.expected
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.where((y == expected) | (np.isnan(y) & np.isnan(expected)), 0, abs(y - expected))
        off = np.where(np.isnan(off), np.inf, off)
        passed = off <= vector.tolerance
        relative = np.where((off == 0) | (off == np.inf), off, off / _scale(vector))
    worst = np.unravel_index(np.argmax(np.where(passed, 0, relative)), y.shape)
    detail = "" if passed.all() else (
        f"{expected[worst]:.7g} expected at {tuple(map(int, worst))}, got {y[worst]:.7g}"
    )  # fmt: skip
    return Outcome(vector.name, bool(passed.all()), float(relative.max()), detail)


def _scale(vector: Vector) -> Array:
    """Return what errors are relative to: the element, or the pixel's largest gradient."""
    size = np.abs(vector.expected)
    if vector.dy is not None:
        size = np.where(size < np.inf, size, 0).max(axis=-1, keepdims=True)
    return np.maximum(size, np.finfo(np.float64).tiny)


def run_vector(
    vector: Vector, forward: Callable[..., Any] | None, gradient: Callable[..., Any] | None
) -> Outcome | None:
    """Run one vector; return None if the callable that it needs is None."""
    function = forward if vector.dy is None else gradient
    if function is None:
        return None
    arrays = (vector.x.copy(),) if vector.dy is None else (vector.dy.copy(), vector.x.copy())
    try:
        return compare(vector, function(*arrays, vector.parameters))
    except Exception as error:  # whatever is raised is the outcome
        first = (str(error).splitlines() or [""])[0]
        return Outcome(vector.name, False, None, f"{type(error).__name__}: {first}"[:200])


def check(
    forward: Callable[[Array, Parameters], Any] | None = None,
    gradient: Callable[[Array, Array, Parameters], Any] | None = None,
    dtypes: Sequence[str] = ("float32",),
    even_windows: bool = False,
) -> list[Outcome]:
    """Run the vectors against your own implementation, in this process.

    Arrays are NumPy's, of rank 4 with the channels last. An exception counts as a failure of
    that vector, and the next one is tried; `run` does the same in a separate process.

    Parameters
    ----------
    forward : callable, optional
        ``forward(x, p)`` returns LRN of `x` along its last axis; `p` is a `Parameters`.
    gradient : callable, optional
        ``gradient(dy, x, p)`` returns the gradient by `x`.
    dtypes : sequence of str, default ('float32',)
        The dtypes that it accepts and returns: float16, bfloat16, float32, float64.
    even_windows : bool, default False
        Whether it has windows of two different sides, so that ``p.depth_radius`` may be a pair
        ``(before, after)``; ``p.reach`` is one for every window.

    Returns
    -------
    list of Outcome
        One for each vector of these dtypes and windows whose callable was given.

    Raises
    ------
    TypeError
        If neither callable is given.
    ValueError
        If a dtype is not among the four, or there are no vectors of it: those of bfloat16
        need ml_dtypes.

    Examples
    --------
    An implementation that divides alpha by the size of the window:

    >>> import lrnlib
    >>> def divides(x, p):
    ...     size = 2 * p.depth_radius + 1
    ...     return lrnlib.lrn(x, p.depth_radius, p.bias, p.alpha / size, p.beta)
    >>> outcome = check(divides)[0]
    >>> outcome.name, outcome.passed
    ('plain', False)
    >>> outcome.detail  # doctest: +ELLIPSIS
    '-0.4278133 expected at (1, 2, 4, 2), got -0.79735...'
    """
    if forward is None and gradient is None:
        raise TypeError("check needs forward, gradient or both; both are None")
    available = {v.dtype for v in vectors()}
    for name in [dtypes] if isinstance(dtypes, str) else dtypes:
        if isinstance(dtypes, str) or name not in available:
            raise ValueError(
                f"dtypes must be a tuple of {', '.join(sorted(available))}, got {dtypes!r}"
            )
    chosen = (
        v for v in vectors()
        if v.dtype in dtypes and (even_windows or isinstance(v.parameters.depth_radius, int))
    )  # fmt: skip
    outcomes = (run_vector(v, forward, gradient) for v in chosen)
    return [outcome for outcome in outcomes if outcome is not None]
