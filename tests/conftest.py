"""What every test may use: the backends, and how many examples Hypothesis tries."""

import importlib.util
import os

import hypothesis
import pytest

hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
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

NUMBA_IS_MISSING = (
    importlib.util.find_spec("lrnlib.backends.numba_backend") is not None
    and importlib.util.find_spec("numba") is None
)
HAS_NUMBA = importlib.util.find_spec("lrnlib.backends.numba_backend") and not NUMBA_IS_MISSING
BACKENDS = ("numpy", "numba") if HAS_NUMBA else ("numpy",)

if NUMBA_IS_MISSING and os.environ.get("CI"):
    raise pytest.UsageError("numba is not installed: its backend would go untested")


def pytest_report_header():
    """Say which backends are tested."""
    missing = "; numba is not installed: its backend is NOT tested" if NUMBA_IS_MISSING else ""
    return f"backends: {', '.join(BACKENDS)}{missing}"


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """Each backend by name: one test body serves them all."""
    return request.param
