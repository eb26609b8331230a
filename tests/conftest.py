"""What every test may use: the backends, and how many examples Hypothesis tries."""

import os

import hypothesis
import pytest

BACKENDS = ("numpy",)

hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=300, deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request):
    """Each backend by name: one test body serves them all."""
    return request.param
