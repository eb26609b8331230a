"""Importing lrnlib imports NumPy and no other library, and shows the public names alone."""

import os
import subprocess
import sys
import types
from importlib import resources

import lrnlib
from tools.repository import ROOT

HEAVY = ("tensorflow", "torch", "matplotlib", "cupy", "numba", "dask", "scipy", "pandas")


def heavy_after(code, *folders):
    """Which of the heavy libraries a fresh interpreter has imported after running `code`."""
    path = os.pathsep.join(map(str, (*folders, ROOT)))
    show = f"import sys; print(*(set({HEAVY!r}) & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{show}"],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_import_is_light():
    """Neither the import nor a call imports a heavy library."""
    code = "import lrnlib, numpy; lrnlib.lrn(numpy.ones(3)); lrnlib.explain(numpy.ones(3), (0,))"
    assert heavy_after("import lrnlib") == set()
    assert heavy_after(code) == set()


def test_the_exercises_are_light_and_not_imported_unasked():
    """`lrnlib.book.exercises` imports nothing heavy, and lrnlib does not import it."""
    assert heavy_after("import lrnlib.book.exercises") == set()
    unasked = 'import lrnlib, sys; assert "lrnlib.book.exercises" not in sys.modules'
    assert heavy_after(unasked) == set()


def test_the_check_can_fail(tmp_path):
    """The check above sees a library of one of those names, if one is imported."""
    (tmp_path / "dask.py").write_text("")
    assert heavy_after("import lrnlib, dask", tmp_path) == {"dask"}


def test_all_is_every_public_name():
    """`__all__` lists the names without underscore that are no modules, in order."""
    names = [
        name
        for name, value in vars(lrnlib).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    ]
    assert sorted(names) == lrnlib.__all__


def test_the_types_are_shipped():
    """py.typed tells type checkers to read the annotations."""
    assert resources.files(lrnlib).joinpath("py.typed").is_file()
