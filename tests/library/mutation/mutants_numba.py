"""Faults of the Numba backend. Each one compiles anew, so few tests must find them all."""

FILES = "numba"
SELECTION = (
    "tests/library/backends/test_numba.py",
    "tests/library/backends/test_fallback.py",
)

# fmt: off
MUTANTS = {"backends/_numba_kernels.py": [
    ("window one late at its left", "left = squares[t + np.uint64(d) * step]",
     "left = squares[t + np.uint64(d + 1) * step]"),
    ("window one short at its right", "len(window) - 1 - d", "len(window) - 2 - d"),
    ("alpha divided by the window's size", "squares.dtype.type(constants.bias + constants.alpha *",
     "squares.dtype.type(constants.bias + constants.alpha / len(window) *"),
    ("alpha multiplies bias", "squares.dtype.type(constants.bias + constants.alpha * total)",
     "squares.dtype.type(constants.alpha * (constants.bias + total))"),
    ("sums of values, not of squares", "squares[to + t] = e * e", "squares[to + t] = abs(e)"),
    ("doubling forgets odd windows", "total += z[t + third]", "pass"),
    ("halves of a window overlap", "done[t] + done[t + second]", "done[t] + done[t]"),
    ("columns share one sum", "totals[t] += z", "totals[0] += z"),
    ("no zeros before the first channel", "buffer[k * size : k * size + first] = 0", "pass"),
    ("no zeros after the last channel", "buffer[(k + 1) * size - last : (k + 1) * size] = 0",
     "pass"),
    ("zeros of another width kept", "if m != width or len(window) == 1:\n            "
     "_zero_ends(squares, before * m, after * m, size, n)\n            width = m",
     "if width == 0:\n            _zero_ends(squares, before * m, after * m, size, n)\n"
     "            width = m"),
    ("next group squared too late", "after, channels)\n            runs, run = _runs(squared, c2",
     "0, channels)\n            runs, run = _runs(squared, c2"),
    ("terms of the next group too late", "c2 = min(c1 + before, channels)\n            c3 =",
     "c2 = c1\n            c3 ="),
    ("sides of a window swapped", "reach, window, constants, roots):\n    \"\"\"LRN",
     "mirrored, window, constants, roots):\n    reach = mirrored[::-1]\n    \"\"\"LRN"),
    ("gradient not mirrored", "window_at + np.uint64(after * m)",
     "window_at + np.uint64(before * m)"),
    ("zeros of the terms not mirrored", "_zero_ends(terms, after * m, before * m",
     "_zero_ends(terms, before * m, after * m"),
    ("the middle of an even window counted twice", "if len(window) % 2:", "if True:"),
    ("one side beyond the axis taken for both", "ends == 2 * (channels - 1)",
     "ends >= channels - 1"),
    ("last partial batch too long", "min(blocks.batch, blocks.outer - first)", "blocks.batch"),
    ("no range check", "return (not in_range) & (", "return False & ("),
    ("windows of zeros go to the fallback", "(v != 0) | (s != constants.zero_base)", "True"),
    ("underflow taken for zeros", "(v != 0) | (s != constants.zero_base)",
     "s != constants.zero_base"),
    ("sign of the second term", "u[to + t] - constants.twice_beta",
     "u[to + t] + constants.twice_beta"),
    ("beta, not beta + 1, in the second term", "constants.rounded_alpha * e / s",
     "constants.rounded_alpha * e"),
    ("wrong quarter root", "math.sqrt(s * math.sqrt(s))", "math.sqrt(math.sqrt(s))"),
    ("power half as large", "np.int32(127)", "np.int32(126)"),
    ("power without the exponent's rest", "e_float * low + ", ""),
    ("power of zero not special", "constants.power_of_zero if s == 0 else ", ""),
], "backends/_extended_range.py": [
    ("second term without its 2", "twice_beta=2 * beta", "twice_beta=beta"),
    ("all of a block recomputed", "np.where(mask[chosen],", "np.where(True,"),
    ("neighbours not recomputed", "dilate(mask | _base_mask(x, reach, p, dtype), reach[::-1])",
     "mask | _base_mask(x, reach, p, dtype)"),
    ("extended gradient not mirrored", "-e))), reach[::-1])", "-e))), reach)"),
], "backends/numba_backend.py": [
    ("last task of the threads lost", "compute.tasks * k // threads for",
     "(compute.tasks - 1) * k // threads for"),
    ("last tile lost", "-(-self.blocks.inner // self.blocks.tile)",
     "self.blocks.inner // self.blocks.tile"),
    ("task after the one out of range recomputed", "self._task(a - 1)", "self._task(a)"),
    ("zeros without bias computed as with", "np.nan if p.bias else 0", "np.nan"),
], "backends/_numba_half.py": [
    ("float16 rounded down", "np.int32((112 << 23) - 0xFFF)", "np.int32(112 << 23)"),
    ("bfloat16 truncated", "np.int32(bits + np.int32(0x7FFF))", "np.int32(bits)"),
    ("infinity of float16 finite", "finite if rest < np.int32(0x7C00 << 13) else other", "finite"),
]}
