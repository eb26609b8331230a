"""LRNLIB_NUM_THREADS is a positive integer; anything else is an error before any work."""

import re

import numpy as np
import pytest

import lrnlib
from lrnlib.backends import _threads


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "two", " ", "²", "9" * 5000])
def test_other_values_are_an_error(host_backend, monkeypatch, value):
    """The message names the variable and the value; `out` is unchanged."""
    monkeypatch.setenv("LRNLIB_NUM_THREADS", value)
    x, out = np.ones((2, 3)), np.full((2, 3), 7.0)
    message = f"LRNLIB_NUM_THREADS must be a positive integer or unset, got {value!r}"
    for f, args in ((lrnlib.lrn, [x]), (lrnlib.local_response_normalization_grad, [x, x])):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            f(*args, out=out, backend=host_backend)
    np.testing.assert_array_equal(out, 7)


def test_positive_integers_and_unset(monkeypatch):
    """A positive integer is used; an empty string counts as unset."""
    monkeypatch.delenv("LRNLIB_NUM_THREADS", raising=False)
    unset = _threads.available()
    for value, count in (("3", 3), ("", unset)):
        monkeypatch.setenv("LRNLIB_NUM_THREADS", value)
        assert _threads.available() == count >= 1
