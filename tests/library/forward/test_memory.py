"""The temporary memory of a call is small, whatever the size of the input."""

import tracemalloc

import numpy as np
import pytest

import lrnlib

MIB = 2**20
LIMITS = {"numpy": 4 * MIB, "numba": MIB}
SHAPE = 16, 32, 32, 128  # 2 Mi elements
LAYOUTS = {
    "contiguous": lambda shape, dtype: np.ones(shape, dtype),
    "transposed": lambda shape, dtype: np.moveaxis(np.ones((32, 32, 128, 16), dtype), -1, 0),
    "fortran": lambda shape, dtype: np.ones(shape, dtype, order="F"),
}
CALLS = {
    "forward": lambda x, r=2, **others: lrnlib.lrn(x, r, 2.0, 0.5, 0.75, **others),
    "gradient": lambda x, r=2, **others: lrnlib.local_response_normalization_grad(
        x, x, r, 2.0, 0.5, 0.75, **others
    ),
}


def temporary_memory(call, x, **others):
    """Return the peak of allocated bytes, without those of the result."""
    call(x[:1, :1], **others)  # imports and compiles
    tracemalloc.start()
    try:
        y = call(x, **others)
        return tracemalloc.get_traced_memory()[1] - y.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CALLS)
def test_temporaries_are_small(host_backend, name, layout, dtype):
    """Arrays of 4, 8 or 16 MiB need little memory beyond the result."""
    x = LAYOUTS[layout](SHAPE, dtype)
    axis = 1 if layout == "fortran" else -1
    peak = temporary_memory(CALLS[name], x, axis=axis, backend=host_backend)
    assert peak <= LIMITS[host_backend]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_temporaries_are_small_where_every_value_is_out_of_range(host_backend, dtype, name):
    """The fallback needs more memory for each value, so it computes few at once."""
    x = np.full((64, 32, 128), float(np.finfo(dtype).max) / 4, dtype)
    peak = temporary_memory(CALLS[name], x, backend=host_backend)
    assert peak <= LIMITS[host_backend]


@pytest.mark.parametrize("name", CALLS)
def test_one_long_axis(host_backend, name):
    """A window across many channels needs no more memory than a narrow one."""
    x = np.ones((128, 4096), np.float32)
    for r in (64, 10**6):
        peak = temporary_memory(CALLS[name], x, r=r, backend=host_backend)
        assert peak <= LIMITS[host_backend]


def test_a_full_size_temporary_is_detected():
    """The measurement counts what NumPy allocates."""
    x = np.ones(SHAPE, np.float32)
    peak = temporary_memory(lambda x: np.sqrt(x * x), x)
    assert peak >= x.nbytes > LIMITS["numpy"]
