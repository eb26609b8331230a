"""How nbval compares a chapter's outputs, and which chapters and cells can run here."""

import gc
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


# They take longest, so they start first, in this order; many short ones fill the gaps in the end.
LONGEST = (
    "chapters/in_a_network.ipynb",
    "tests/library/backends/test_nvrtc.py",
    "chapters/",
    "tests/book/notebooks/",
    "tests/book/",
    "tests/peers/",
    "tests/benchmarks/",
)
TENSORFLOW = ("tests/peers/", "tests/benchmarks/test_training.py")  # one worker imports it
INDEPENDENT = ("tests/library/", "tests/repo/")  # their tests share no fixture of their module


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put those that take longest in front: xdist hands groups out in this order."""
    items.sort(key=lambda item: [item.nodeid.startswith(path) for path in LONGEST], reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Leave the thousands of tests out of all garbage collections, which they slow down."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For `--dist=loadgroup`: a notebook or a file is a group, but independent tests are spread.

    Marks would do without this, but xdist 3.8 loses them with pytest 9.2.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith(TENSORFLOW):
                return "TensorFlow"
            return nodeid.partition("[" if nodeid.startswith(INDEPENDENT) else "::")[0]

    config.option.loadscopereorder = False  # it would order groups by their number of tests
    return Groups(config, log)
