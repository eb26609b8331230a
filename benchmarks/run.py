"""Times LRN: lrnlib beside other libraries and a copy, on a CPU or a GPU, and its two layers.

`make bench` and `make gpu` measure everything and write a record to lrnlib/book/records,
cpu-, keras- or torch-DATE-CORES-cores.json, or gpu-DATE-DEVICE.json:

``kind``, ``date``, ``quick``, ``seconds``
    "cpu", "keras", "torch" or "gpu"; the day of the run; whether it was a short one, of no use as a
    record; how long it took.
``machine``, ``versions``
    Processor, cores, caches, memory, system; Python, lrnlib and the libraries.
``implementations``, ``left_out``
    What each name measures, and those that could not be measured, with the reason.
``rows``
    Times, a row for each case and implementation. ``kind`` is "forward" or "gradient", on a CPU
    also one of the sweeps "channels" and "radius"; "limit", whose arrays lie inside or outside the
    last-level cache; or "relu" and "relu gradient", whose data are 0 where they would be negative,
    so that there are windows of zeros, with a bias of 0 or 1; ``name``, ``shape``, ``axis``,
    ``depth_radius``, ``beta`` and ``dtype`` say which call, ``implementation`` whose. The data are
    normal, bias is 2, and alpha 2 (1 for a bias of 0 or 1) over the window's size, so that the sum
    counts as much as the bias. ``status`` is "timed"; or "wrong", when ``error_ulp``, the largest
    error against lrnlib.reference in ulp of the dtype, is beyond 256, or 24 for half types; or
    "left out", with a ``reason``. Gradients count their error in ulp of the sum of the absolute
    values of their terms, and 1e9 stands for NaN. Those of kind "keras" and "torch" are timed with
    the forward pass. A row that was timed has ``rounds``, ``median_ms``, ``q1_ms``, ``q3_ms`` and
    ``ns_per_element``.
``accuracy``
    ``error_ulp``: the largest error of all ``values``, against the formula in float64.
``targets``
    ``what``, ``measured``, ``target``, ``met`` (null: not measured).

On a CPU a row that was timed also has ``ratio_to_copy``, ``ratio_to_fused_c`` and
``ratio_to_tensorflow`` (of medians), and except for the copies ``bound_ms``, the time of the
bytes that must move (8 an element; for a gradient 12) at the bandwidth of the row
"copy_threads", and ``achieved_over_bound``, the bound over the median. All rows of a case are
measured in the same rounds. "copy" is a copy by one thread, "copy_threads" by as many as lrnlib
has; "fused_c" is benchmarks/fused.c on as many. A ratio is missing where what it compares with
was not timed. The record of a CPU has in addition:

``memory``
    Temporaries of one call beyond its result: ``resident_mib`` by what the process had in
    memory at the peak, which the system counts to some 0.3 MiB, and for lrnlib on NumPy
    ``allocated_mib`` by tracemalloc; ``input_mib`` is the size of `x`. Gradients of torch have
    their saved tensors before they begin, those of torch_both make them.
``import``
    ``numpy_ms``, ``lrnlib_ms`` and their ``ratio``, each in a fresh interpreter.
``first_call``
    ``seconds`` of the first call with Numba, compiled anew, in a fresh interpreter.
``steps``
    Nanoseconds an element, on one thread, of each step of chapter numpy_backend.

On a GPU a row that was timed also has ``calls``, how many of them went between two events;
``buffers``, how many sets of arrays took turns, which together are larger than twice the L2
cache; ``queued``, whether the host had queued all calls before the GPU, which was held
meanwhile, began the first (null for JAX, whose stream cannot be held); ``host_ms``, the median
of the host's time until a call returned, where the other times are the GPU's; ``gb_per_s``, by
the bytes that must move: twice the result's, and for a gradient three times; and
``share_of_copy``, that over the copy's own. The record of a GPU has in addition:

``gpu``
    Its name, compute capability, multiprocessors, memory and cache, its driver, the CUDA
    version of the driver, of the runtime and of the compiler.
``commit``, ``changed``, ``lrn.cu``
    The commit, whether files differed from it ("unknown" and null: there was no git to ask),
    and the sha256 of the kernels.
``tests``
    How many tests on the GPU ``passed`` and were ``skipped`` before; null if none were run.
"""

import argparse
import datetime
import inspect
import re
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

from benchmarks import machine
from benchmarks.implementations import cudnn, fused
from benchmarks.sections import IMPLEMENTATIONS, MEASURES, PARTICIPANTS, SECTIONS
from benchmarks.start_time import first_call_times, import_times
from benchmarks.steps import step_times
from benchmarks.tables import as_json, print_rows
from benchmarks.targets import targets
from benchmarks.timing import Cpu, Gpu, time_case
from benchmarks.worker import ImplementationError, Session, Worker
from lrnlib.book import records

ONE_IMAGE = "one image instead of a batch, three rounds"
QUICK = {
    "cpu": ONE_IMAGE,
    "keras": ONE_IMAGE,
    "torch": ONE_IMAGE,
    "gpu": "the first and the last case of each section, three rounds",
}


