"""Faults of the Numba backend. Each one compiles anew, so few tests must find them all."""

FILES = "numba"
SELECTION = ("tests/library/backends/test_numba.py",)

# fmt: off
MUTANTS = {"backends/_numba_kernels.py": [
    ("window one late at its left", "left = squares[np.uint64(t) + np.uint64(d) * np.uint64(step)]",
     "left = squares[np.uint64(t) + np.uint64(d + 1) * np.uint64(step)]"),
    ("window one short at its right", "len(window) - 1 - d", "len(window) - 2 - d"),
    ("alpha divided by the window's size", "squares.dtype.type(constants.bias + constants.alpha *",
     "squares.dtype.type(constants.bias + constants.alpha / len(window) *"),
    ("alpha multiplies bias", "squares.dtype.type(constants.bias + constants.alpha * total)",
     "squares.dtype.type(constants.alpha * (constants.bias + total))"),
    ("sums of values, not of squares", "squares[t] = e * e", "squares[t] = abs(e)"),
    ("doubling forgets odd windows", "total += z[t + third]", "pass"),
    ("halves of a window overlap", "done[t] + done[t + second]", "done[t] + done[t]"),
    ("columns share one sum", "totals[t % step] += z[t]", "totals[0] += z[t]"),
    ("squares of the last chunk lost",
     "_copy(squares[end - 2 * offset : end], squares[: 2 * offset])", "pass"),
    ("values of the last chunk lost", "_copy(v[end - 2 * offset : end], v[: 2 * offset])", "pass"),
    ("no zeros before the first channel", "squares[:offset] = 0", "squares[:0] = 0"),
    ("no zeros after the last channel", "squares[to:end] = 0", "squares[to:to] = 0"),
    ("last partial batch lost", "(first, last, batch)", "(first, last - batch + 1, batch)"),
    ("no range check", "return constants.min_base <= constants.bias and", "return True or"),
    ("all of a batch recomputed", "not constants.min_base <= s <= constants.max_base:", "True:"),
    ("sign of the second term", "u[t] -= twice_beta", "u[t] += twice_beta"),
    ("beta, not beta + 1, in the second term", "v[t] / s * u[t]", "v[t] * u[t]"),
    ("neighbours not recomputed", "[begin:end:step].any():", "[column + c * step]:"),
    ("wrong quarter root", "math.sqrt(s * math.sqrt(s))", "math.sqrt(math.sqrt(s))"),
    ("power half as large", "np.int32(127)", "np.int32(126)"),
    ("power without the exponent's rest", "e_float * low + ", ""),
], "backends/_extended_range.py": [
    ("second term without its 2", "twice_beta=2 * beta", "twice_beta=beta"),
], "backends/numba_backend.py": [
    ("last task of the threads lost", "tasks * k // threads for", "(tasks - 1) * k // threads for"),
    ("narrow last tile lost", "outer * -(-inner // tile)", "outer * (inner // tile)"),
], "backends/_numba_extended_range.py": [
    ("extended window one short", "at + radius * step)", "at + radius * step - step)"),
    ("extended gradient's sign", "-2 * beta * f * total", "2 * beta * f * total"),
    ("extended exponent not split", " - (beta - high) * e", ""),
]}
