"""Every public docstring is complete numpydoc."""

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import lrnlib

IGNORED = {"SA01": "See Also would repeat the contents of a page with four names"}
IGNORED_OF = {
    "Explanation": {
        "PR01": "made by `explain`, not called: its fields are documented as attributes",
        "EX01": "the example is that of `explain`",
    }
}
NAMES = [name for name in lrnlib.__all__ if name != "lrn"]


def test_every_ignored_check_exists():
    """The list of exceptions names checks of numpydoc's."""
    assert set(IGNORED).union(*IGNORED_OF.values()) <= set(ERROR_MSGS)


@pytest.mark.parametrize("name", NAMES)
def test_docstring_is_numpydoc(name):
    """Every check of numpydoc's passes but those listed with a reason."""
    errors = validate(f"lrnlib.{name}")["errors"]
    ignored = IGNORED | IGNORED_OF.get(name, {})
    assert [error for error in errors if error[0] not in ignored] == []
