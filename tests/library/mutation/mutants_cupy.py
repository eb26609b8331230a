"""Faults of the CUDA kernels and of their launch, found without a GPU."""

FILES = r"cupy_backend|mutants_cupy|_launch_config|lrn\.cu"
SELECTION = (
    "-k", "cupy or kernels",
    "tests/library/backends/test_cuda_kernels.py",
    "tests/library/backends/test_cuda_uneven_windows.py",
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
    ("neighbours of the next pixel", "in_bounds && (unsigned)(c + k) < channels", "in_bounds"),
    ("a pixel too many", "if (row + i * blockDim.y >= pixels) break;\n", ""),
    ("a chunk forgets the channels before it", "(true, x, begin - R + k,", "(true, x, begin + k,"),
    ("a thread keeps the wrong channels", "v[k] = v[k + U * V],", "v[k] = v[k + V],"),
    ("terms read before they are written", "  if (GRADIENT) __syncthreads();\n", ""),
    ("no zeros beside a pixel's terms", "k < HALO; k += blockDim.x)", "k < 0; k += blockDim.x)"),
    ("dy one channel late", "(CHECKED, dy, first + R + k,", "(CHECKED, dy, first + R + k - 1,"),
    ("terms beside the array kept", "(first + R + k) >= channels) set", "0 >= channels) set"),
    ("the second term added", "-p.twice_beta * v[k], sums[k],", "p.twice_beta * v[k], sums[k],"),
    ("halving does not wait", "half /= 2) {\n    __syncthreads();\n", "half /= 2) {\n"),
    ("halving loses the first half", "+= at[half * blockDim.x]", "= at[half * blockDim.x]"),
    ("a sum read before its end", "  }\n  __syncthreads();\n  return sums", "  }\n  return sums"),
    ("a wide window one short", "min(after, channels - 1 - c)", "min(after - 1, channels - 1 - c)"),
    ("terms of a window not mirrored", "first = index - min(after", "first = index - min(before"),
    ("mirrored where recomputed", "Index j = first(c, before)", "Index j = first(c, after)"),
    ("not mirrored where recomputed", "first(c, after); j <= last(c, before)",
     "first(c, before); j <= last(c, after)"),
    ("an underflow taken for zeros", "next == 0 && v != 0 ?", "false ?"),
    ("no NaN for a window of zeros", "p.exact_bias == 0 && p.exact_beta > 0 ?", "false ?"),
    ("terms of zeros are not NaN", "size == 0 && p.exact_bias == 0) ?", "false) ?"),
    ("every base in range", "return s >= p.min_base && s <= p.max_base;", "return true;"),
    ("an inaccurate term is kept", "accurate ? ratio * u : infinity();", "ratio * u;"),
    ("nothing is recomputed", "if (isinf(load(result)))", "if (false)"),
    ("only the first pixel recomputed", "last_marked + 1, p}", "1, p}"),
    ("only one column recomputed", "begin, end, V, p}", "begin, end, 1, p}"),
    ("NaN outside its windows", "return max((Index)0, c - reach)", "return 0"),
    ("bfloat16 truncated, not rounded", "(bits + 0x7fffu + (bits >> 16 & 1u)) >> 16", "bits >> 16"),
], "backends/_extended_range.py": [
    ("beta for 2 beta", "twice_beta=2 * beta", "twice_beta=beta"),
], "backends/_launch_config.py": [
    ("vectors at unaligned addresses", " and self.alignment >= max_bytes", ""),
    ("before and after swapped", "*map(np.int64, reach)", "*map(np.int64, reach[::-1])"),
    ("uneven windows taken for even", "radius != after or radius >", "radius >"),
    ("one side holds all channels", "if min(reach) >=", "if max(reach) >="),
    ("the last pixels not launched", "-(-shape.outer // (pixels", "max(1, shape.outer // (pixels"),
    ("the last columns not launched", "-(-pixels // block[0])", "max(1, pixels // block[0])"),
], "backends/cupy_backend.py": [
    ("strides ignored", "tuple(map(cupy.ascontiguousarray, inputs))", "tuple(inputs)"),
    ("bias of another type", "(name, dtype.str) for name in", '(name, "f8") for name in'),
], "_api.py": [
    ("a result over its own input", "y.size > 0 and first < end and begin < last", "False"),
    ("the current device, not that of x", "() if library is np else x.device:", "():"),
]}
