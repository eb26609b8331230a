"""Faults of the NumPy backend: name, file, the correct text, and the text that replaces it."""

BACKEND, EXTENDED = "backends/numpy_backend.py", "backends/_extended_range.py"
LAYOUT = "_layout.py"
WINDOWS = "return _doubling(z, 2 * self.radius + 1, self.inner, result, scratch)"
BASE = "    np.multiply(s, p.alpha, s)\n    np.add(s, p.bias, s)"
SQUARES = """\
        np.multiply(self.x, self.x, self.squares)
        _compute_base(s, self.additions, p)
        out"""
SECOND_TERM = "np.multiply(dx, -2 * p.beta, dx)"
DILATED = "_extended_range.dilate(self.pixels(mask), self.radius)"
FACTOR = "_to_extended(-2 * p.beta), _to_extended(p.alpha)"

# fmt: off
MUTANTS = [
    ("window without its last channel", BACKEND, WINDOWS, WINDOWS.replace(" + 1", "")),
    ("window without its first channel", BACKEND, WINDOWS,
     WINDOWS.replace("(z, 2 * self.radius + 1", "(z[self.inner :], 2 * self.radius")),
    ("halves of a window overlap", BACKEND, "half[terms // 2 * step :]", "half[: len(total)]"),
    ("an odd window counts a channel twice", BACKEND, "(total, z[(terms - 1) * step :], total)",
     "(total, z[(terms - 2) * step :][: len(total)], total)"),
    ("halving loses the last channel", BACKEND, "z[:, n - half : n]", "z[:, half : 2 * half]"),
    ("windows run into the next pixel", BACKEND,
     "[:, self.channels :] = 0", "[:, self.channels :] = 1"),
    ("zeros of another shape kept", BACKEND, "if workspace is not last:", "if last is None:"),
    ("ends of a buffer are not zeros", BACKEND, "self.offset :] = 0", "self.offset :] = 1"),
    ("alpha divided by the window's size", BACKEND, BASE,
     BASE.replace("p.alpha", "p.alpha / (2 * min(p.depth_radius, 10**9) + 1)")),
    ("alpha multiplies bias", BACKEND, BASE, "\n".join(reversed(BASE.split("\n")))),
    ("sums of values, not of squares", BACKEND, SQUARES,
     SQUARES.replace("multiply(self.x, ", "abs(")),
    ("wrong quarter root", BACKEND, "if quarters == 3:", "if quarters == 1:"),
    ("beta = 2 computed as 3", BACKEND, "integer - 2)", "integer - 1)"),
    ("beta = 1.5 computed as 0.5", BACKEND, "range(int(integer))", "range(int(integer) - 1)"),
    ("sign of beta ignored", BACKEND, "np.divide if beta > 0", "np.divide if beta"),
    ("sign of the second term", BACKEND, SECOND_TERM, SECOND_TERM.replace("-", "")),
    ("second term without its 2", BACKEND, SECOND_TERM, SECOND_TERM.replace("2 * ", "")),
    ("beta, not beta + 1, in the second term", BACKEND, "np.divide(w, s, w)", "np.abs(s, s)"),
    ("second term without alpha", BACKEND, "np.multiply(v, p.alpha, w)", "np.copyto(w, v)"),
    ("terms between pixels not cleared", BACKEND, "self.zero_padding(self.terms)", "pass"),
    ("no range check", BACKEND,
     "return not bool(min_base <= least and", "return bool(min_base > max_base and"),
    ("no check of small bases", BACKEND, "p.bias if p.bias >= min_base else s.min()", "min_base"),
    ("no check of dy", BACKEND, "max_scaled and too_small == 0)", "max_scaled or too_small >= 0)"),
    ("neighbours not recomputed", BACKEND, DILATED, "self.pixels(mask).copy()"),
    ("all of a pixel recomputed", BACKEND,
     "np.where(out_of_range[at], exact, results[at])", "exact"),
    ("only the first pixels recomputed", BACKEND, "range(0, len(outer), step)", "range(0, 1)"),
    ("half types computed in half", BACKEND, "8 else np.float32)", "8 else out.dtype)"),
    ("float64 computed in float32", BACKEND, "np.float64 if out", "np.float32 if out"),
    ("a thread's blocks lost", BACKEND, "todo[k::threads]", "todo[k :: threads + 1]"),
    ("last partial block lost", LAYOUT,
     "range(0, size, step)", "range(0, size - size % step, step)"),
    ("channels cut into blocks", LAYOUT, "if k != axis:", "if k >= 0:"),
    ("exponent not split", EXTENDED, " + (exponent - high) * e", ""),
    ("zero has an exponent", EXTENDED, "np.where(m == 0, ZERO_EXPONENT, e + more)", "e + more"),
    ("lesser exponent on top", EXTENDED,
     "top = np.maximum(a[1], b[1])", "top = np.minimum(a[1], b[1])"),
    ("extended window one short", EXTENDED, "range(-radius, radius + 1)", "range(-radius, radius)"),
    ("extended gradient's sign", EXTENDED, FACTOR, FACTOR.replace("-2", "2")),
    ("extended gradient without alpha", EXTENDED, FACTOR, FACTOR.replace("p.alpha", "1.0")),
    ("extended gradient with beta", EXTENDED, "_multiply(v, (1 / m, -e))", "v"),
    ("extended power's sign", EXTENDED,
     "_power(_base(v, radius, p), -p.beta)", "_power(_base(v, radius, p), p.beta)"),
    ("limits that forget beta", EXTENDED, "exponent / max(1.0, abs(p.beta))", "exponent"),
    ("limits that forget alpha", EXTENDED, "if p.alpha and not", "if False and not"),
    ("limits of another dtype", EXTENDED, "np.finfo(dtype).maxexp", "np.finfo(np.float64).maxexp"),
]
