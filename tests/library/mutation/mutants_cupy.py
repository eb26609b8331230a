"""Faults of the CUDA kernels and of their launch, found without a GPU."""

FILES = r"cupy_backend|mutants_cupy|_launch_config|lrn\.cu"
SELECTION = (
    "-k", "cupy or kernels",
    "tests/library/backends/test_cuda_kernels.py",
    "tests/library/backends/test_cupy.py",
    "tests/library/numerics/test_reference.py",
    "tests/library/numerics/test_nan_propagation.py",
    "tests/library/numerics/test_overflow.py",
)  # fmt: skip

# fmt: off
MUTANTS = {"backends/lrn.cu": [
    ("window one late at its left", "k * STEP], v[k * STEP", "(k + 1) * STEP], v[(k + 1) * STEP"),
    ("window one short at its right", "(2 * R - k) * STEP], v", "(2 * R - 1) * STEP], v"),
    ("the channel itself left out", "middle = v[R * STEP]", "middle = 0 * v[R * STEP]"),
    ("alpha divided by the window's size", "(p.alpha, sum, p.bias)", "(p.alpha / 5, sum, p.bias)"),
    ("rounding errors of the sum lost", "(left - (both - right_part)) + (right - right_part)", "0"),
    ("approximate roots not refined", "if (REFINED) power =", "if (false) power ="),
    ("power of three quarters in one half", "approximate_rsqrt(s * (s * r))", "r"),
    ("reciprocal not refined", "return REFINED && y != 0 ? refined : y;", "return y;"),
    ("-0 becomes 0", "REFINED && y != 0 ?", "REFINED ?"),
    ("neighbours of the next pixel", "pixels && (unsigned)from < channels", "pixels && from >= 0"),
    ("a pixel too many", "if (row + i * blockDim.y >= pixels) break;\n    F result", "F result"),
    ("a chunk forgets the channels before it", "(x, columns, begin - R)", "(x, columns, begin)"),
    ("a thread keeps the wrong channels", "v[k] = v[k + U * V];", "v[k] = v[k + V];"),
    ("terms read before they are written", "__syncthreads();\n  bool", "bool"),
    ("no zeros beside a pixel's terms", "  set_zero<V>(zero);\n", ""),
    ("dy one channel late", "(dy, columns, first + R)", "(dy, columns, first + R - 1)"),
    ("the second term added", "-p.twice_beta * v[k], sums[k],", "p.twice_beta * v[k], sums[k],"),
    ("doubling forgets odd windows", " + (odd ? z[t + 2 * have * step] : 0)", ""),
    ("doubling does not wait", "= 2 * have + odd;\n    __syncthreads();\n", "= 2 * have + odd;\n"),
    ("a column's odd channel lost", "/ 2) z[t] += z[t + half *", "/ 2) z[t] += z[t + (have / 2) *"),
    ("no halo around a tile", "(int)(end - begin + 2 * halo)", "(int)(end - begin + halo)"),
    ("every base in range", "return s >= p.min_base && s <= p.max_base;", "return true;"),
    ("an inaccurate term is kept", "accurate ? ratio * u : infinity<F>();", "ratio * u;"),
    ("nothing is recomputed", "if (isinf(load(result[c * pixel.step])))", "if (false)"),
    ("NaN outside its windows", "j <= last(last(c))", "j <= last(last(last(c)))"),
    ("bfloat16 truncated, not rounded", "(bits + 0x7fffu + (bits >> 16 & 1u)) >> 16", "bits >> 16"),
], "backends/_extended_range.py": [
    ("beta for 2 beta", "twice_beta=2 * beta", "twice_beta=beta"),
], "backends/_launch_config.py": [
    ("vectors at unaligned addresses", " and self.alignment >= max_bytes", ""),
    ("the last pixels not launched", "-(-shape.outer // (pixels", "max(1, shape.outer // (pixels"),
], "backends/cupy_backend.py": [
    ("strides ignored", "tuple(map(cupy.ascontiguousarray, inputs))", "tuple(inputs)"),
    ("bias of another type", "(name, dtype.str) for name in", '(name, "f8") for name in'),
], "_api.py": [
    ("a result over its own input", "y.size > 0 and first < end and begin < last", "False"),
    ("the current device, not that of x", "() if library is np else x.device:", "():"),
]}
