"""The failures that are known, by framework and version, on a CPU.

A failure that is not listed is a new one, or one of a version that the list knows as mended; a
listed one that passes was mended upstream. Either is reported, and the exit status says so.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Expected:
    """Failures with one cause: names of vectors, ``*`` for any characters."""

    frameworks: str
    cases: tuple[str, ...]
    seen: str  # the last version that was seen to fail
    why: str
    but: tuple[str, ...] = ()  # names that a pattern of `cases` matches and that pass
    fixed: str = ""  # the first version without the failure


RANGE = "it squares in float32, where squares overflow or vanish"
RUNNING = "its window sum is a running one, and what is subtracted is not what was added"
HALF = "it squares and sums in the half type"
# Of one and of two channels, so that a wrong window holds all of them, as the right one does.
HARMLESS = ("pixels-of-one-channel", "fewer-channels-than-half")

EXPECTED: tuple[Expected, ...] = (
    Expected(
        "tensorflow-[eg]*", ("outlier-385-beta-0.5", "outlier-385-beta-1.0", "gradient-outlier"),
        "2.21.0",
        "beyond 384 channels, for a beta of 0.5 or 1, its window sum is a running one; "
        "its gradient takes the result",
    ),
    Expected(
        "tensorflow-[eg]*", ("nan-*", "inf-*", "gradient-nan"), "2.21.0",
        "its window sum is a product with a matrix of ones and zeros, and 0 times NaN is NaN",
    ),
    Expected("tensorflow-*", ("large", "small"), "2.21.0", RANGE),
    Expected("tensorflow-[eg]*", ("float16-*", "gradient-float16"), "2.21.0", HALF),
    Expected(
        "tensorflow-[eg]*", ("bfloat16-*", "gradient-bfloat16"), "2.21.0",
        "the type is among those allowed, and no kernel for it is there",
    ),
    Expected(
        "tensorflow-xla", ("*float16-*", "gradient-*float16"), "2.21.0",
        "its constants are float32, and XLA refuses the mixture: openxla/xla#43450",
    ),
    Expected("tflite-optimized", ("outlier-*", "nan-*", "inf-*", "zero-windows-*"), "2.21.0",
             RUNNING),
    Expected("tflite-optimized", ("large", "small"), "2.21.0", RANGE),
    Expected(
        "tflite-reference", ("*",), "2.21.0",
        "its window ends one channel early, at c + depth_radius - 1", but=HARMLESS,
    ),
    Expected("torch-functional", ("large", "small"), "2.13.0", RANGE),
    Expected(
        "torch-functional", ("*float16-*", "gradient-*float16"), "2.13.0",
        "its average pooling of rank 5 has no half types on a CPU: pytorch/pytorch#171948",
    ),
    Expected(
        "torch-crossmap", ("*",), "2.13.0",
        "the first channel never leaves its running sum, and its gradient is wrong of itself",
        but=(*HARMLESS, "pixel-norm"),
    ),
    Expected(
        "onnxruntime", ("outlier-*", "float16-outlier", "nan-*", "inf-*", "zero-windows-*"),
        "1.32.0", RUNNING,
    ),
    Expected("onnxruntime", ("large", "small"), "1.32.0", RANGE),
    Expected(
        "onnx-reference", ("*",), "1.23.2",
        "it sums for as many channels as there are images: onnx/onnx#7805", but=HARMLESS,
    ),
    Expected("jax-written-out", ("large", "small"), "0.10.2", RANGE),
    Expected("jax-written-out", ("*float16-*", "gradient-*float16"), "0.10.2", HALF),
)  # fmt: skip


def reason(framework: str, version: str, case: str) -> str:
    """Why this framework fails this vector in this version; empty if it should not."""
    for e in EXPECTED:
        if (
            fnmatchcase(framework, e.frameworks)
            and any(fnmatchcase(case, pattern) for pattern in e.cases)
            and case not in e.but
            and not (e.fixed and _release(version) >= _release(e.fixed))
        ):
            return f"{e.why} (seen on {e.seen})"
    return ""


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version up to anything else, without zeros at the end.

    2.13.0+cpu is (2, 13), and 2.10rc1 is (2, 10).
    """
    numbers = [int(part) for part in re.findall(r"^[\d.]*", version)[0].split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
