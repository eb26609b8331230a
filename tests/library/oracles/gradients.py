"""The gradient's comparisons, by the names under which the tests of the backends import them."""

from tests.library.oracles.operations import GRADIENT

assert_agrees, assert_exact = GRADIENT.assert_agrees, GRADIENT.assert_exact
