"""The advice of an error message, followed to the letter."""

import ast
import re

import numpy as np
import pytest


def followed(call, x, message, name="x", **modules):
    """Fail unless a call is a TypeError of one line that says `message`; follow its advice.

    Return what each expression in it makes of `x`, which it calls by `name`. It may use NumPy
    and the modules that are given.
    """
    with pytest.raises(TypeError, match=re.escape(message)) as caught:
        call(x)
    text = str(caught.value)
    assert "\n" not in text
    found = expressions(text.rpartition("; ")[2], name)
    assert found, text
    return [eval(code, {name: x, "numpy": np, **modules}) for code in found]


def expressions(text, name):
    """Return the longest parts of a text that are expressions of Python's in that name."""
    words, found, k = text.split(), [], 0
    while k < len(words):
        for end in range(len(words), k, -1):
            code = " ".join(words[k:end]).removesuffix(",")
            if _uses(code, name):
                found.append(code)
                k = end - 1
                break
        k += 1
    return found


def _uses(code, name):
    try:
        tree = ast.parse(code, mode="eval").body
    except SyntaxError:
        return False
    if isinstance(tree, ast.Name | ast.BoolOp | ast.Tuple):  # words between two expressions
        return False
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))
