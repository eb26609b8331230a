"""What the tests of the benchmarks share."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def _without_old_garbage():
    """Leave what earlier tests imported out of the collections that a benchmark asks for."""
    gc.freeze()
