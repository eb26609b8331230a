"""An exercise with the answers that its check is tried on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Exercise(NamedTuple):
    """What a check must call right, and what it must say of each typical wrong answer."""

    check: Callable[..., Any]
    right: Sequence[Any]
    wrong: Mapping[str, Any]  # a part of the message: the answer that gets it
    spread: bool = False  # whether an answer is several arguments

    def __call__(self, answer):
        return self.check(*answer) if self.spread else self.check(answer)
