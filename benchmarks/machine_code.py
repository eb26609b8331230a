"""What NVIDIA's compiler makes of lrn.cu: registers, spills and instructions; needs no GPU.

``python -m benchmarks.machine_code`` prints a table and writes a record for the chapters. Each
kernel is compiled alone, as CuPy does, and in a process of its own: what the compiler has compiled
before changes how many registers it takes. The instructions are those of the fastest path that
stores results: branches that look after values out of range are left out. The two kernels of the
chapter, and FIRST with two roots, are counted for a thread that loads its whole window; as its path
takes every shortcut of powf, the count of FIRST is a lower bound. nvdisasm lists the instructions,
of PyPI's nvidia-cuda-nvdisasm; where it is in another environment, name it with ``--nvdisasm``.
"""

import argparse
import hashlib
import json
import multiprocessing
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import NamedTuple

import nbformat

from lrnlib.book import records
from tests.library.fake_gpu import nvrtc
from tools.gpu import KERNELS, sha256
from tools.repository import ROOT

ARCHITECTURE = "sm_90"
RADIUS, POWER = 2, 3  # depth_radius 2, beta 0.75
VECTORS = {  # values in a vector of each kernel: float32, float16
    ("channels_last", "forward"): (4, 8),
    ("channels_last", "gradient"): (4, 8),
    ("channels_first", "forward"): (4, 8),
    ("channels_first", "gradient"): (2, 4),
    ("channels_first, one column", "forward"): (1, 1),
    ("channels_first, one column", "gradient"): (1, 1),
}
TYPES = {"float32": "float", "float16": "Half"}
CHAPTER = ROOT / "chapters/cupy_backend.ipynb"
TWO_ROOTS = (  # what is replaced in FIRST, and by what, for beta 0.75
    "y[i] = x[i] / powf(bias + alpha * S, beta);",
    "float s = bias + alpha * S;\n  y[i] = x[i] * rsqrtf(s * (s * rsqrtf(s)));",
)
OF_THE_CHAPTER = {  # loads and results of a thread inside a pixel
    "FIRST": (6, 1),
    "FIRST with two roots": (6, 1),
    "FOUR": (3, 4),
}
VARIANTS = {  # what is replaced in lrn.cu, and by what: in float32, as only there it is used
    "as it is": None,
    "without the rest of the sum": ("rest + fma(middle, middle, both - sum), p)", "(F)0, p)"),
    "without correction and rest": ("REFINED = sizeof(T) == 4;", "REFINED = false;"),
}


class Row(NamedTuple):
    """One kernel: registers of a thread, bytes that it or its fallback spills, instructions."""

    variant: str
    kernel: str
    direction: str
    dtype: str
    registers: int
    spilled_bytes: int
    spilled_bytes_of_fallback: int
    instructions_per_element: float | None


def registers_and_spills(log: str) -> tuple[int, int, int]:
    """Read what ptxas says of one kernel and of the functions that it calls."""
    spills = [int(n) for n in re.findall(r"(\d+) bytes spill stores", log)]
    return int(re.findall(r"Used (\d+) registers", log)[0]), spills[0], sum(spills[1:])


class Instruction(NamedTuple):
    """Where the next instruction may be; whether this one loads, stores a result or is the end."""

    successors: tuple[int, ...]
    loads: bool
    stores: bool
    exits: bool


def parsed(listing: str) -> list[Instruction]:
    """Read nvdisasm's listing of one kernel, without the functions that follow it."""
    text = re.search(r"^\.text\.\S+:\n(.*?)(?=^\$|\Z)", listing, re.M | re.S)[1]  # type: ignore[index]
    lines, labels = [], {}
    for line in text.splitlines():
        if label := re.match(r"(\.L_x_\d+):", line):
            labels[label[1]] = len(lines)
        elif code := re.match(r"\s+/\*[0-9a-f]{4,}\*/\s+(.*?);", line):
            lines.append(code[1])
    found = []
    for k, code in enumerate(lines):
        target = re.search(r"BRA.*`\((\.L_x_\d+)\)", code)
        jumps = (labels[target[1]],) if target and target[1] in labels else ()
        always = re.match(r"(BRA|EXIT)\b(?!.*P\d)", code)
        goes_on = () if always or k + 1 == len(lines) else (k + 1,)
        found.append(Instruction(jumps + goes_on, "LDG" in code, "STG" in code, "EXIT" in code))
    return found


def best_path(code: list[Instruction], begin: int, ends: Iterable[int]) -> tuple[int, int]:
    """Return stores and instructions of the path forwards with the most stores, and then least."""
    best = {begin: (int(code[begin].stores), -1)}
    for k in range(begin, len(code)):
        for j in code[k].successors if k in best else ():
            if j > k:
                there = best[k][0] + code[j].stores, best[k][1] - 1
                best[j] = max(best.get(j, there), there)
    stores, count = max(best[k] for k in ends if k in best)
    return stores, -count


