"""The memory that a call takes beyond its result."""

import re
import tracemalloc
from pathlib import Path

from benchmarks.accuracy import round_significant
from benchmarks.worker import Session, Worker, columns_or_reason

MIB = 2**20


def memory_row(case, name, implementation):
    """The temporaries of an implementation's first large call, in a process just for it."""
    size = round_significant(case.bytes_result / MIB)
    row = case.columns() | {"implementation": name, "input_mib": size}
    worker = Worker(implementation, MemorySession)
    row |= columns_or_reason(_temporaries, worker, name, case)
    worker.close()
    return row


def _temporaries(worker, name, case):
    worker.request("start")
    resident, allocated = worker.request("memory", case)
    columns = {"status": "measured", "resident_mib": round(resident / MIB, 2)}
    if name.startswith("numpy"):  # tracemalloc sees NumPy's allocations only
        columns["allocated_mib"] = round(allocated / MIB, 2)
    return columns


class MemorySession(Session):
    """A session that measures memory."""

    def memory(self, case):
        """Bytes at the peak of the first large call, less the result's: resident, allocated."""
        self.prepare(case.small())
        self._calls[0]()
        self.prepare(case)
        (call,) = self._calls
        new = 0 if self._implementation.given_out else case.bytes_result
        before = resident_peak(reset=True)
        call()
        resident = resident_peak() - before - new
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        call()
        return resident, tracemalloc.get_traced_memory()[1] - before - new


def resident_peak(reset=False):
    """The most bytes that the process has had in memory, since the last reset."""
    process = Path("/proc/self")
    if not process.exists():
        raise NotImplementedError("the peak of resident memory is read from Linux's procfs")
    if reset:
        (process / "clear_refs").write_text("5")
    (kib,) = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    return 1024 * int(kib)
