"""Faults of the Numba backend. Each one compiles anew, so few tests must find them all."""

KERNELS, EXTENDED = "backends/_numba_kernels.py", "backends/_numba_extended_range.py"
BACKEND, LIMITS = "backends/numba_backend.py", "backends/_extended_range.py"

SELECTION = ("tests/library/backends/test_numba.py",)

LEFT = "left = squares[np.uint64(t) + np.uint64(d) * np.uint64(step)]"
BASE = "squares.dtype.type(constants.bias + constants.alpha * total)"
ODD = "            if odd:\n                total += z[t + third]\n"
CUTS = "[tasks * k // threads for k in range(threads + 1)]"
OUT_OF_RANGE = "if not constants.min_base <= s <= constants.max_base:"

# fmt: off
MUTANTS = [
    ("window one late at its left", KERNELS, LEFT, LEFT.replace("(d)", "(d + 1)")),
    ("window one short at its right", KERNELS, "len(window) - 1 - d", "len(window) - 2 - d"),
    ("alpha divided by the window's size", KERNELS, BASE,
     BASE.replace("alpha", "alpha / len(window)")),
    ("alpha multiplies bias", KERNELS, BASE,
     "squares.dtype.type(constants.alpha * (constants.bias + total))"),
    ("sums of values, not of squares", KERNELS, "squares[t] = e * e", "squares[t] = abs(e)"),
    ("doubling forgets odd windows", KERNELS, ODD, ""),
    ("halves of a window overlap", KERNELS, "done[t] + done[t + second]", "done[t] + done[t]"),
    ("columns share one sum", KERNELS, "totals[t % step] += z[t]", "totals[0] += z[t]"),
    ("squares of the last chunk forgotten", KERNELS,
     "_copy(squares[end - 2 * offset : end], squares[: 2 * offset])", "pass"),
    ("values of the last chunk forgotten", KERNELS,
     "_copy(v[end - 2 * offset : end], v[: 2 * offset])", "pass"),
    ("no zeros before the first channel", KERNELS, "squares[:offset] = 0", "squares[:0] = 0"),
    ("no zeros after the last channel", KERNELS, "squares[to:end] = 0", "squares[to:to] = 0"),
    ("last partial batch lost", KERNELS,
     "range(first, last, batch)", "range(first, last - batch + 1, batch)"),
    ("no range check", KERNELS,
     "return constants.min_base <= constants.bias and", "return True or"),
    ("all of a batch recomputed", KERNELS, OUT_OF_RANGE, "if True:"),
    ("sign of the second term", KERNELS, "u[t] -= twice_beta", "u[t] += twice_beta"),
    ("second term without its 2", LIMITS, "twice_beta=2 * beta", "twice_beta=beta"),
    ("beta, not beta + 1, in the second term", KERNELS, "v[t] / s * u[t]", "v[t] * u[t]"),
    ("neighbours not recomputed", KERNELS,
     "if out_of_range[begin:end:step].any():", "if out_of_range[column + c * step]:"),
    ("wrong quarter root", KERNELS, "math.sqrt(s * math.sqrt(s))", "math.sqrt(math.sqrt(s))"),
    ("power half as large", KERNELS, "np.int32(127)", "np.int32(126)"),
    ("power without the exponent's rest", KERNELS, "e_float * low + ", ""),
    ("last task of the threads lost", BACKEND, CUTS, CUTS.replace("tasks *", "(tasks - 1) *")),
    ("narrow last tile lost", BACKEND, "outer * -(-inner // tile)", "outer * (inner // tile)"),
    ("extended window one short", EXTENDED, "at + radius * step)", "at + radius * step - step)"),
    ("extended gradient's sign", EXTENDED, "-2 * beta * f * total", "2 * beta * f * total"),
    ("extended exponent not split", EXTENDED, " - (beta - high) * e", ""),
]
