"""An exercise with the answers that its check is tried on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Exercise(NamedTuple):
    """What a check must call right, and what it must say of each typical wrong answer."""

    check: Callable[..., Any]
    right: Sequence[Any]
    wrong: Mapping[str, Any] | Sequence[tuple[Any, str]]  # answers, and a part of what each is told
    spread: bool = False  # whether an answer is several arguments

    def mistakes(self) -> list[tuple[Any, str]]:
        """Each wrong answer with a part of the message that it gets."""
        if isinstance(self.wrong, Mapping):
            return [(answer, part) for part, answer in self.wrong.items()]
        return list(self.wrong)

    def __call__(self, answer):
        return self.check(*answer) if self.spread else self.check(answer)
