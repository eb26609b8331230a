"""Faults of the CUDA kernels and of their launch, found without a GPU."""

KERNELS, LAUNCH = "backends/lrn.cu", "backends/cupy_backend.py"
PLAN, LIMITS = "backends/_launch_config.py", "backends/_extended_range.py"

SELECTION = (
    "-k", "cupy or kernels",
    "tests/library/backends/test_cuda_kernels.py",
    "tests/library/backends/test_cupy.py",
    "tests/library/forward/test_reference.py",
    "tests/library/gradient/test_reference.py",
    "tests/library/forward/test_nan_propagation.py",
    "tests/library/gradient/test_nan_propagation.py",
    "tests/library/gradient/test_overflow.py",
)  # fmt: skip

LEFT = "left = fma(v[k * STEP], v[k * STEP], left);"
KEPT = "k < 2 * R * V; k++) v[k] = v[k + U * V];"
ODD = " + (odd ? z[t + 2 * have * step] : 0)"
DOUBLED = "    have = 2 * have + odd;\n    __syncthreads();\n"
TERMS_SHARED = "  __syncthreads();\n  bool out_of_range = false;\n#pragma unroll"
TO_BFLOAT16 = "(bits + 0x7fffu + (bits >> 16 & 1u)) >> 16"
DX = "fma(-p.twice_beta * v[k], sums[k], u[k])"
DY_AHEAD = "from_dy(dy, columns, first + R)"
COLUMN = "if (tile.channel(t) < have / 2) z[t] += z[t + half * tile.step];"
GRID = "-(-shape.outer // (pixels * PIXELS_PER_THREAD)), parts"

# fmt: off
MUTANTS = [
    ("window one late at its left", KERNELS, LEFT, LEFT.replace("k *", "(k + 1) *")),
    ("window one short at its right", KERNELS, "(2 * R - k) * STEP], v", "(2 * R - 1) * STEP], v"),
    ("the channel itself left out", KERNELS, "middle = v[R * STEP]", "middle = 0 * v[R * STEP]"),
    ("alpha divided by the window's size", KERNELS,
     "  F s = fma(p.alpha, sum, p.bias);", "  F s = fma(p.alpha / 5, sum, p.bias);"),
    ("rounding errors of the sum lost", KERNELS,
     "F rest = (left - (both - right_part)) + (right - right_part);", "F rest = 0;"),
    ("approximate roots not refined", KERNELS, "if (REFINED) power =", "if (false) power ="),
    ("power of three quarters in one half", KERNELS, "approximate_rsqrt(s * (s * r))", "r"),
    ("reciprocal not refined", KERNELS, "return REFINED && y != 0 ? refined : y;", "return y;"),
    ("-0 becomes 0", KERNELS, "REFINED && y != 0 ?", "REFINED ?"),
    ("neighbours of the next pixel", KERNELS,
     "row < pixels && (unsigned)from < channels", "row < pixels && from >= 0"),
    ("a pixel too many", KERNELS,
     "    if (row + i * blockDim.y >= pixels) break;\n    F result", "    F result"),
    ("a chunk forgets the channels before it", KERNELS,
     "from(x, columns, begin - R)", "from(x, columns, begin)"),
    ("a thread keeps the wrong channels", KERNELS, KEPT, KEPT.replace("U * V", "V")),
    ("terms read before they are written", KERNELS, TERMS_SHARED,
     TERMS_SHARED.replace("  __syncthreads();\n", "")),
    ("no zeros beside a pixel's terms", KERNELS, "  set_zero<V>(zero);\n", ""),
    ("dy one channel late", KERNELS, DY_AHEAD, DY_AHEAD.replace("R)", "R - 1)")),
    ("the second term added", KERNELS, DX, DX.replace("-p.", "p.")),
    ("beta for 2 beta", LIMITS, "twice_beta=2 * beta", "twice_beta=beta"),
    ("doubling forgets odd windows", KERNELS, ODD, ""),
    ("doubling does not wait", KERNELS, DOUBLED, DOUBLED.replace("    __syncthreads();\n", "")),
    ("a column's odd channel lost", KERNELS, COLUMN, COLUMN.replace("half *", "(have / 2) *")),
    ("no halo around a tile", KERNELS,
     "(int)(end - begin + 2 * halo)", "(int)(end - begin + halo)"),
    ("every base in range", KERNELS,
     "return s >= p.min_base && s <= p.max_base;", "return true;"),
    ("an inaccurate term is kept", KERNELS,
     "return accurate ? ratio * u : infinity<F>();", "return ratio * u;"),
    ("nothing is recomputed", KERNELS, "if (isinf(load(result[c * pixel.step])))", "if (false)"),
    ("NaN outside its windows", KERNELS, "j <= last(last(c))", "j <= last(last(last(c)))"),
    ("bfloat16 truncated, not rounded", KERNELS, TO_BFLOAT16, "bits >> 16"),
    ("vectors at unaligned addresses", PLAN, " and self.alignment >= max_bytes", ""),
    ("strides ignored", LAUNCH, "tuple(map(cupy.ascontiguousarray, inputs))", "tuple(inputs)"),
    ("the last pixels not launched", PLAN, GRID,
     "max(1, shape.outer // (pixels * PIXELS_PER_THREAD)), parts"),
    ("bias of another type", LAUNCH,
     "(name, dtype.str) for name in in_dtype", '(name, "f8") for name in in_dtype'),
    ("a result over its own input", "_api.py",
     "y.size > 0 and first < end and begin < last", "False"),
    ("the current device, not that of x", "_api.py",
     "with nullcontext() if library is np else x.device:", "with nullcontext():"),
]
