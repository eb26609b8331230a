"""Every module has one name, and no test imports another test or a conftest."""

import ast

import pytest

from tools.repository import ROOT

PACKAGES = ("benchmarks", "tests", "tools")
FILES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "node_modules" not in path.parts
]
INNER = {name for path in FILES for name in (path.stem, path.parent.name)} - {*PACKAGES}


def imports(source):
    """The full name of everything that the source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def problems(source):
    for name in imports(source):
        parts = name.split(".")
        if parts[0] in INNER - {"conftest"}:
            yield f"import {name} by its full name, which begins with its package"
        if any(part == "conftest" or part.startswith("test_") for part in parts):
            yield f"move what is shared from {name} to a module that is not a test"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_imported_by_their_one_name(path):
    """Every folder is a package, so a module's full name is its path."""
    assert (path.parent / "__init__.py").exists()
    assert list(problems(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    ["import gpu", "from notebooks import rules", "from conftest import x",
     "from tests.repo import test_address", "from tests.repo.test_address import x"],
)  # fmt: skip
def test_another_import_is_found(source):
    """A module by a second name, a conftest, another test."""
    assert len(list(problems(source))) == 1