def main(arguments=None):
    """Measure, print, and write the record."""
    options = parse(arguments)
    record = measure(options, Gpu() if options.kind == "gpu" else Cpu())
    if options.quick:
        print(f"\nA quick run: {QUICK[options.kind]}. It cannot tell whether targets are met.")
    print_rows("Targets", record["targets"], "what")
    print(f"{record['seconds']} s")
    write(record, options)


def parse(arguments):
    """The options; an unknown name is an error that lists the known ones."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in SECTIONS:
        options = kinds.add_parser(kind)
        for name, known in (("only", SECTIONS), ("implementations", IMPLEMENTATIONS)):
            everything = ",".join(known[kind])
            options.add_argument(f"--{name}", default=everything, help=everything, metavar="NAME,…")
        options.add_argument("--quick", action="store_true", help=QUICK[kind])
        options.add_argument("--output", type=Path, help="the file of the record")
        options.add_argument("--tests", type=_test_counts, help="pytest's report, as JUnit's XML")
    options = parser.parse_args(arguments)
    options.is_complete = not options.quick
    for option, known in (("only", SECTIONS), ("implementations", IMPLEMENTATIONS)):
        names, known = getattr(options, option).split(","), known[options.kind]
        if unknown := [repr(name) for name in names if name not in known]:
            parser.error(f"--{option}: {', '.join(unknown)} is none of {', '.join(known)}")
        setattr(options, option, names)
        options.is_complete &= names == [*known]
    return options


def _test_counts(report):
    """How many tests passed and were skipped; after a failure there is nothing to record."""
    suites = list(ElementTree.parse(report).iter("testsuite"))
    tests, failed, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    if failed or errors:
        raise argparse.ArgumentTypeError(f"{report} reports tests that failed")
    return {"passed": tests - skipped, "skipped": skipped}


def measure(options, device):
    """The record of all the sections requested."""
    start, is_gpu = time.perf_counter(), options.kind == "gpu"
    chosen = {name: IMPLEMENTATIONS[options.kind][name] for name in options.implementations}
    record = {
        "kind": options.kind,
        "date": datetime.date.today().isoformat(),
        "quick": options.quick,
        "seconds": None,
        "machine": machine.machine(),
        "versions": machine.versions(),
        "implementations": {name: inspect.getdoc(each) for name, each in chosen.items()},
    }
    if is_gpu:
        record |= machine.gpu() | {"tests": options.tests}
    sessions, record["left_out"] = start_sessions(chosen, Session if is_gpu else Worker)
    try:
        record |= _tables(options, sessions, device)
    finally:
        for session in sessions.values():
            session.close()
    if is_gpu:
        record["versions"]["cudnn"] = cudnn.version()  # of what the implementations have loaded
    elif options.kind == "cpu":
        record["import"] = import_times() if "import" in options.only else {}
        record["first_call"] = first_call_times() if "first_call" in options.only else {}
        record["steps"] = step_times() if "steps" in options.only else {}
        record["versions"]["c_compiler"] = fused.version()
    record["targets"] = targets(record)
    record["seconds"] = round(time.perf_counter() - start)
    return record


def start_sessions(implementations, new_session):
    """A session of each implementation that can be imported; those left out with the reason."""
    sessions, left_out = {}, []
    for name, implementation in implementations.items():
        session = new_session(implementation)
        try:
            session.request("start")
            sessions[name] = session
        except ImplementationError as reason:
            session.close()
            left_out.append({"implementation": name, "reason": str(reason)})
            print(f"left out: {name} ({reason})", file=sys.stderr)
    return sessions, left_out


def _tables(options, sessions, device):
    """The rows of each table of the record, printed as they come."""
    tables = {"rows": []}
    for section, all_cases in SECTIONS[options.kind].items():
        table = tables.setdefault(section, []) if section in MEASURES else tables["rows"]
        chosen = all_cases if section in options.only else []
        for case in quick(chosen, options.kind) if options.quick else chosen:
            part = {
                name: session
                for name, session in sessions.items()
                if name in PARTICIPANTS.get(section, sessions)
                and case.op in session.implementation.ops
            }
            rows = MEASURES.get(section, time_case)(case, part, device, options.quick)
            print_rows(str(case), rows)
            table += rows
    return tables


def quick(all_cases, kind):
    """What a short run measures: for development, not for a record."""
    if kind != "gpu":
        return [replace(case, shape=(1, *case.shape[1:])) for case in all_cases]
    return [*all_cases[:1], *all_cases[1:][-1:]]


def write(record, options):
    """Write the record to --output, or among the records if it is complete."""
    where = f"{record['machine']['cores']}-cores"
    if options.kind == "gpu":
        where = re.sub(r"[^a-z0-9]+", "-", record["gpu"]["device"].lower()).strip("-")
    path = options.output or records.FOLDER / f"{options.kind}-{record['date']}-{where}.json"
    if not (options.output or options.is_complete):
        print("No record is written of a part or a quick run; --output names a file for it.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(record), encoding="utf-8")
    print(f"The record: {path}")


if __name__ == "__main__":
    main()
