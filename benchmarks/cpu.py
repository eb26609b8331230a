"""LRN on a CPU: lrnlib's backends beside TensorFlow, PyTorch, onnxruntime, JAX and a copy.

`make bench` runs everything and writes results/cpu-DATE-CORES-cores.json:

``kind``, ``date``, ``quick``
    "cpu", the day of the run, and whether it was a short run, of no use as a record.
``machine``, ``versions``
    Processor, cores, caches, memory, system; Python, lrnlib and the libraries.
``subjects``, ``left_out``
    What each name measures, and the subjects that could not be measured, with the reason.
``rows``
    Times, a row for each case and subject. ``kind`` is "forward", "gradient", or one of the
    sweeps "channels" and "radius"; ``name``, ``shape``, ``axis``, ``depth_radius`` and ``beta``
    say which call, ``subject`` whose. The data are normal, bias is 2, and alpha 2 over the
    window's size, so that the sum counts as much as the bias.
    ``status`` is "timed"; or "wrong", when ``error_ulp``,
    the largest error against lrnlib.reference in float32 ulp, is beyond 256; or "left out", with
    a ``reason``. A row that was timed has ``rounds``, ``median_ms``, ``q1_ms``, ``q3_ms``,
    ``ns_per_element``, ``ratio_to_copy`` and ``ratio_to_tensorflow`` (of medians),
    and but for the copy ``bound_ms``, the time of the bytes that must move (8 an element; for
    a gradient 12) at the copy's bandwidth, and ``achieved_over_bound``, the bound over the
    median. The copy runs on one thread, so two may exceed 1. A ratio is missing where what
    it compares with was not timed. Gradients count their error in ulp of
    the sum of the absolute values of their terms, and 1e9 stands for NaN.
``memory``
    Temporaries of one call beyond its result: ``resident_mib`` by what the process had in
    memory at the peak, which the system counts to some 0.3 MiB, and for lrnlib on NumPy
    ``allocated_mib`` by tracemalloc. Gradients of torch have their saved tensors before they
    begin, those of torch_both make them.
``accuracy``
    ``error_ulp``: the largest error of all ``values``, against the formula in float64.
``import``
    ``numpy_ms``, ``lrnlib_ms`` and their ``ratio``, each in a fresh interpreter.
``bars``
    ``what``, ``measured``, ``bar``, ``met`` (at most the bar; null: not measured).
"""

import datetime
import inspect
import sys

from benchmarks import cases, properties
from benchmarks.bars import bars
from benchmarks.machine import cores, machine, versions
from benchmarks.options import parser, settled, write
from benchmarks.peers import SUBJECTS
from benchmarks.printing import print_bars, print_rows
from benchmarks.timing import time_case
from benchmarks.worker import LeftOut, SubjectError, Worker

SECTIONS = ("forward", "gradient", "sweep", "memory", "accuracy", "import")
TIMED = {"forward": cases.FORWARD, "gradient": cases.GRADIENT, "sweep": cases.SWEEP}
SWEPT = ("copy", "numpy", "numba_out", "tensorflow")
NO_OTHER_RESULT = ("copy", "numpy_out", "numba_out")  # of which an error would tell nothing new


def main(arguments=None):
    """Measure, print, and write the record."""
    options = parsed(arguments)
    record = measured(options)
    print_bars(record["bars"], options.quick)
    write(record, options, f"cpu-{record['date']}-{cores()}-cores.json")


def parsed(arguments):
    """The options; a name that is none is an error that lists the names."""
    program = "cpu.py", __doc__.splitlines()[0]
    options = parser(program, SECTIONS, SUBJECTS, "one image, three rounds")
    return settled(options.parse_args(arguments), SECTIONS, SUBJECTS)


def measured(options):
    """The record of all sections asked for."""
    record = {
        "kind": "cpu",
        "date": datetime.date.today().isoformat(),
        "quick": options.quick,
        "machine": machine(),
        "versions": versions(),
        "subjects": {name: inspect.getdoc(SUBJECTS[name]) for name in options.subjects},
    }
    chosen = {name: SUBJECTS[name] for name in options.subjects}
    workers, record["left_out"] = started(chosen)
    try:
        record["rows"] = times(options, workers)
        record["accuracy"] = accuracy(options, workers)
    finally:
        for worker in workers.values():
            worker.close()
    record["memory"] = memory(options, {name: chosen[name] for name in workers})
    record["import"] = properties.import_times() if "import" in options.only else {}
    record["bars"] = bars(record)
    return record


def started(subjects):
    """A worker for each subject that can be imported; those left out with the reason."""
    workers, left_out = {}, []
    for name, subject in subjects.items():
        worker = Worker(subject)
        try:
            worker.ask("start")
            workers[name] = worker
        except (LeftOut, SubjectError) as reason:
            worker.close()
            left_out.append({"subject": name, "reason": str(reason)})
            print(f"left out: {name} ({reason})", file=sys.stderr)
    return workers, left_out


def chosen_cases(options, section, of):
    """The cases of a section, if it was asked for."""
    if section not in options.only:
        return []
    return cases.quick(of) if options.quick else of


def times(options, workers):
    """The rows of forward calls, gradients and sweeps, printed as they come."""
    rows = []
    for section, of in TIMED.items():
        for case in chosen_cases(options, section, of):
            part = [name for name in workers if name in SWEPT or section != "sweep"]
            new = time_case(case, taking(part, workers, case.op), options.quick)
            print_rows(case, new)
            rows += new
    return rows


def taking(names, workers, op):
    """The workers whose subjects take part in forward calls, or in gradients."""
    return {name: workers[name] for name in names if op in SUBJECTS[name].ops}


def accuracy(options, workers):
    """The rows of the accuracy table."""
    rows = []
    names = [name for name in workers if name not in NO_OTHER_RESULT]
    distinct = taking(names, workers, "forward")
    for case in chosen_cases(options, "accuracy", cases.ACCURACY):
        new = properties.accuracy_rows(case, distinct)
        print_rows(case, new)
        rows += new
    return rows


def memory(options, subjects):
    """The rows of the memory table; beyond lrnlib one size is enough."""
    rows = []
    for case in chosen_cases(options, "memory", cases.MEMORY):
        larger = case.name != cases.MEMORY[0].name
        new = [
            properties.memory_row(case, name, subject)
            for name, subject in taking(subjects, subjects, case.op).items()
            if not larger or name.startswith(("numpy", "numba"))
        ]
        print_rows(case, new)
        rows += new
    return rows


if __name__ == "__main__":
    main()
