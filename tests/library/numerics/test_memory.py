"""The temporary memory of a call is small, whatever the size of the input."""

import tracemalloc

import numpy as np
import pytest

MIB = 2**20
LIMITS = {"numpy": 4 * MIB, "numba": MIB}
COPIED = 4 * MIB  # by either, where Numba must copy: what is of a half type or not contiguous
SHAPE = 16, 32, 32, 128  # 2 Mi elements
LAYOUTS = {
    "contiguous": lambda shape, dtype: np.ones(shape, dtype),
    "transposed": lambda shape, dtype: np.moveaxis(np.ones((32, 32, 128, 16), dtype), -1, 0),
    "fortran": lambda shape, dtype: np.ones(shape, dtype, order="F"),
}


def temporary_memory(operation, x, depth_radius=2, **others):
    """Return the peak of allocated bytes, without those of the result."""
    parameters = depth_radius, 2.0, 0.5, 0.75
    operation(x[:1, :1], x[:1, :1], *parameters, **others)  # imports and compiles
    tracemalloc.start()
    try:
        y = operation(x, x, *parameters, **others)
        return tracemalloc.get_traced_memory()[1] - y.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_temporaries_are_small(operation, host_backend, layout, dtype):
    """Arrays of 4, 8 or 16 MiB need little memory beyond the result."""
    x = LAYOUTS[layout](SHAPE, dtype)
    axis = 1 if layout == "fortran" else -1
    peak = temporary_memory(operation, x, axis=axis, backend=host_backend)
    is_copied = layout != "contiguous" or dtype == np.float16
    assert peak <= (COPIED if is_copied else LIMITS[host_backend])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_temporaries_are_small_where_every_value_is_out_of_range(operation, host_backend, dtype):
    """The fallback needs more memory for each value, so it computes few at once."""
    x = np.full((64, 32, 128), float(np.finfo(dtype).max) / 4, dtype)
    peak = temporary_memory(operation, x, backend=host_backend)
    assert peak <= LIMITS[host_backend]


def test_one_long_axis(operation, host_backend):
    """A window across many channels needs no more memory than a narrow one."""
    x = np.ones((128, 4096), np.float32)
    for r in (64, 10**6):
        peak = temporary_memory(operation, x, r, backend=host_backend)
        assert peak <= LIMITS[host_backend]


def test_a_full_size_temporary_is_detected():
    """The measurement counts what NumPy allocates."""
    x = np.ones(SHAPE, np.float32)
    peak = temporary_memory(lambda dy, x, *_: np.sqrt(x * dy), x)
    assert peak >= x.nbytes > LIMITS["numpy"]
