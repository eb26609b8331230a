"""What is measured on a GPU: shapes, types, parameters, and how many buffers take turns."""

from dataclasses import dataclass, replace

from benchmarks import cases


@dataclass(frozen=True)
class Case(cases.Case):
    """A call whose record names the type of its values as well."""

    def parameters(self):
        """The columns of a record that say which call this is."""
        return super().parameters() | {"dtype": self.dtype}


NORM1, NORM2, WIDE = "AlexNet norm1", "AlexNet norm2", "512 channels"
LAST = (128, 55, 55, 96)
SHAPES = [
    (NORM1, LAST, -1),
    (NORM2, (128, 27, 27, 256), -1),
    (NORM1, (128, 96, 55, 55), 1),
    ("GoogLeNet norm2", (128, 192, 56, 56), 1),
]


def _barred(op):
    """The calls for which the issue names figures to reach."""
    return [
        Case(op, name, shape, axis, dtype=dtype)
        for name, shape, axis in SHAPES
        for dtype in ("float32", "float16")
    ]


def _with_bfloat16(of):
    """The same, and the first one's shape in bfloat16, beside those with the same input."""
    return [*of[:2], replace(of[0], dtype="bfloat16"), *of[2:]]


FORWARD, GRADIENT = _barred("forward"), _barred("gradient")
RADIUS = [
    Case(op, "depth_radius", LAST, depth_radius=radius)
    for op in ("forward", "gradient")
    for radius in range(1, 8)
]
BETA = [Case("forward", "beta", LAST, beta=beta) for beta in (0.5, 0.75, 1.0, 0.6)]
ALL_CHANNELS = {"depth_radius": 511, "beta": 0.5}  # as PixelNorm, whose window is every channel
WINDOWS = [
    Case(op, WIDE, (64, 28, 28, 512), **numbers)
    for numbers in ({"depth_radius": 64}, ALL_CHANNELS)
    for op in ("forward", "gradient")
]
ACCURACY = [
    Case(**{name: getattr(case, name) for name in case.__dataclass_fields__})
    for case in cases.ACCURACY
]
SECTIONS = {
    "forward": _with_bfloat16(FORWARD),
    "gradient": _with_bfloat16(GRADIENT),
    "radius": RADIUS,
    "beta": BETA,
    "wide": WINDOWS,
}


def quick(of):
    """Of a section the first and the last case: for development, not for a record."""
    return [of[0], of[-1]] if len(of) > 1 else of


def rotation(case, cache):
    """How many sets of arrays take turns: at least two, together larger than twice the cache."""
    return max(2, 2 * cache // case.bytes_moved + 1)


def drawn_alike(case):
    """A case from whose input this one's is cast: neither parameters nor name change it."""
    return replace(case, name="", depth_radius=0, beta=0.0, dtype="float32")
