"""LRN and its gradient by two exact methods: rational numbers, and decimals of 60 digits."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np

PRECISE = Context(prec=60, Emax=10**15, Emin=-(10**15))


def sides(depth_radius):
    """Return how many channels a window holds before and after its own."""
    return depth_radius if isinstance(depth_radius, tuple) else (depth_radius, depth_radius)


def windows(row, depth_radius):
    """Return, for each value of a list, the values in its window."""
    before, after = sides(depth_radius)
    return [row[max(0, i - before) : i + after + 1] for i in range(len(row))]


def windows_that_hold(row, depth_radius):
    """Return, for each value of a list, the values whose windows hold it."""
    before, after = sides(depth_radius)
    return [
        [value for j, value in enumerate(row) if j - before <= i <= j + after]
        for i in range(len(row))
    ]


def by_fractions(row, depth_radius, bias, alpha, beta):
    """Return LRN of one row for an integer beta, without any rounding."""
    row, bias, alpha = list(map(Fraction, row)), Fraction(bias), Fraction(alpha)
    bases = bases_of(row, depth_radius, bias, alpha)
    return [value / base**beta for value, base in zip(row, bases, strict=True)]


def by_decimals(row, depth_radius, bias, alpha, beta):
    """Return LRN of one row of finite values, to more digits than float64 has."""
    with localcontext(PRECISE):
        row, (bias, alpha, beta) = decimals(row), decimals((bias, alpha, beta))
        bases = bases_of(row, depth_radius, bias, alpha)
        return [value / base**beta for value, base in zip(row, bases, strict=True)]


def gradient_by_fractions(dy, row, depth_radius, bias, alpha, beta):
    """Return the gradient of one row for an integer beta, without any rounding."""
    dy, row = list(map(Fraction, dy)), list(map(Fraction, row))
    return gradient_of(dy, row, depth_radius, Fraction(bias), Fraction(alpha), beta)


def gradient_by_decimals(dy, row, depth_radius, bias, alpha, beta):
    """Return the gradient of one row of finite values and the sums of its absolute terms."""
    with localcontext(PRECISE):
        return gradient_of(
            decimals(dy), decimals(row), depth_radius, *decimals((bias, alpha, beta))
        )


def gradient_of(dy, row, depth_radius, bias, alpha, beta):
    """Return the gradient and the sums of its absolute terms, for numbers of any type."""
    bases = bases_of(row, depth_radius, bias, alpha)
    triples = list(zip(dy, row, bases, strict=True))
    firsts = [d / s**beta for d, _, s in triples]
    terms = windows_that_hold([d * x / s ** (beta + 1) for d, x, s in triples], depth_radius)
    factors = [2 * alpha * beta * x for x in row]
    triples = list(zip(firsts, factors, terms, strict=True))
    return (
        [first - factor * sum(term) for first, factor, term in triples],
        [abs(first) + abs(factor) * sum(map(abs, term)) for first, factor, term in triples],
    )


def bases_of(row, depth_radius, bias, alpha):
    """Return the base of the power for each value of a list."""
    return [
        bias + alpha * sum(value * value for value in window)
        for window in windows(row, depth_radius)
    ]


def decimals(numbers):
    """Convert each number to a Decimal, exactly."""
    return [Decimal(float(number)) for number in numbers]


def nearest(numbers):
    """Round exact numbers to float64 once, and to inf where they are too large."""
    return np.array([float(number) for number in numbers], dtype=np.float64)
