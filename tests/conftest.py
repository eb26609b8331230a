"""What every test may use: the backends, and how many examples Hypothesis tries."""

import importlib
import os

import hypothesis
import pytest

import lrnlib
from tests.backends_under_test import BACKENDS, GPU, MISSING
from tests.library.fake_gpu.gpu_roundtrip import gpu_roundtrip
from tests.library.oracles.operations import FORWARD, GRADIENT

if "cupy" in BACKENDS and not GPU:
    from tests.library.fake_gpu import host_kernels

hypothesis.settings.register_profile("dev", max_examples=25, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=300, deadline=None, derandomize=True)
hypothesis.settings.register_profile(
    "mutants",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # found is enough
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")

lrnlib.lrn = lrnlib.local_response_normalization = gpu_roundtrip(lrnlib.lrn)
lrnlib.local_response_normalization_grad = gpu_roundtrip(lrnlib.local_response_normalization_grad)


def pytest_configure(config):
    """Compile CuPy's kernels for the host before xdist's workers start and wait for each other."""
    if getattr(config.option, "numprocesses", None) and "cupy" in BACKENDS and not GPU:
        host_kernels.compile_all()


def pytest_report_header():
    """Say which backends are tested, and on what."""
    place = "on a GPU" if GPU else "its kernels compiled for the host"
    tested = [f"cupy ({place})" if name == "cupy" else name for name in BACKENDS]
    return [f"backends: {', '.join(tested)}", *(f"NOT {k}: {why}" for k, why in MISSING.items())]


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """Each backend by name: one test body serves them all."""
    return request.param


@pytest.fixture(scope="session", params=[name for name in BACKENDS if name != "cupy"])
def host_backend(request):
    """The backends of NumPy arrays."""
    return request.param


@pytest.fixture(scope="session", params=[FORWARD, GRADIENT], ids=["forward", "gradient"])
def operation(request):
    """LRN and its gradient, which take the same arguments here."""
    return request.param


@pytest.fixture
def forbid_compute(monkeypatch):
    """Make the test fail if a backend is asked to compute."""

    def compute(*_):
        raise AssertionError("work began before the arguments were checked")

    for name in BACKENDS:
        module = importlib.import_module(f"lrnlib.backends.{name}_backend")
        monkeypatch.setattr(module, "forward", compute)
        monkeypatch.setattr(module, "gradient", compute)
