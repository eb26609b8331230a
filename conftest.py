"""How nbval compares a chapter's outputs, and which chapters and cells can run here."""

import os

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tools import gpu
from tools.notebooks import nbval_comparison, optional_frameworks
from tools.notebooks.gpu_cells import needs_gpu

IPyNbCell.sanitize = nbval_comparison.sanitize
IPyNbCell.compare_outputs = nbval_comparison.compare_outputs

NO_GPU = gpu.missing()  # before the tests import a fake CuPy


def pytest_collectstart(collector):
    """Compare figures, but not stderr: TensorFlow's logs name the processor and the time."""
    if isinstance(collector, IPyNbFile):
        kept = tuple(key for key in collector.skip_compare if key != "image/png")
        collector.skip_compare = (*kept, "stderr")


def pytest_itemcollected(item):
    """Skip the cells of a chapter that lacks a framework, and GPU cells where there is no GPU.

    With a GPU, they run like all others. nbval runs a cell without an execution count, which no
    GPU has run before, and compares nothing.
    """
    if not isinstance(item, IPyNbCell):
        return
    if reason := optional_frameworks.missing(item.parent.nb):
        skip_or_fail(item, f"{item.path.name} {reason}", "LRNLIB_REQUIRE_PEERS")
    elif NO_GPU and needs_gpu(item.cell):
        skip_or_fail(item, f"{item.name} needs a GPU: {NO_GPU}", "LRNLIB_REQUIRE_GPU")


def skip_or_fail(item, reason, variable):
    """Fail if the environment variable requires what is missing; skip otherwise."""
    if os.environ.get(variable):
        item.runtest = lambda: item.raise_cell_error(reason)
    else:
        item.add_marker(pytest.mark.skip(reason=reason))


# They take longest, so they start first. What is left are many short tests, which fill the gaps.
LONGEST = ("tests/library/backends/test_nvrtc.py", "chapters/", "tests/book/")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Spread the tests over the workers of `--dist=loadgroup`, those that take longest first.

    The cells of a notebook stay together, and so do the tests that share a fixture of their
    module; otherwise each test function with all its parameters is a group.
    """
    for item in items:
        if isinstance(item, IPyNbCell) or shares_a_fixture(item):
            group = item.nodeid.partition("::")[0]
        else:
            group = item.nodeid.partition("[")[0]
        item.add_marker(pytest.mark.xdist_group(group))
    yield
    items.sort(key=lambda item: [item.nodeid.startswith(path) for path in LONGEST], reverse=True)


def shares_a_fixture(item):
    """Whether the test uses a fixture that lives as long as its module."""
    fixtures = getattr(item, "_fixtureinfo", None)
    definitions = fixtures.name2fixturedefs.values() if fixtures else ()
    return any(each.scope == "module" for fixture in definitions for each in fixture)
