"""Answers to the exercises of the chapter on TensorFlow, as readers might give them."""

import numpy as np

from lrnlib.book import exercises
from tests.book.exercises.answers import Exercise


def direct(x, r, bias, alpha, beta):
    """In the type of x."""
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
    """The loops of the chapter, in float64."""
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


EXERCISES = [
    Exercise(
        exercises.spoiled_channels,
        right=[[5, 500, 202], (5, 500, 202), np.array([5, 500, 202])],
        wrong={
            "what a direct sum": [5, 5, 5],
            "no matrix": [5, 500, 500],
            "exchanged": [5, 202, 500],
            "0.5 or 1 alone": [5, 202, 202],
            "that of channel 298": [5, 500, 200],
            "One too few": [5, 500, 201],
            "get rid of it": [5, 500, 5],
            "The radius is 2": [3, 500, 202],
            "find which sum": [1, 2, 3],
        },
    ),
    Exercise(
        exercises.infinite_gradients,
        right=[[382, 383, 384], np.arange(382, 385), np.arange(385) > 381, [384, 383, 382]],
        wrong={
            "reads the results": [],
            "of its neighbours": [384],
            "one more channel": [383, 384],
            "one channel less": [381, 382, 383, 384],
            "beyond 384": [382, 383, 384, 385, 386],
            "All of these may be": np.arange(201, 385),
            "one result is infinite": [300],
        },
    ),
    Exercise(
        exercises.running_sum_error,
        right=[0.528, 0.5275, np.sqrt(7 / 3) - 1, np.float32(0.5275)],
        wrong={
            "10000 times": 0,
            "1 less": 1.528,
            "not percent": 52.8,
            "Nearly right": 0.53,
            "sign is wrong": -0.528,
            "exchanged": -0.345,
            "has its square root": 1.333,
            "for k = 1": 0.732,
            "stays in the total": 0.871,
            "what is its power": 5,
        },
    ),
    Exercise(
        exercises.beyond_overflow,
        right=[wide, lambda x, *p: direct(x.astype(np.float64), *p), scaled_with_bias],
        wrong={
            "before you square": direct,
            "a product with a matrix": with_a_matrix,
            "A running sum forgets": running,
            "The prefix sums": prefix,
            "cut off": clipped,
            "bias must be scaled": scaled,
            "is expected": lambda x, *p: x,
        },
    ),
]
