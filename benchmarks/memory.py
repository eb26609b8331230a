"""The memory that a call takes beyond its result."""

from benchmarks.accuracy import round_significant
from benchmarks.cases import MEMORY
from benchmarks.worker import Worker, columns_or_reason

MIB = 2**20


def memory_rows(case, sessions, *_):
    """The temporaries of each first large call, in a process just for it.

    For other libraries than lrnlib one size is enough.
    """
    rows = []
    for name, session in sessions.items():
        if case.name == MEMORY[0].name or name.startswith(("numpy", "numba")):
            size = round_significant(case.bytes_result / MIB)
            row = case.columns() | {"implementation": name, "input_mib": size}
            worker = Worker(session.implementation)
            rows.append(row | columns_or_reason(_temporaries, worker, name, case))
            worker.close()
    return rows


def _temporaries(worker, name, case):
    worker.request("start")
    resident, allocated = worker.request("memory", case)
    columns = {"status": "measured", "resident_mib": round(resident / MIB, 2)}
    if name.startswith("numpy"):  # tracemalloc sees NumPy's allocations only
        columns["allocated_mib"] = round(allocated / MIB, 2)
    return columns
