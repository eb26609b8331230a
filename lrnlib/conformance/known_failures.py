"""The known failures, by framework and version, on a CPU.

The report names each failure that is not listed and each listed one that passes, because it was
fixed upstream. Either makes the exit status 1.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class KnownFailure:
    """Failures with one cause."""

    frameworks: str
    cases: tuple[str, ...]  # names of vectors, with * for any characters
    seen: str  # the last version that was seen to fail
    why: str
    but: tuple[str, ...] = ()  # names that match a pattern of `cases`, but pass
    fixed: str = ""  # the first version without the failure


RANGE = "it squares in float32, where squares overflow or underflow"
RUNNING = "its window sum is a running one, and what is subtracted is not what was added"
HALF = "it squares and sums in the half type"
# One and two channels: a wrong window covers all of them, as the right one does.
HARMLESS = ("pixels-of-one-channel", "fewer-channels-than-half")

KNOWN_FAILURES: tuple[KnownFailure, ...] = (
    KnownFailure("lrnlib-keras", ("large", "small", "bfloat16-overflow"), "0.1.0", RANGE),
    KnownFailure(
        "tensorflow-[eg]*", ("outlier-385-beta-0.5", "outlier-385-beta-1.0", "gradient-outlier"),
        "2.21.0",
        "beyond 384 channels, for a beta of 0.5 or 1, its window sum is a running one; "
        "its gradient uses that result",
    ),
    KnownFailure(
        "tensorflow-[eg]*", ("nan-*", "inf-*", "gradient-nan"), "2.21.0",
        "its window sum is a product with a matrix of ones and zeros, and 0 times NaN is NaN",
    ),
    KnownFailure("tensorflow-*", ("large", "small"), "2.21.0", RANGE),
    KnownFailure("tensorflow-[eg]*", ("float16-*", "gradient-float16"), "2.21.0", HALF),
    KnownFailure(
        "tensorflow-[eg]*", ("bfloat16-*", "gradient-bfloat16"), "2.21.0",
        "it accepts the dtype, but has no kernel for it",
    ),
    KnownFailure(
        "tensorflow-xla", ("*float16-*", "gradient-*float16"), "2.21.0",
        "its constants are float32, and XLA refuses the mixture: openxla/xla#43450",
    ),
    KnownFailure("tflite-optimized", ("outlier-*", "nan-*", "inf-*", "zero-windows-*"), "2.21.0",
             RUNNING),
    KnownFailure("tflite-optimized", ("large", "small"), "2.21.0", RANGE),
    KnownFailure(
        "tflite-reference", ("*",), "2.21.0",
        "its window ends one channel early, at c + depth_radius - 1", but=HARMLESS,
    ),
    KnownFailure("torch-functional", ("large", "small"), "2.13.0", RANGE),
    KnownFailure(
        "torch-functional", ("*float16-*", "gradient-*float16"), "2.13.0",
        "its average pooling of rank 5 has no half types on a CPU: pytorch/pytorch#171948",
    ),
    KnownFailure(
        "torch-crossmap", ("*",), "2.13.0",
        "the first channel never leaves its running sum, and its gradient has a mistake of its own",
        but=(*HARMLESS, "pixel-norm"),
    ),
    KnownFailure(
        "onnxruntime", ("outlier-*", "float16-outlier", "nan-*", "inf-*", "zero-windows-*"),
        "1.32.0", RUNNING,
    ),
    KnownFailure("onnxruntime", ("large", "small"), "1.32.0", RANGE),
    KnownFailure(
        "onnx-reference", ("*",), "1.23.2",
        "it sums for as many channels as there are images: onnx/onnx#7805", but=HARMLESS,
    ),
    KnownFailure("jax-written-out", ("large", "small"), "0.10.2", RANGE),
    KnownFailure("jax-written-out", ("*float16-*", "gradient-*float16"), "0.10.2", HALF),
)  # fmt: skip


def reason(framework: str, version: str, case: str) -> str:
    """Return why this version fails this vector; empty if it is not known to fail."""
    for e in KNOWN_FAILURES:
        if (
            fnmatchcase(framework, e.frameworks)
            and any(fnmatchcase(case, pattern) for pattern in e.cases)
            and case not in e.but
            and not (e.fixed and _release(version) >= _release(e.fixed))
        ):
            return f"{e.why} (seen on {e.seen})"
    return ""


def _release(version: str) -> tuple[int, ...]:
    """Return the release numbers without trailing zeros: (2, 13) for 2.13.0+cpu."""
    numbers = [int(part) for part in re.findall(r"^[\d.]*", version)[0].split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
