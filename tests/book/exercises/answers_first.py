"""Right answers to the exercises of four chapters, and wrong ones with part of what each is told.

The wrong ones are written as a reader would, and not as the checks have them.
"""

from fractions import Fraction

import numpy as np

import lrnlib

FORMULA_RIGHT = {
    "changed_channels": [
        [4, 5, 6, 7],
        (4, 5, 6, 7),
        np.arange(4, 8),
        range(4, 8),
        {7, 6, 5, 4},
        [7, 4, 5, 6],
        np.arange(8) > 3,
        [i > 3 for i in range(8)],
        [np.arange(8) > 3],
    ],
    "limits_of_large_inputs": [[2, 2.58], (2.0, 2.582), [2, 1 / 0.15**0.5]],
    "to_unit_length": [
        (63, 0, 1, 0.5),
        [64, 0, 1, 0.5],
        np.array([1000, 0, 1, 0.5]),
        lrnlib.Parameters(63, 0, 1, 0.5),
        vars(lrnlib.Parameters(99, 0, 1, 0.5)),
    ],
}
FORMULA_WRONG = {
    "changed_channels": [
        ([6], "neighbours are missing"),
        ([4, 5, 6, 7, 8], "there is no channel 8"),
        ([5, 6, 7], "would be n = 3"),
        ([4, 5, 7], "Channel 6 itself"),
        (range(1, 8), "n is taken as the reach"),
        ([3, 4, 5, 6, 7], "not moved inwards"),
        ([5, 6, 7, 8], "Counted from 1"),
        ([0, 1, 2], "find the windows that hold channel 6"),
    ],
    "limits_of_large_inputs": [
        ([2, 2], "not whole: count"),
        ([2, 2.24], "second channel's"),
        ([2.58, 2], "In the other order"),
        ([4.47, 4.47], "number of terms is missing"),
        ([4, 6.67], "root is missing"),
        ([0.5, 0.387], "Upside down"),
        ([0, 0], "as fast as the input does."),
        ([np.inf, np.inf], "a finite number is left"),
        ([1, 1], "leave k out"),
    ],
    "to_unit_length": [
        ((32, 0, 1, 0.5), "must still reach channel 63"),
        ((5, 0, 1, 0.5), "must still reach channel 63"),
        ((62, 0, 1, 0.5), "there are 63 places"),
        ((63.5, 0, 1, 0.5), "a whole number"),
        ((np.inf, 0, 1, 0.5), "a whole number"),
        ((np.nan, 0, 1, 0.5), "a whole number"),
        ((63, 1, 1, 0.5), "shorter than 1"),
        ((64, 0, 1, 1), "takes none"),
        ((63, 0, 1, 2), "a root is no square"),
        ((63, 0, 1 / 64, 0.5), "as PixelNorm does"),
        ((63, 0, 0, 0.5), "do not count at all"),
        ((5, 1, 1, 0.5), "write the length as a formula"),
    ],
}
TENSORFLOW_RIGHT = {
    "channels_of_the_port": [11, 11.0, np.int64(11)],
    "response_by_default": [0.298, 0.29814, 2 / 45**0.5, np.float32(0.298)],
    "result_types": [
        ["float32", "error", "float16", "float32", "error"],
        np.array(["float32", "Error", "float16", "float32", "ERROR"]),
        [np.dtype("float32"), "error", np.dtype("float16"), "float32", "error"],
        [np.float32, "InvalidArgumentError", np.float16, "float32", TypeError],
        ["float32", ValueError("no"), "float16", "float32", "TypeError"],
    ],
}
TENSORFLOW_WRONG = {
    "channels_of_the_port": [
        (5, "what the paper wants"),
        (10, "channel itself is missing"),
        (6, "one side and the channel"),
        (2, "the port should have given"),
        (25, "not a square of pixels"),
        (7, "count the channels on both sides"),
    ],
    "response_by_default": [
        (0.436, "window of five channels"),
        (0.312, "own square is missing"),
        (0.217, "all 21 channels"),
        (0.302, "bias is missing"),
        (0.894, "alpha is divided"),
        (0.417, "not their squares"),
        (0.044444, "root is missing"),
        (0.149, "This is the factor"),
        (0.262, "bias stands under the root"),
        (0.115, "paper's beta"),
        (2, "take the four defaults"),
    ],
    "result_types": [
        (["float64"] * 5, "Input 1 does not keep its type"),
        (["error"] * 5, "Input 1: No error"),
        (["float32", "float64", "float16", "float32", "error"], "Input 2: An error"),
        (["float32"] * 5, "Input 2 is a tensor already"),
        (["float32", "error", "float32", "float32", "error"], "Input 3 keeps"),
        (["float32", "error", "error", "float32", "error"], "Input 3: half"),
        (["float32", "error", "float16", "error", "error"], "Input 4: No error"),
        (["float32", "error", "float16", "float64", "error"], "Input 4: where"),
        (["float32", "error", "float16", "float32", "float32"], "Input 5: An error"),
        (["float32", "error", "float16", "float32", "float64"], "Input 5: no call"),
        (["half", "error", "float16", "float32", "error"], "Not right for input 1"),
        ([1, "error", "float16", "float32", "error"], "Not right for input 1"),
        (["float32", "no", "float16", "float32", "error"], "Not right for input 2"),
        (["float32", "error", "half", "float32", "error"], "Not right for input 3"),
        (["float32", "error", "float16", "int32", "error"], "Not right for input 4"),
        (["float32", "error", "float16", "float32", "int32"], "Not right for input 5"),
        (["float32", "error"], "must be a list of 5, got ["),
        ("error", "must be a list of 5, got 'error'"),
    ],
}
EXAMPLE_RIGHT = {
    "mirrored_pixel": [
        [0.0455, 0.0345, 0.04, 0.0519, 0.00787, 0.0213, 0.1, 0.138],
        lrnlib.lrn(np.array([5.0, 6, 7, 8, 1, 2, 3, 4]), 2, 0, 1, 1),
    ],
    "narrower_window": [0.0702, 8 / 114, Fraction(4, 57)],
    "ten_times": [0.1, 1 / 10, Fraction(1, 10)],
}
EXAMPLE_WRONG = {
    "mirrored_pixel": [
        (lrnlib.lrn(np.array([4.0, 3, 2, 1, 8, 7, 6, 5]), 2, 0, 1, 1), "the third pixel's order"),
        ([5, 6, 7, 8, 1, 2, 3, 4], "before LRN"),
        (np.divide([5, 6, 7, 8, 1, 2, 3, 4], [29, 30, 94, 127, 154, 175, 174, 110]), "the sums"),
        (np.divide([5, 6, 7, 8, 1, 2, 3, 4], 204), "the window has five"),
        ([0.0519, 0.04, 0.0345, 0.0455, 0.138, 0.1, 0.0213, 0.00787], "halves"),
        (np.ones(8), "what does a mirror do"),
    ],
    "narrower_window": [
        (0.0519, "a depth radius of 2"),
        (0.16, "own square is missing"),
        (0.125, "not the width"),
        (0.01449, "Channels are counted from 0"),
        (0.0649, "This is the fourth pixel"),
        (0.08, "This is the second pixel"),
        (0.5, "not their squares"),
        (0.03125, "The sum is squared"),
        (0.00877, "denominator is right"),
        (114, "This is the sum"),
        (7, "write down the channel"),
    ],
    "ten_times": [
        (10, "the sum grows, too"),
        (1, "would be beta = 0.5"),
        (0.01, "the denominator alone"),
        (100, "it stands below"),
        (10**-0.5, "would be beta = 0.75"),
        (2, "by what does the numerator grow"),
    ],
}
NUMPY_RIGHT = {
    "seven_operations": [(60, 0.13), [60, 8 / 60], (60, 0.133)],
    "smallest_that_spoils": [1e8, 10**8, np.float64(1e8)],
}
NUMPY_WRONG = {
    "seven_operations": [
        ((15, 0.13), "15 is the number of arrays"),
        ((15, 0.53), "15 is the number of arrays"),
        ((59, 0.13), "The bytes are not right: list"),
        ((60, 13.3), "not in percent"),
        ((60, 0.5), "The bytes are right; the share is"),
        ((56, 0.143), "division reads two"),
        ((28, 0.286), "what is read has not"),
        ((32, 0.25), "what is written has not"),
        ((60, 7.5), "Upside down"),
        ((60, 0.867), "the share that is lost"),
        ((60, 0.0667), "The bound is eight bytes"),
        ((120, 0.0667), "would be `float64`"),
        ((100, 0.08), "the shifts of this chapter"),
        ((60,), "must be two numbers"),
        (60, "must be a list of numbers"),
    ],
    "smallest_that_spoils": [
        (1e4, "53 bits, not 24"),
        (1e7, "up to 2^53"),
        (1e9, "not the smallest"),
        (1e16, "the response is its root"),
        (1e15, "the square of no power of ten"),
        (8, "not its exponent"),
        (1e154, "nearly overflows"),
        (1e155, "the square overflows"),
        (np.inf, "The fault has only moved"),
        (5, "2 apart"),
    ],
}
RIGHT = FORMULA_RIGHT | TENSORFLOW_RIGHT | EXAMPLE_RIGHT | NUMPY_RIGHT
WRONG = FORMULA_WRONG | TENSORFLOW_WRONG | EXAMPLE_WRONG | NUMPY_WRONG
