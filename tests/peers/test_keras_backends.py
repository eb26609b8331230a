"""The tests of the Keras layer pass on Keras's other backends, each in a process of its own."""

import os
import subprocess
import sys

import pytest

from tools.repository import ROOT


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backend(backend):
    if not os.environ.get("LRNLIB_REQUIRE_PEERS"):
        pytest.importorskip(backend)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    run = subprocess.run(
        [*command, "tests/peers/test_keras.py"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]
