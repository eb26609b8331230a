"""Functions that answer the exercises of four chapters, and wrong ones with what each is told."""

from fractions import Fraction

import numpy as np

from lrnlib import reference


def sums(before, after, clip=True, of=np.square, then=None):
    """A reader's loop over windows from `before` to `after` their channel."""

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


def windowed(window, result=lambda value, held: Fraction(value, sum(a * a for a in held))):
    """A reader's answer from the channels that `window` holds."""
    return lambda pixel, c, r: result(pixel[c], window(pixel, c, r))


def held(pixel, c, r):
    return pixel[max(0, c - r) : c + r + 1]


def doubled(z, n):
    """The chapter's doubling with the maximum in the place of +."""
    if n == 1:
        return z
    z2 = doubled(z, n // 2)
    count = len(z) - n + 1
    largest = np.maximum(z2[:count], z2[n // 2 :][:count])
    return np.maximum(largest, z[n - 1 :]) if n % 2 else largest


def without_the_odd_one(z, n):
    """The same, and what an odd n needs is forgotten."""
    if n == 1:
        return z
    z2 = without_the_odd_one(z, n // 2)
    count = len(z) - n + 1
    return np.maximum(z2[:count], z2[n // 2 :][:count])


def overlapping(z, n):
    """The same, and as long as what is left."""
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
    "channels_first": [layer(), lambda x: reference.local_response_normalization(
        x.swapaxes(1, 3), 2, 2, 0.1, 0.75).swapaxes(1, 3)],
    "exact_result": [exact],
    "one_and_a_half": [
        lambda x, s: x / s / np.sqrt(s),
        lambda x, s: x / np.sqrt(s) / np.sqrt(s) / np.sqrt(s),
        lambda x, s: x / np.sqrt(s) / s,
        lambda x, s: x.astype(np.float64) / s.astype(np.float64) ** 1.5,
    ],
    "largest_in_window": [doubled, runs],
}  # fmt: skip
WRONG = {
    "even_window": [
        (sums(half, half), "holds n + 1 channels"),
        (sums(less, half), "as in ONNX"),
        (sums(less, less), "as in oneDNN"),
        (sums(lambda n: n, lambda n: n), "n is taken as the reach"),
        (sums(half, lambda n: less(n) - 1), "One channel too few at the end"),
        (sums(half, less, of=np.array), "The squares are missing"),
        (sums(half, less, of=np.array, then=np.square), "The sum is squared"),
        (sums(half, less, clip=False), "counts from the end: clip it"),
        (wrapped, "wrap around"),
    ],
    "channels_first": [
        (layer((0, 1, 2, 3), (0, 1, 2, 3)), "Nothing is transposed"),
        (layer((0, 1, 3, 2), (0, 1, 3, 2)), "normalized along the height"),
        (layer((3, 1, 2, 0), (3, 1, 2, 0)), "normalized along the batch"),
        (layer(back=(0, 1, 2, 3)), "still has the channels last"),
        (layer(back=(0, 2, 3, 1)), "the first once more"),
        (reshaped, "A reshape moves no number"),
        (layer(back=(0, 3, 2, 1)), "height and width have changed places"),
        (layer(numbers=(5, 2, 0.1, 0.75)), "The window is too wide"),
        (layer(numbers=(5, 1, 1, 0.5)), "TensorFlow's defaults"),
        (layer(numbers=(2, 2, 0.02, 0.75)), "alpha is divided by n"),
    ],
    "exact_result": [
        (windowed(lambda pixel, c, r: pixel[c - r : c + r + 1]), "clip it"),
        (windowed(lambda pixel, c, r: pixel[max(0, c - r) : c + r]), "stops before its second"),
        (windowed(lambda pixel, c, r: held(pixel, c, r // 2)), "taken for the width"),
        (windowed(lambda pixel, c, r: pixel), "This sums the whole pixel"),
        (windowed(lambda pixel, c, r: pixel[c : c + r + 1]), "channels before this one"),
        (windowed(held, lambda value, near: Fraction(value, sum(near))), "not their squares"),
        (windowed(held, lambda value, near: Fraction(value, sum(near) ** 2)), "The sum is squared"),
        (windowed(held, lambda value, near: Fraction(value, sum(a * a for a in near) - value**2)),
         "own square is missing"),
        (windowed(held, lambda value, near: Fraction(1, sum(a * a for a in near))),
         "The numerator is not 1"),
        (windowed(held, lambda value, near: Fraction(sum(a * a for a in near), value)),
         "Upside down"),
        (lambda *arguments: float(exact(*arguments)), "but rounded"),
        (lambda *arguments: Fraction(float(exact(*arguments))), "give `Fraction` two integers"),
    ],
    "one_and_a_half": [
        (lambda x, s: x / (np.sqrt(s) * s), "s sqrt(s) overflows"),
        (lambda x, s: x / np.sqrt(s**3), "the cube of s overflows"),
        (lambda x, s: x * s**-1.5, "becomes too small"),
        (lambda x, s: x / s / s * np.sqrt(s), "before the root mends it"),
        (lambda x, s: x / np.sqrt(s), "the power 0.5"),
        (lambda x, s: x / s, "the power 1."),
        (lambda x, s: x / s / np.sqrt(s) / np.sqrt(s), "the power 2."),
        (lambda x, s: x / np.sqrt(np.sqrt(s)) / np.sqrt(s), "the power 0.75"),
        (lambda x, s: x * np.sqrt(s) * s, "multiplies by the power"),
    ],
    "largest_in_window": [
        (lambda z, n: runs(z, n, sum), "These are sums"),
        (lambda z, n: runs(z, n, min), "the smallest"),
        (lambda z, n: runs(abs(z), n), "The signs are lost"),
        (lambda z, n: [max(z[i : i + n]) for i in range(len(z) - n)], "The last run is missing"),
        (as_long_as(0), "Zeros were put at the ends"),
        (as_long_as(-np.inf), "Give whole runs only: there"),
        (without_the_odd_one, "one place is missing: two"),
        (overlapping, "there is a run too many"),
        (lambda z, n: [max(z)] * (len(z) - n + 1), "the largest of all of z"),
    ],
}  # fmt: skip
