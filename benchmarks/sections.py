"""The sections of each run: what is measured in them, how, and who takes part."""

from benchmarks import cases
from benchmarks.accuracy import accuracy_rows
from benchmarks.implementations import cpu, gpu, keras, torch
from benchmarks.memory import memory_rows

IMPLEMENTATIONS = {
    "cpu": cpu.IMPLEMENTATIONS,
    "gpu": gpu.IMPLEMENTATIONS,
    "keras": keras.IMPLEMENTATIONS,
    "torch": torch.IMPLEMENTATIONS,
}
SECTIONS = {
    "cpu": {
        **cases.CPU,
        "accuracy": cases.ACCURACY,
        "memory": cases.MEMORY,
        "import": [],
        "first_call": [],
        "steps": [],
    },
    "gpu": {**cases.GPU, "accuracy": cases.ACCURACY},
    "keras": cases.KERAS,
    "torch": cases.TORCH,
}
# Those that have a table of their own in the record; the others are timed.
MEASURES = {"accuracy": accuracy_rows, "memory": memory_rows}
# What takes part in the sweeps: on a GPU, compilers would take longer than all the measuring.
SWEPT = ("copy", "lrnlib", "torch", "cudnn")
COPIES = {"copy", "copy_threads"}
PARTICIPANTS = {
    "sweep": (*COPIES, "numpy", "numba_out", "tensorflow"),
    "limit": (*COPIES, "fused_c", "numpy_out", "numba_out"),
    "relu": ("numpy_out", "numba_out"),
    "memory": {*cpu.IMPLEMENTATIONS} - {"copy_threads", "fused_c"},
    "radius": SWEPT,
    "beta": SWEPT,
    "wide": (*SWEPT, "jax"),
    # Others have the same results as one of these.
    "accuracy": {*cpu.IMPLEMENTATIONS, *gpu.IMPLEMENTATIONS}
    - {*COPIES, "fused_c", "numpy_out", "numba_out"},
}
