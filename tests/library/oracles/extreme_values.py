"""Hypothesis strategies for values and parameters from all of a dtype's range."""

import numpy as np
from hypothesis import strategies as st
from ml_dtypes import finfo

from tests.library.oracles.strategies import DTYPES

BETAS = st.sampled_from((-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 2.0)) | st.floats(-3, 4)
FLOAT64 = st.floats(min_value=0, allow_infinity=False, allow_nan=False)


@st.composite
def extreme_pairs(draw):
    """Draw x and dy, rows of one length and dtype, with values from its whole range."""
    dtype = draw(st.sampled_from(DTYPES))
    info = finfo(dtype)
    low, high = info.minexp - info.nmant, info.maxexp - 1  # subnormal numbers too
    channels = draw(st.integers(1, 9))
    size = st.integers(-(2**info.nmant), 2**info.nmant).map(lambda k: k / 2**info.nmant)
    pair = []
    for _ in range(2):
        ends = draw(st.lists(st.integers(low, high), min_size=2, max_size=2).map(sorted))
        exponents = draw(st.lists(st.integers(*ends), min_size=channels, max_size=channels))
        pair.append(np.array([np.ldexp(draw(size), e) for e in exponents], dtype))
    return pair


@st.composite
def magnitudes(draw):
    """Draw a number >= 0 from anywhere in float64's range, often 0, 1 or near it."""
    common = st.sampled_from((0.0, 1.0, 2.0, 1e-4))
    return draw(common | st.floats(2**-9, 2**9) | FLOAT64)
