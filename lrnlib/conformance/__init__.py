"""Test whether an implementation of LRN is right: test vectors, and a report on frameworks.

``python -m lrnlib.conformance`` runs every installed framework against the vectors, and
``python -m lrnlib.conformance --export DIR`` writes them for implementers in any language.
"""

from lrnlib.conformance.adapters import FRAMEWORKS, Adapter, Unavailable
from lrnlib.conformance.comparison import Outcome, check
from lrnlib.conformance.export import export
from lrnlib.conformance.faults import FAULTS, Fault
from lrnlib.conformance.report import Report, run
from lrnlib.conformance.row import Row
from lrnlib.conformance.vector import PROPERTIES, Vector
from lrnlib.conformance.vectors import vectors

__all__ = [
    "FAULTS",
    "FRAMEWORKS",
    "PROPERTIES",
    "Adapter",
    "Fault",
    "Outcome",
    "Report",
    "Row",
    "Unavailable",
    "Vector",
    "check",
    "export",
    "run",
    "vectors",
]
