"""One row of the report: a framework with its outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lrnlib.conformance import known_failures
from lrnlib.conformance.comparison import Outcome
from lrnlib.conformance.vectors import vectors


@dataclass(frozen=True)
class Row:
    """The outcomes of one framework.

    Attributes
    ----------
    framework, version, call : str
        Its name in the report, its package's version, and the function that is called.
    outcomes : dict of str to Outcome
        By the name of the vector; vectors of unsupported dtypes are missing.
    skip_reason : str
        Why it was not run; empty if it was.
    failure : str
        How it crashed or hung; empty if it ran to its end.
    """

    framework: str
    version: str
    call: str
    outcomes: Mapping[str, Outcome]
    skip_reason: str = ""
    failure: str = ""

    def of(self, property: str) -> list[Outcome]:
        """Return the outcomes of one property's vectors."""
        names = [vector.name for vector in vectors() if vector.property == property]
        return [self.outcomes[name] for name in names if name in self.outcomes]

    @cached_property
    def failing(self) -> list[Outcome]:
        """The outcomes that failed, in the order of the vectors."""
        return [outcome for outcome in self.outcomes.values() if not outcome.passed]

    @property
    def first(self) -> str:
        """The first vector that failed, or how the framework crashed or hung."""
        return self.failure or (self.failing[0].name if self.failing else "")

    def reason(self, outcome: Outcome) -> str:
        """Return why the vector is known to fail; empty if it is not."""
        return known_failures.reason(self.framework, self.version, outcome.name)

    @property
    def unexpected(self) -> list[str]:
        """New failures, and known failures that passed, one line each."""
        title = f"{self.framework} {self.version}".rstrip()
        found = [f"{title}: {self.failure}"] if self.failure else []
        for outcome in self.outcomes.values():
            why = self.reason(outcome)
            if not outcome.passed and not why and outcome.detail != self.failure:
                found.append(f"{title}: {outcome.name} fails: {outcome.detail}")
            if outcome.passed and why:
                found.append(f"{title}: {outcome.name} passes, and is listed as failing: {why}")
        return found
