"""Functions that readers might write for the exercises, right ones and ones with a slip.

A wrong one stands beside the name that its message has in the data.
"""

import inspect
from fractions import Fraction

import numpy as np

from lrnlib import reference


def with_slip(function, changes):
    """The function with other text in its source."""
    source = inspect.getsource(function)
    for right, wrong in changes.items():
        assert right in source, right
        source = source.replace(right, wrong)
    namespace = dict(globals())
    exec(source, namespace)
    return namespace[function.__name__]


def in_float32(function):
    return lambda *arguments: np.float32(function(*arguments))


def even_window(a, n):
    S = []
    for i in range(len(a)):
        window = a[max(0, i - n // 2) : i + (n - 1) // 2 + 1]
        S.append(sum(window**2))
    return S


def by_convolution(a, n):
    padded = np.pad(np.square(a), (n // 2, (n - 1) // 2))
    return np.convolve(padded, np.ones(n), "valid")


def channels_first(x):
    last = np.transpose(x, (0, 2, 3, 1))
    y = reference.local_response_normalization(last, 2, 2, 0.1, 0.75)
    return np.transpose(y, (0, 3, 1, 2)).astype(np.float32)


def exact_result(pixel, channel, radius):
    window = pixel[max(0, channel - radius) : channel + radius + 1]
    return Fraction(pixel[channel], sum(a * a for a in window))


def power_three_halves(x, s):
    return x / s / np.sqrt(s)


def largest_in_window(z, n):
    return [max(z[i : i + n]) for i in range(len(z) - n + 1)]


def doubling(z, n):
    """The chapter's doubling with the maximum in the place of +."""
    if n == 1:
        return z
    half = doubling(z, n // 2)
    count = len(z) - n + 1
    largest = np.maximum(half[:count], half[n // 2 :][:count])
    return np.maximum(largest, z[n - 1 :]) if n % 2 else largest


def power_of_a_scale(beta):
    return 1 - 2 * beta


def rank_correlation(a, b):
    ranks = []
    for values in (a, b):
        smaller = (values[:, None] > values).sum(axis=1)
        equal = (values[:, None] == values).sum(axis=1)
        ranks.append(smaller + equal / 2)
    return np.corrcoef(ranks)[0, 1]


def gdn(x, bias, weights):
    s = np.einsum("ij,...j->...i", weights, x * x)
    return x / np.sqrt(bias + s)


def windows(x, radius):
    """Window sums of numbers that may be complex."""
    return np.array([x[max(0, c - radius) : c + radius + 1].sum() for c in range(len(x))])


def complex_steps(x, r, bias, alpha, beta):
    def forward(z):
        return z * (bias + alpha * windows(z * z, r)) ** -beta

    h = 1e-30
    columns = [forward(x + h * 1j * e).imag / h for e in np.eye(len(x))]
    return np.stack(columns, axis=1)


def second_derivative(x, dy, v, r, bias, alpha, beta):
    def gradient(x):
        s = bias + alpha * windows(x * x, r)
        t = windows(dy * x * s ** (-beta - 1), r)
        return dy * s**-beta - 2 * alpha * beta * x * t

    h = 1e-5
    return (gradient(x + h * v) - gradient(x - h * v)) / (2 * h)


def pytorch_window(x, size, alpha, beta, k):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        y[:, c] = x[:, c] / (k + alpha / size * (near**2).sum(axis=1)) ** beta
    return y


def beyond_overflow(x, r, bias, alpha, beta):
    x = x.astype(np.float64)
    z, y = x * x, np.empty_like(x)
    for c in range(x.shape[-1]):
        total = z[..., max(0, c - r) : c + r + 1].sum(axis=-1)
        y[..., c] = x[..., c] / (bias + alpha * total) ** beta
    return y


WINDOW = "max(0, c - size // 2) : c + (size - 1) // 2 + 1"
CAST = "x = x.astype(np.float64)"
SQUARES = "z, y = x * x,"
TOTAL = "z[..., max(0, c - r) : c + r + 1].sum(axis=-1)"
PADDED = "np.pad(x * x, [(0, 0)] * 3 + [(r + 1, r)])"
QUOTIENT = "(gradient(x + h * v) - gradient(x - h * v)) / (2 * h)"
SCALED = {CAST: f"{CAST}\n    m = abs(x).max()\n    x = x / m"}
BIAS_SCALED = {"bias +": "bias / m**2 +", "return y": "return m ** (1 - 2 * beta) * y"}
DIFFERENCE = {"forward(x + h * 1j * e).imag": "(forward(x + h * e) - forward(x))"}
ALSO_RIGHT = {
    "even_window": [by_convolution],
    "channels_first": [
        with_slip(channels_first, {"(0, 2, 3, 1)": "(0, 3, 2, 1)", "(0, 3, 1, 2)": "(0, 3, 2, 1)"})
    ],
    "power_three_halves": [
        lambda x, s: x / np.sqrt(s) / np.sqrt(s) / np.sqrt(s),
        lambda x, s: x / np.sqrt(s) / s,
        lambda x, s: x.astype(np.float64) / s.astype(np.float64) ** 1.5,
    ],
    "largest_in_window": [doubling],
    "complex_steps": [with_slip(complex_steps, {"1e-30": "1e-20"})],
    "second_derivative": [in_float32(second_derivative)],
    "pytorch_window": [in_float32(pytorch_window)],
    "beyond_overflow": [
        in_float32(beyond_overflow),
        with_slip(beyond_overflow, SCALED | BIAS_SCALED),
    ],
}
NEARLY = {"complex_steps": with_slip(complex_steps, DIFFERENCE | {"1e-30": "1e-7"})}
SLIPS = {
    even_window: {
        "one_channel_more": {"(n - 1) // 2": "n // 2"},
        "onnx": {"i - n // 2": "i - (n - 1) // 2", "i + (n - 1) // 2": "i + n // 2"},
        "onednn": {"i - n // 2": "i - (n - 1) // 2"},
        "n_as_radius": {"i - n // 2": "i - n", "(n - 1) // 2": "n"},
        "one_channel_less": {"2 + 1]": "2]"},
        "no_squares": {"window**2": "window"},
        "squared_sum": {"sum(window**2)": "sum(window) ** 2"},
        "negative_start": {"max(0, i - n // 2)": "i - n // 2"},
        "wrapped": {
            "a[max(0, i - n // 2) : i": "a.take(range(i - n // 2, i",
            "1]": "1), mode='wrap')",
        },
    },
    channels_first: {
        "not_transposed": {"(0, 2, 3, 1)": "(0, 1, 2, 3)", "(0, 3, 1, 2)": "(0, 1, 2, 3)"},
        "along_height": {"(0, 2, 3, 1)": "(0, 1, 3, 2)", "(0, 3, 1, 2)": "(0, 1, 3, 2)"},
        "along_batch": {"(0, 2, 3, 1)": "(3, 1, 2, 0)", "(0, 3, 1, 2)": "(3, 1, 2, 0)"},
        "left_last": {"(0, 3, 1, 2)": "(0, 1, 2, 3)"},
        "same_again": {"(0, 3, 1, 2)": "(0, 2, 3, 1)"},
        "reshaped": {
            "np.transpose(x, (0, 2, 3, 1))": "x.reshape(x.shape[0], *x.shape[2:], x.shape[1])",
            "np.transpose(y, (0, 3, 1, 2))": "y.reshape(x.shape)",
        },
        "sides_exchanged": {"(0, 3, 1, 2)": "(0, 3, 2, 1)"},
        "n_as_radius": {"2, 2, 0.1": "5, 2, 0.1"},
        "defaults": {"2, 2, 0.1, 0.75": "5, 1, 1, 0.5"},
        "alpha_divided": {"0.1": "0.02"},
    },
    exact_result: {
        "negative_start": {"max(0, channel - radius)": "channel - radius"},
        "last_missing": {"radius + 1": "radius"},
        "radius_as_width": {"- radius": "- radius // 2", "+ radius": "+ radius // 2"},
        "whole_pixel": {"in window": "in pixel"},
        "none_before": {"max(0, channel - radius)": "channel"},
        "no_squares": {"a * a": "a"},
        "squared_sum": {"sum(a * a for a in window)": "sum(window) ** 2"},
        "without_own": {"in window)": "in window) - pixel[channel] ** 2"},
        "numerator_1": {"Fraction(pixel[channel]": "Fraction(1"},
        "upside_down": {"Fraction(": "1 / Fraction("},
        "not_a_fraction": {"Fraction(pixel[channel],": "(pixel[channel] /"},
        "rounded_before": {"Fraction(pixel[channel],": "Fraction(pixel[channel] /"},
    },
    power_three_halves: {
        "product": {"s / np.sqrt(s)": "(np.sqrt(s) * s)"},
        "cube": {"s / np.sqrt(s)": "np.sqrt(s**3)"},
        "power_alone": {"/ s / np.sqrt(s)": "* s**-1.5"},
        "root_last": {"s / np.sqrt(s)": "s / s * np.sqrt(s)"},
        "power_0_5": {"s / np": "np"},
        "power_1": {" / np.sqrt(s)": ""},
        "power_2": {"s / np.sqrt(s)": "s / np.sqrt(s) / np.sqrt(s)"},
        "power_0_75": {"s / np.sqrt(s)": "np.sqrt(np.sqrt(s)) / np.sqrt(s)"},
        "multiplied": {"/ s / np.sqrt(s)": "* np.sqrt(s) * s"},
    },
    largest_in_window: {
        "sums": {"max": "sum"},
        "smallest": {"max": "min"},
        "signs_lost": {"max(z[i : i + n])": "max(abs(z[i : i + n]))"},
        "last_missing": {"n + 1)": "n)"},
        "zeros_at_ends": {"return": "z = np.pad(z, (n // 2, (n - 1) // 2))\n    return"},
        "cut_runs": {"i : i": "max(0, i - n // 2) : i - n // 2", " - n + 1": ""},
        "largest_of_all": {"z[i : i + n]": "z"},
    },
    doubling: {
        "halves_of_odd": {" if n % 2": " if False"},
        "halves_and_run_too_many": {
            "len(z) - n + 1": "len(half) - n // 2",
            " if n % 2": " if False",
        },
    },
    power_of_a_scale: {
        "base_not_squared": {"2 * ": ""},
        "base_alone": {"1 -": "-"},
        "sign_reversed": {"1 - 2 * beta": "2 * beta - 1"},
        "base_multiplies": {"1 -": "1 +"},
        "base_fixed": {"1 - 2 * beta": "1.0"},
    },
    complex_steps: {
        "transposed": {"axis=1": "axis=0"},
        "not_divided": {".imag / h": ".imag"},
        "absolute_squares": {"z * z": "abs(z) ** 2"},
        "real_step": DIFFERENCE,
        "real_part": {".imag": ".real"},
        "all_at_once": {"np.eye(len(x))": "[1]", "np.stack(columns, axis=1)": "columns[0]"},
    },
    second_derivative: {
        "first_derivative": {QUOTIENT: "gradient(x)"},
        "product": {QUOTIENT: "gradient(x) @ v"},
        "jacobian_times_v": {QUOTIENT: "complex_steps(x, r, bias, alpha, beta) @ v"},
        "without_dy": {"dy *": "1 *"},
        "without_v": {"h * v": "h"},
        "own_square_alone": {", r)": ", 0)"},
    },
    pytorch_window: {
        "onnx": {WINDOW: "max(0, c - (size - 1) // 2) : c + size // 2 + 1"},
        "one_channel_more": {"(size - 1) // 2": "size // 2"},
        "one_channel_less": {"c - size // 2": "c - (size - 1) // 2"},
        "size_as_radius": {WINDOW: "max(0, c - size) : c + size + 1"},
        "alpha_not_divided": {"alpha / size": "alpha"},
        "last_axis": {"[1]": "[-1]", "[:,": "[...,", "axis=1": "axis=-1"},
        "divided_by_clipped": {"alpha / size": "alpha", "sum": "mean"},
    },
    beyond_overflow: {
        "direct_float32": {"64": "32"},
        "matrix_float32": {
            "64": "32",
            TOTAL: "z @ np.float32(abs(np.arange(z.shape[-1]) - c) <= r)",
        },
        "running_float64": {
            SQUARES: f"z, y = {PADDED},",
            "for": "total = z[..., : 2 * r + 1].sum(axis=-1)\n    for",
            TOTAL: "total - z[..., c] + z[..., c + 2 * r + 1]",
        },
        "prefix_float64": {
            SQUARES: f"z, y = np.cumsum({PADDED}, axis=-1),",
            TOTAL: "z[..., c + 2 * r + 1] - z[..., c]",
        },
        "clipped": {CAST: "x = np.clip(x, -1.8e19, 1.8e19).astype(np.float64)"},
        "bias_not_scaled": SCALED | {"return y": "return m * y"},
    },
    rank_correlation: {
        "sizes": {"ranks.append(smaller + equal / 2)": "ranks.append(values)"},
        "ties_in_order": {
            "smaller + equal / 2": "np.argsort(np.argsort(values, kind='stable'))",
        },
        "sorted_once": {"smaller + equal / 2": "np.argsort(values, kind='stable')"},
        "one_ranked": {"corrcoef(ranks)": "corrcoef(ranks[0], b)"},
        "lowest_rank": {"equal / 2": "1"},
        "highest_rank": {"equal / 2": "equal"},
        "without_gaps": {"smaller + equal / 2": "np.searchsorted(np.unique(values), values)"},
        "covariance": {"corrcoef": "cov"},
        "matrix": {"[0, 1]": ""},
    },
    gdn: {
        "transposed": {"ij,": "ji,"},
        "no_root": {"np.sqrt(bias + s)": "(bias + s)"},
        "no_squares": {"x * x": "x"},
        "sizes": {"x * x": "abs(x)"},
        "own_square": {"s = ": "s = np.diagonal(weights) * x * x  # "},
        "bias_outside": {"np.sqrt(bias + s)": "(bias + np.sqrt(s))"},
        "power": {"np.sqrt(bias + s)": "(bias + s) ** 0.75"},
        "multiplied": {"x / np": "x * np"},
    },
}
WRONG = {
    function.__name__: {name: with_slip(function, changes) for name, changes in slips.items()}
    for function, slips in SLIPS.items()
}
WRONG["largest_in_window"] |= WRONG.pop("doubling")
