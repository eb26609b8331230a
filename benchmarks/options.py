"""The options of both benchmarks, and the writing of a record."""

import argparse
from pathlib import Path

from benchmarks.printing import as_json

RESULTS = Path(__file__).resolve().parent.parent / "lrnlib/book/records"


def parser(program, sections, subjects, quick):
    """A parser of the options that both have; a name that is none is an error."""
    module, short = program
    options = argparse.ArgumentParser(prog=module, description=short)
    options.add_argument("--only", type=named(sections), default=sections, metavar="SECTION,…")
    options.add_argument("--subjects", type=named(subjects), default=None, metavar="NAME,…")
    options.add_argument("--quick", action="store_true", help=quick)
    options.add_argument("--output", type=Path, help="the file of the record")
    return options


def settled(options, sections, subjects):
    """The options, and whether they ask for everything, of which a record is kept."""
    options.whole = not options.quick and options.only == sections and options.subjects is None
    options.subjects = options.subjects or tuple(subjects)
    return options


def named(allowed):
    """A parser of names with commas between them."""

    def split(text):
        names = tuple(text.split(","))
        if unknown := [name for name in names if name not in allowed]:
            raise argparse.ArgumentTypeError(
                f"{', '.join(map(repr, unknown))} is none of {', '.join(allowed)}"
            )
        return names

    return split


def write(record, options, name):
    """Write the record where the options say, or under its name if it is a whole one."""
    path = options.output or (RESULTS / name if options.whole else None)
    if path is None:
        print("No record is written of a part or a quick run; --output names a file for it.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(record), encoding="utf-8")
    print(f"The record: {path}")
