"""LRN by two more methods: rational numbers, and decimal numbers of 60 digits."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np

WIDE = Context(prec=60, Emax=10**15, Emin=-(10**15))


def windows(row, depth_radius):
    """For each value of a list, the list of those in its window."""
    return [row[max(0, i - depth_radius) : i + depth_radius + 1] for i in range(len(row))]


def by_fractions(row, depth_radius, bias, alpha, beta):
    """LRN of one row for a whole-numbered beta, without any rounding."""
    row = [Fraction(value) for value in row]
    bases = [
        Fraction(bias) + Fraction(alpha) * sum(value * value for value in window)
        for window in windows(row, depth_radius)
    ]
    return [value / base**beta for value, base in zip(row, bases, strict=True)]


def by_decimals(row, depth_radius, bias, alpha, beta):
    """LRN of one row of finite values, right to more digits than float64 holds."""
    with localcontext(WIDE):
        row = [Decimal(float(value)) for value in row]
        bias, alpha, beta = (Decimal(float(p)) for p in (bias, alpha, beta))
        bases = [
            bias + alpha * sum(value * value for value in window)
            for window in windows(row, depth_radius)
        ]
        return [value / base**beta for value, base in zip(row, bases, strict=True)]


def nearest(numbers):
    """Exact numbers as float64, each rounded once, to inf where it is too large."""
    return np.array([float(number) for number in numbers], dtype=np.float64)