def instructions_per_element(listing: str, vector: int) -> float:
    """Count one turn of the loop that stores results, or the whole kernel if none does."""
    code = parsed(listing)
    back = [(j, k) for k, instruction in enumerate(code) for j in instruction.successors if j <= k]
    turns = [turn for j, k in back if j < k if (turn := best_path(code, j, [k]))[0]]
    ends = [k for k, instruction in enumerate(code) if instruction.exits]
    return min(n / (stores * vector) for stores, n in turns or [best_path(code, 0, ends)])


def fewest_instructions(listing: str, loads: int) -> int:
    """Count the shortest way to a store and the end, through loops, that loads so many times."""
    code = parsed(listing)
    count, seen, at = 0, set(), {(0, 0, False)}
    while at:
        count, seen, there = count + 1, seen | at, set()
        for k, loaded, stored in at:
            now = loaded + code[k].loads, stored or code[k].stores
            if code[k].exits and now == (loads, True):
                return count
            there |= {(j, *now) for j in code[k].successors if now[0] <= loads}
        at = there - seen
    raise ValueError(f"no way through the kernel loads {loads} times")


def kernels_of_the_chapter() -> dict[str, str]:
    """The source of the kernels that the chapter shows whole."""
    cells = nbformat.read(CHAPTER, 4).cells
    pattern = re.compile(r'^(FIRST|FOUR) = r"""(.*)"""$', re.S)
    return dict(found.groups() for cell in cells if (found := pattern.match(cell.source)))


def with_two_roots() -> str:
    """FIRST with the power of FOUR: it tells what the power saves from what the vector saves."""
    source = kernels_of_the_chapter()["FIRST"]
    assert source.count(TWO_ROOTS[0]) == 1
    return source.replace(*TWO_ROOTS)


def hashes_of_the_chapter() -> dict[str, str]:
    """What tells whether a record is of the chapter's kernels as they are."""
    kernels = kernels_of_the_chapter().items()
    return {name: hashlib.sha256(source.encode()).hexdigest() for name, source in kernels}


def row_of_the_chapter(name: str, source: str, nvdisasm: str | None) -> Row:
    """Compile a kernel that the chapter shows whole, or FIRST changed, and take it apart."""
    log, cubin = nvrtc.compile_cubin(source, "lrn", ARCHITECTURE)
    loads, results = OF_THE_CHAPTER[name]
    count = None
    if nvdisasm:
        count = round(fewest_instructions(disassembled(cubin, nvdisasm), loads) / results, 1)
    return Row("of the chapter", name, "forward", "float32", *registers_and_spills(log), count)


def disassembled(cubin: bytes, nvdisasm: str) -> str:
    """List the instructions of machine code."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        Path(file.name).write_bytes(cubin)
        return subprocess.check_output([nvdisasm, "-c", file.name], text=True)


def row(variant: str, kernel: str, direction: str, dtype: str, nvdisasm: str | None) -> Row:
    """Compile one kernel and take it apart."""
    source, change = KERNELS.read_text(encoding="utf-8"), VARIANTS[variant]
    if change:
        assert source.count(change[0]) == 1
        source = source.replace(*change)
    vector = VECTORS[kernel, direction][list(TYPES).index(dtype)]
    gradient = "true" if direction == "gradient" else "false"
    letters = f"{TYPES[dtype]}, {vector}, {RADIUS}, {POWER}, {gradient}"
    log, cubin = nvrtc.compile_cubin(source, f"{kernel.split(',')[0]}<{letters}>", ARCHITECTURE)
    count = None
    if nvdisasm:
        count = round(instructions_per_element(disassembled(cubin, nvdisasm), vector), 1)
    return Row(variant, kernel, direction, dtype, *registers_and_spills(log), count)


def rows(nvdisasm: str | None = None) -> list[Row]:
    """Measure all kernels as they are, the variants that differ, and those of the chapter."""
    measured = [
        (variant, *names, dtype, nvdisasm)
        for variant, change in VARIANTS.items()
        for names in VECTORS
        for dtype in TYPES
        if not change or dtype == "float32"
    ]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once, where nothing is compiled
    with ProcessPoolExecutor(mp_context=context, max_tasks_per_child=1) as processes:
        waiting = [processes.submit(row, *each) for each in measured]
        shown = kernels_of_the_chapter() | {"FIRST with two roots": with_two_roots()}
        for names in shown.items():
            waiting.append(processes.submit(row_of_the_chapter, *names, nvdisasm))
        return [each.result() for each in waiting]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nvdisasm", default=shutil.which("nvdisasm"), help="its path")
    program = parser.parse_args().nvdisasm or parser.error("nvdisasm is not installed")
    table, today = rows(program), date.today().isoformat()
    print(*table, sep="\n")
    record = {
        "kind": "machine_code", "date": today, "architecture": ARCHITECTURE,
        "compiler": f"NVRTC {nvrtc.version()}", "lrn.cu": sha256(KERNELS),
        "of the chapter": hashes_of_the_chapter(),
        "rows": [each._asdict() for each in table],
    }  # fmt: skip
    path = records.FOLDER / f"machine_code-{today}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
