"""Every backend is a module with the same two functions."""

import importlib
import inspect

import pytest

from lrnlib.backends import numpy_backend


@pytest.mark.parametrize("name", ["forward", "gradient"])
def test_the_backends_have_one_signature(backend, name):
    """The arguments have the same names, in the same order."""
    module = importlib.import_module(f"lrnlib.backends.{backend}_backend")
    arguments = list(inspect.signature(getattr(module, name)).parameters)
    assert arguments == list(inspect.signature(getattr(numpy_backend, name)).parameters)
