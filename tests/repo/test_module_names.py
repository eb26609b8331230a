"""No test imports another test or a conftest. ruff sees that every folder is a package."""

import ast
import re

import pytest

from tools.repository import ROOT

FILES = [
    path
    for folder in ("benchmarks", "tests", "tools")
    for path in ROOT.glob(f"{folder}/**/*.py")
    if "node_modules" not in path.parts
]


def problems(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = f"{getattr(node, 'module', '')}.{alias.name}"
                if re.search(r"\b(conftest|test_)", name):
                    yield f"move what is shared from {name} to a module that is not a test"


def test_what_tests_share_is_in_modules_of_its_own():
    found = {path: list(problems(path.read_text(encoding="utf-8"))) for path in FILES}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    ["from conftest import x", "import tests.conftest", "from tests.repo import test_address",
     "from tests.repo.test_address import x"],
)  # fmt: skip
def test_another_import_is_found(source):
    assert len(list(problems(source))) == 1
