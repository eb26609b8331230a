"""Does an LRN compute what it should? Test vectors with detection power, and a report.

``python -m lrnlib.conformance`` runs every installed framework against the vectors, and
``python -m lrnlib.conformance --export DIR`` writes them for implementers in any language.
"""

from lrnlib.conformance.adapters import FRAMEWORKS, Adapter, Unavailable
from lrnlib.conformance.checking import Outcome, check
from lrnlib.conformance.export import export
from lrnlib.conformance.faults import WRONG, Wrong
from lrnlib.conformance.report import Report, Row, run
from lrnlib.conformance.vector import PROPERTIES, Vector
from lrnlib.conformance.vectors import vectors

__all__ = [
    "FRAMEWORKS",
    "PROPERTIES",
    "WRONG",
    "Adapter",
    "Outcome",
    "Report",
    "Row",
    "Unavailable",
    "Vector",
    "Wrong",
    "check",
    "export",
    "run",
    "vectors",
]
