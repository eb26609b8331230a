"""Functions that readers might write for the exercises of the first chapters, right and wrong.

A wrong one stands beside the name that its message has in the data.
"""

from fractions import Fraction

import numpy as np

from lrnlib import reference


def sums(before, after, clip=True, of=np.square, then=None):
    """A loop over windows from `before(n)` channels before their own to `after(n)` after it."""

    def function(a, n):
        S = []
        for i in range(len(a)):
            first = i - before(n)
            window = of(a[max(0, first) if clip else first : i + after(n) + 1])
            S.append(then(window.sum()) if then else window.sum())
        return S

    return function


def half(n):
    return n // 2


def less(n):
    return (n - 1) // 2


def wrapped(a, n):
    return [sum(a[(i + d) % len(a)] ** 2 for d in range(-half(n), less(n) + 1))
            for i in range(len(a))]  # fmt: skip


def by_convolution(a, n):
    padded = np.pad(np.square(a), (n // 2, (n - 1) // 2))
    return np.convolve(padded, np.ones(n), "valid")


def layer(there=(0, 2, 3, 1), back=(0, 3, 1, 2), numbers=(2, 2, 0.1, 0.75)):
    """LRN over the last axis between two transpositions."""

    def function(x):
        y = reference.local_response_normalization(np.transpose(x, there), *numbers)
        return np.transpose(y, back).astype(np.float32)

    return function


def reshaped(x):
    batch, channels, height, width = x.shape
    last = x.reshape(batch, height, width, channels)
    return reference.local_response_normalization(last, 2, 2, 0.1, 0.75).reshape(x.shape)


def exact(pixel, channel, depth_radius):
    terms = [a * a for j, a in enumerate(pixel) if abs(j - channel) <= depth_radius]
    return Fraction(pixel[channel], sum(terms))


def squares(window):
    return sum(a * a for a in window)


def clipped(pixel, c, r):
    return pixel[max(0, c - r) : c + r + 1]


def quotient(window=clipped, result=lambda value, near: Fraction(value, squares(near))):
    """The result from the channels in `window(pixel, channel, depth_radius)`."""
    return lambda pixel, c, r: result(pixel[c], window(pixel, c, r))


def doubled(z, n):
    """The chapter's doubling with the maximum in the place of +."""
    if n == 1:
        return z
    z2 = doubled(z, n // 2)
    count = len(z) - n + 1
    largest = np.maximum(z2[:count], z2[n // 2 :][:count])
    return np.maximum(largest, z[n - 1 :]) if n % 2 else largest


def without_the_odd_one(z, n):
    """The same without the extra step for an odd n."""
    if n == 1:
        return z
    z2 = without_the_odd_one(z, n // 2)
    count = len(z) - n + 1
    return np.maximum(z2[:count], z2[n // 2 :][:count])


def overlapping(z, n):
    """The same, but as long as the two halves allow."""
    if n == 1:
        return z
    z2 = overlapping(z, n // 2)
    return np.maximum(z2[: len(z2) - n // 2], z2[n // 2 :])


def runs(z, n, of=max):
    return [of(z[i : i + n]) for i in range(len(z) - n + 1)]


def as_long_as(fill):
    def function(z, n):
        z = np.concatenate([np.full(n // 2, fill), z, np.full((n - 1) // 2, fill)])
        return runs(z, n)

    return function


RIGHT = {
    "even_window": [sums(half, less), by_convolution],
    "channels_first": [layer(), layer((0, 3, 2, 1), (0, 3, 2, 1))],
    "exact_result": [exact],
    "power_three_halves": [
        lambda x, s: x / s / np.sqrt(s),
        lambda x, s: x / np.sqrt(s) / np.sqrt(s) / np.sqrt(s),
        lambda x, s: x / np.sqrt(s) / s,
        lambda x, s: x.astype(np.float64) / s.astype(np.float64) ** 1.5,
    ],
    "largest_in_window": [doubled, runs],
}
WRONG = {
    "even_window": {
        "one_channel_more": sums(half, half),
        "onnx": sums(less, half),
        "onednn": sums(less, less),
        "n_as_radius": sums(lambda n: n, lambda n: n),
        "one_channel_less": sums(half, lambda n: less(n) - 1),
        "no_squares": sums(half, less, of=np.array),
        "squared_sum": sums(half, less, of=np.array, then=np.square),
        "negative_start": sums(half, less, clip=False),
        "wrapped": wrapped,
    },
    "channels_first": {
        "not_transposed": layer((0, 1, 2, 3), (0, 1, 2, 3)),
        "along_height": layer((0, 1, 3, 2), (0, 1, 3, 2)),
        "along_batch": layer((3, 1, 2, 0), (3, 1, 2, 0)),
        "left_last": layer(back=(0, 1, 2, 3)),
        "same_again": layer(back=(0, 2, 3, 1)),
        "reshaped": reshaped,
        "sides_exchanged": layer(back=(0, 3, 2, 1)),
        "n_as_radius": layer(numbers=(5, 2, 0.1, 0.75)),
        "defaults": layer(numbers=(5, 1, 1, 0.5)),
        "alpha_divided": layer(numbers=(2, 2, 0.02, 0.75)),
    },
    "exact_result": {
        "negative_start": quotient(lambda pixel, c, r: pixel[c - r : c + r + 1]),
        "last_missing": quotient(lambda pixel, c, r: pixel[max(0, c - r) : c + r]),
        "radius_as_width": quotient(lambda pixel, c, r: clipped(pixel, c, r // 2)),
        "whole_pixel": quotient(lambda pixel, c, r: pixel),
        "none_before": quotient(lambda pixel, c, r: pixel[c : c + r + 1]),
        "no_squares": quotient(result=lambda value, near: Fraction(value, sum(near))),
        "squared_sum": quotient(result=lambda value, near: Fraction(value, sum(near) ** 2)),
        "without_own": quotient(
            result=lambda value, near: Fraction(value, squares(near) - value**2)
        ),
        "numerator_1": quotient(result=lambda value, near: Fraction(1, squares(near))),
        "upside_down": quotient(result=lambda value, near: Fraction(squares(near), value)),
        "not_a_fraction": lambda *arguments: float(exact(*arguments)),
        "rounded_before": lambda *arguments: Fraction(float(exact(*arguments))),
    },
    "power_three_halves": {
        "product": lambda x, s: x / (np.sqrt(s) * s),
        "cube": lambda x, s: x / np.sqrt(s**3),
        "power_alone": lambda x, s: x * s**-1.5,
        "root_last": lambda x, s: x / s / s * np.sqrt(s),
        "power_0_5": lambda x, s: x / np.sqrt(s),
        "power_1": lambda x, s: x / s,
        "power_2": lambda x, s: x / s / np.sqrt(s) / np.sqrt(s),
        "power_0_75": lambda x, s: x / np.sqrt(np.sqrt(s)) / np.sqrt(s),
        "multiplied": lambda x, s: x * np.sqrt(s) * s,
    },
    "largest_in_window": {
        "sums": lambda z, n: runs(z, n, sum),
        "smallest": lambda z, n: runs(z, n, min),
        "signs_lost": lambda z, n: runs(abs(z), n),
        "last_missing": lambda z, n: runs(z, n)[:-1],
        "zeros_at_ends": as_long_as(0),
        "cut_runs": as_long_as(-np.inf),
        "halves_of_odd": without_the_odd_one,
        "halves_and_run_too_many": overlapping,
        "largest_of_all": lambda z, n: [max(z)] * (len(z) - n + 1),
    },
}
