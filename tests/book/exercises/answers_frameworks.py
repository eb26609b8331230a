"""Answers to the exercises of the chapter on the frameworks, as readers might give them."""

import numpy as np

from lrnlib import Parameters
from lrnlib.book import exercises
from tests.book.exercises.answers import Exercise


def by_padding(before, after, divided=True, axis=1):
    """An LRN by shifted slices of padded squares."""

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


torch_like = by_padding(half, other_half)
EXERCISES = [
    Exercise(
        exercises.port_of_caffenet,
        right=[
            [2, 1, 2e-5, 0.75],
            (2, 1.0, 1e-4 / 5, 0.75),
            Parameters(2, 1, 2e-5, 0.75),
            Parameters(2, 1, 2e-5, 0.75).to_tensorflow(),
        ],
        wrong={
            "its reach": [5, 1, 2e-5, 0.75],
            "what is Caffe's": [2, 2, 2e-5, 0.75],
            "TensorFlow does not": Parameters(2, 1, 1e-4, 0.75),
            "the way to Caffe": [2, 1, 5e-4, 0.75],
            "by the half-width": [2, 1, 1e-4 / 2, 0.75],
            "the paper's numbers": [2, 2, 1e-4, 0.75],
            "as it stands": (5, 2, 1e-4, 0.75),
            "the file has a beta": [2, 1, 2e-5, 0.5],
            "the four words": [1, 2, 3, 4],
        },
    ),
    Exercise(
        exercises.window_from_digits,
        right=[[3, 4, 5, 6], np.array([3, 4, 5, 6])],
        wrong={
            "One too high": [4, 5, 6, 7],
            "Subtract k": [0, 3, 4, 5, 6],
            "These are the squares": [8, 16, 32, 64],
            "wrong end": [2, 3, 4, 5],
            "powers of two": [4],
        },
    ),
    Exercise(
        exercises.split_channels,
        right=[[46, 47, 48, 49], (46, 47, 48, 49), np.arange(46, 50)],
        wrong={
            "would be n = 3": [47, 48],
            "One too many": [45, 46, 47, 48, 49, 50],
            "taken as the reach": np.arange(43, 53),
            "second half are cut": [46, 47],
            "first half are cut": [48, 49],
            "counted from 0": [47, 48, 49, 50],
            "both halves": [0, 95],
        },
    ),
    Exercise(
        exercises.mended_prefix_sum,
        right=["nan-inf", "NaN-inf "],
        wrong={
            "leaves room": "outlier",
            "are finite in float64": "range",
            "Zeros came out": "zeros",
            "what is inf less inf": "none",
            "was right in float32": "formula",
            "That is a vector": "nan-400-channels",
            "one of the properties": "cancellation",
        },
    ),
    Exercise(
        exercises.pytorch_window,
        right=[torch_like, lambda *a: torch_like(*a).astype(np.float32).tolist()],
        wrong={
            "ONNX's": by_padding(other_half, half),
            "one channel too many": by_padding(half, half),
            "one channel too few": by_padding(other_half, other_half),
            "taken for the half-width": by_padding(lambda n: n, lambda n: n),
            "not divided": by_padding(half, other_half, divided=False),
            "along the last axis": by_padding(half, other_half, axis=-1),
            "that there are": averaged,
            "is expected": lambda x, *words: x,
        },
    ),
]
