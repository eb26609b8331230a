"""LRN on a GPU: lrnlib on CuPy beside PyTorch, JAX, cuDNN, unfused CuPy and a copy.

`make gpu` runs everything and writes results/gpu-DATE-DEVICE.json:

``kind``, ``date``, ``quick``, ``seconds``
    "gpu", the day of the run, whether it was a short one, of no use as a record, and how long
    it took.
``gpu``, ``machine``, ``versions``
    The GPU by name, compute capability, multiprocessors, memory and cache, its driver, the CUDA
    version of the driver, of the runtime and of the compiler; the computer; the libraries.
``commit``, ``changed``, ``lrn.cu``
    The commit, whether files differed from it ("unknown" and null: there was no git to ask),
    and the sha256 of the kernels.
``tests``
    How many tests on the GPU ``passed`` and were ``skipped`` before; null if none were run.
``subjects``, ``left_out``
    What each name measures, and the subjects that could not be measured, with the reason.
``rows``
    Times, a row for each case and subject. ``kind`` is "forward" or "gradient"; ``name``,
    ``shape``, ``axis``, ``depth_radius``, ``beta`` and ``dtype`` say which call, ``subject``
    whose. The data are normal, bias is 2, and alpha 2 over the window's size, so that the sum
    counts as much as the bias. ``status`` is "timed"; or "wrong", when ``error_ulp``, the
    largest error against lrnlib.reference in ulp of the type, is beyond 256, or 24 for half
    types; or "left out", with a ``reason``. A row that was timed has ``rounds``; ``calls``, how
    many of them went between two events; ``buffers``, how many sets of arrays took turns, which
    together are larger than twice the L2 cache; ``queued``, whether the host had queued all
    calls before the GPU, which was held meanwhile, began the first (null for JAX, whose stream
    cannot be held); ``median_ms``, ``q1_ms``, ``q3_ms`` and ``ns_per_element`` of the GPU's
    time; ``host_ms``, the median of the host's time until a call returned; ``gb_per_s``, by the
    bytes that must move: twice the result's, and for a gradient three times; and
    ``share_of_copy``, that over the copy's own. Gradients count their error in ulp of the sum
    of the absolute values of their terms, and 1e9 stands for NaN.
``accuracy``
    ``error_ulp``: the largest error of all ``values``, against the formula in float64.
``bars``
    ``what``, ``measured``, ``bar``, ``met`` (null: not measured).
"""

import datetime
import inspect
import sys
import time
from pathlib import Path

from benchmarks import gpu_cases, gpu_cudnn, properties
from benchmarks.gpu_bars import bars
from benchmarks.gpu_device import Device, NoGpu, slug, source
from benchmarks.gpu_peers import SUBJECTS
from benchmarks.gpu_record import counted
from benchmarks.gpu_timing import Seat, time_case
from benchmarks.machine import machine, versions
from benchmarks.options import parser, settled, write
from benchmarks.printing import print_bars, print_rows
from benchmarks.worker import SubjectError

SECTIONS = (*gpu_cases.SECTIONS, "accuracy")
# What takes part in the sweeps: compilers would take longer than all the measuring.
SWEPT = ("copy", "lrnlib", "torch", "cudnn")
TAKING = {"radius": SWEPT, "beta": SWEPT, "wide": (*SWEPT, "jax")}
QUICK = "A quick run: the first and the last case of each section, in three rounds."


def main(arguments=None):
    """Measure, print, and write the record."""
    options = parsed(arguments)
    try:
        device = Device()
    except NoGpu as reason:
        sys.exit(f"benchmarks.gpu needs a GPU: {reason}")
    record = measured(options, device)
    print_bars(record["bars"], options.quick, QUICK)
    print(f"{record['seconds']} s")
    write(record, options, f"gpu-{record['date']}-{slug(record['gpu']['device'])}.json")


def parsed(arguments):
    """The options; a name that is none is an error that lists the names."""
    program = "gpu.py", __doc__.splitlines()[0]
    options = parser(program, SECTIONS, SUBJECTS, "few cases, three rounds")
    options.add_argument("--tests", type=Path, help="pytest's report, as JUnit's XML")
    options = settled(options.parse_args(arguments), SECTIONS, SUBJECTS)
    options.tests = counted(options.tests) if options.tests else None
    return options


def measured(options, device):
    """The record of all sections asked for."""
    began = time.perf_counter()
    record = {
        "kind": "gpu",
        "date": datetime.date.today().isoformat(),
        "quick": options.quick,
        "seconds": None,
        "gpu": device.describe(),
        "machine": machine(),
        "versions": versions() | device.versions(),
        **source(),
        "tests": options.tests,
        "subjects": {name: inspect.getdoc(SUBJECTS[name]) for name in options.subjects},
    }
    seats, record["left_out"] = started(options.subjects)
    record["versions"]["cudnn"] = gpu_cudnn.version()  # of what the subjects have loaded
    record["rows"] = times(options, seats, device)
    record["accuracy"] = accuracy(options, seats)
    record["bars"] = bars(record)
    record["seconds"] = round(time.perf_counter() - began)
    return record


def started(names):
    """A seat for each subject whose library is there; those left out with the reason."""
    seats, left_out = {}, []
    for name in names:
        seat = Seat(SUBJECTS[name])
        try:
            seat.ask("start")
            seats[name] = seat
        except SubjectError as reason:
            left_out.append({"subject": name, "reason": str(reason)})
            print(f"left out: {name} ({reason})", file=sys.stderr)
    return seats, left_out


def chosen_cases(options, section, of):
    """The cases of a section, if it was asked for."""
    if section not in options.only:
        return []
    return gpu_cases.quick(of) if options.quick else of


def times(options, seats, device):
    """The rows of forward calls, gradients and sweeps, printed as they come."""
    rows = []
    for section, of in gpu_cases.SECTIONS.items():
        names = TAKING.get(section, seats)
        part = {name: seat for name, seat in seats.items() if name in names}
        for case in chosen_cases(options, section, of):
            new = time_case(case, part, device, options.quick)
            print_rows(case, new)
            rows += new
    return rows


def accuracy(options, seats):
    """The rows of the accuracy table; a copy computes nothing."""
    rows, distinct = [], {name: seat for name, seat in seats.items() if name != "copy"}
    for case in chosen_cases(options, "accuracy", gpu_cases.ACCURACY):
        new = properties.accuracy_rows(case, distinct)
        print_rows(case, new)
        rows += new
        for seat in distinct.values():
            seat.clear()
    return rows


if __name__ == "__main__":
    main()
