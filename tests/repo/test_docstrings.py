"""Every public docstring is complete numpydoc."""

import sys

import pytest
from numpydoc.validate import ERROR_MSGS, validate
from sphinx.ext.autodoc.mock import mock

import lrnlib
from lrnlib import conformance
from lrnlib.book import exercises

IGNORED = {"SA01": "See Also would repeat the contents of a page with a few names"}
RECORD = {
    "PR01": "made by the library, not called: its fields are documented as attributes",
    "EX01": "the example is that of the function that makes it",
    "ES01": "its fields say the rest",
}
CHECK = {
    "RT01": "each returns a Verdict",
    "SS03": "the summary is a question",
    "EX01": "its example is an exercise",
    "ES01": "the exercise says the rest",
}
IGNORED_OF = {
    **{f"lrnlib.book.exercises.{name}": CHECK for name in exercises.__all__},
    "lrnlib.book.exercises.Verdict": RECORD,
    "lrnlib.Explanation": RECORD,
    "lrnlib.Explorer": RECORD,
    **{f"lrnlib.conformance.{name}": RECORD for name in (
        "Outcome", "Report", "Row", "Vector", "Fault", "Unavailable",
    )},
}  # fmt: skip
NAMES = [
    *(f"lrnlib.{name}" for name in lrnlib.__all__ if name != "lrn"),
    *(
        f"lrnlib.Parameters.{name}"
        for name in (
            "from_framework",
            "to_framework",
            "from_onnx_model",
            "from_caffe_prototxt",
        )
    ),
    *(f"lrnlib.conformance.{name}" for name in conformance.__all__ if not name.isupper()),
    *(f"lrnlib.book.exercises.{name}" for name in exercises.__all__),
]


def test_every_ignored_check_exists():
    """The list of exceptions names checks of numpydoc's, of names that are public."""
    assert set(IGNORED).union(*IGNORED_OF.values()) <= set(ERROR_MSGS)
    assert set(IGNORED_OF) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_docstring_is_numpydoc(name):
    ignored = IGNORED | IGNORED_OF.get(name, {})
    assert [error for error in validate(name)["errors"] if error[0] not in ignored] == []


@pytest.mark.parametrize("name", ["local_response_norm", "LocalResponseNorm"])
def test_docstring_of_the_pytorch_layer_is_numpydoc(monkeypatch, name):
    """As the book's build reads it, without PyTorch."""
    for module in ("lrnlib.torch", "lrnlib._torch_operators"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with mock(["torch"]):
        errors = validate(f"lrnlib.torch.{name}")["errors"]
    assert [code for code, _ in errors if code not in IGNORED] == []
    for module in ("lrnlib.torch", "lrnlib._torch_operators"):
        del sys.modules[module]
