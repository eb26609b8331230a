"""`python -m lrnlib.conformance`: print the report, or export the vectors."""

import argparse
import json
import sys

from lrnlib.conformance import FRAMEWORKS, PROPERTIES, export, run
from lrnlib.conformance.report import TIMEOUT

LEGEND = """\
A number is the largest relative error of a property's vectors. FAIL is a known failure of that
version, FAIL! a new one; ok? passes although it is a known failure; - is not offered, or not
reached because the framework stopped early."""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0 if every outcome is the expected one, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m lrnlib.conformance",
        description="Run every installed framework against LRN's test vectors.",
        epilog="The exit status is 0 if every outcome is the expected one, 1 if there is a new "
        "failure or a known failure passes, and 2 if the arguments are wrong.",
    )
    parser.add_argument(
        "--frameworks", metavar="A,B",
        help=f"only these, each of which must be installed: {', '.join(FRAMEWORKS)}, or "
        "module:Class for an adapter of your own",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=float, default=TIMEOUT, metavar="S",
        help="seconds that one framework may take (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print every outcome as JSON")
    parser.add_argument(
        "--export", metavar="DIR", help="write the vectors to this new folder instead"
    )
    options = parser.parse_args(arguments)
    named = None
    if options.frameworks is not None:
        named = [name.strip() for name in options.frameworks.split(",")]
    if options.export is not None:
        if options.json or named:
            parser.error("--export writes files alone, without --json and --frameworks")
        try:
            print(f"The vectors and their manifest are in {export(options.export)}")
        except OSError as error:
            parser.error(str(error))
        return 0
    try:
        report = run(named, options.timeout)
    except ValueError as error:
        parser.error(str(error))
    skipped = [row for row in report.rows if named and row.skip_reason]
    missing = [f"{row.framework}: {row.skip_reason}" for row in skipped]
    if options.json:
        print(json.dumps(report.to_json() | {"missing": missing}, indent=2, allow_nan=False))
    else:
        print(report, LEGEND, "", *(f"{name}: {text}" for name, text in PROPERTIES.items()),
              sep="\n")  # fmt: skip
        if report.unexpected or missing:
            print("\nNot expected:", *report.unexpected, *missing, sep="\n- ")
    return 1 if report.unexpected or missing else 0


if __name__ == "__main__":
    sys.exit(main())
