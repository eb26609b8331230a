"""Importing lrnlib imports only NumPy and exposes only the public names."""

import importlib
import sys
import types
from importlib import resources

import pytest

import lrnlib
from tests.fresh_interpreter import heavy_after


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


@pytest.mark.parametrize("keras", [None, types.ModuleType("keras")], ids=["missing", "old"])
def test_without_keras_3_the_layer_says_what_to_install(monkeypatch, keras):
    """Keras 2 has no `keras.ops`."""
    monkeypatch.delitem(sys.modules, "lrnlib.keras", raising=False)
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.delitem(sys.modules, "keras.ops", raising=False)  # of another test's Keras
    message = r"^lrnlib\.keras needs Keras 3 .*: pip install keras tensorflow$"
    with pytest.raises(ImportError, match=message):
        importlib.import_module("lrnlib.keras")


@pytest.mark.parametrize("torch", [None, types.ModuleType("torch")], ids=["missing", "old"])
def test_without_pytorch_the_layer_says_what_to_install(monkeypatch, torch):
    """One before 2.5 has no `torch.library.register_vmap`."""
    for name in ("lrnlib.torch", "lrnlib._torch_operators", "torch.library"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "torch", torch)
    message = r"^lrnlib\.torch needs PyTorch 2\.5 or newer: pip install torch$"
    with pytest.raises(ImportError, match=message):
        importlib.import_module("lrnlib.torch")


def test_the_check_can_fail(tmp_path):
    """An import of a heavy library is found."""
    (tmp_path / "dask.py").write_text("")
    assert heavy_after("import lrnlib, dask", tmp_path) == {"dask"}


def test_all_is_every_public_name():
    """`__all__` lists, in order, the names without underscore, except modules."""
    names = [
        name
        for name, value in vars(lrnlib).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    ]
    assert sorted(names) == lrnlib.__all__


def test_the_types_are_shipped():
    """py.typed makes type checkers read the annotations."""
    assert resources.files(lrnlib).joinpath("py.typed").is_file()
