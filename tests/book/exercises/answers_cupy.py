"""Answers to the exercises of the chapter on the GPU, as readers might give them."""

import math

import numpy as np

from lrnlib.book import exercises
from tests.book.exercises.answers import Exercise


def by_doubling(terms):
    """Counts the steps of the kernel's loop."""
    additions, have = 0, 1
    for digit in f"{terms:b}"[1:]:
        have, additions = 2 * have + int(digit), additions + 1 + int(digit)
    assert have == terms
    return additions


EXERCISES = [
    Exercise(
        exercises.float64_bound,
        spread=True,
        right=[(124, 57), (123.9, 56.7), (np.float64(123.904), np.int64(57))],
        wrong={
            "Half of it": (62, 57),
            "three arrays": (186, 57),
            "for one image": (0.968, 57),
            "These are seconds": (123.9e-6, 57),
            "These are milliseconds": (0.1239, 57),
            "The time is not right": (100, 57),
            "that of float64": (124, 113),
            "is for 8 bytes": (124, 28),
            "for all elements": (124, 34e12 / 2 * 124e-6),
            "an element's time": (124, 40),
        },
    ),
    Exercise(
        exercises.chunks_of_channels,
        spread=True,
        right=[(36300, 140), (np.int64(36300), 140.0)],
        wrong={
            "without chunks": (55 * 55, 140),
            "how many columns": (12, 140),
            "not a single one": (96 * 55 * 55, 140),
            "Eight is": (8 * 55 * 55, 140),
            "one for each chunk": (36000, 140),
            "neighbouring chunks": (36300, 96),
            "one neighbour each": (36300, 12 * (8 + 4)),
            "to both sides of": (36300, 96 + 11 * 2),
            "the ends have less": (36300, 12 * (8 + 2)),
            "what one chunk": (36300, 8 + 4),
            "beyond the 96": (36300, 44),
            "add up": (36300, 150),
        },
    ),
    Exercise(
        exercises.lost_by_the_cheap_sum,
        right=[
            (1 + 2**-23, 2**24),
            [1.0000001, 16777216.0],
            np.array([-(1 + 2**-23), 2**24], np.float32),
        ],
        wrong={
            "must be finite": (1, 1e39),
            "rounds nothing away": (1, 2),
            "at least as large": (2**24, 1.5),
            "must be rounded, too": (1, 2**24),
            "must be two numbers": (1, 2, 3),
            "must be a list of numbers": 5,
        },
    ),
    Exercise(
        exercises.mended_channels,
        right=[[2, 3, 6], (2, 3, 6), np.array([2, 3, 6]), {2, 3, 6}],
        wrong={
            "Nothing tells a mark": [2, 3],
            "needs no mending": [6],
            "leaves what is finite": list(range(8)),
            "mend is called: two": [],
            "find what is infinite": [2, 6],
        },
    ),
    Exercise(
        exercises.additions_of_doubling,
        right=[by_doubling, lambda terms: float(by_doubling(terms))],
        wrong={
            "These are the doublings": lambda terms: int(math.log2(terms)),
            "One too many": lambda terms: by_doubling(terms) + 1,
            "at each digit": lambda terms: 2 * int(math.log2(terms)),
            "direct sum": lambda terms: terms - 1,
            "taken for the depth_radius": lambda terms: by_doubling(2 * terms + 1),
            "returns 1, and 0": lambda terms: 1,
        },
    ),
]
