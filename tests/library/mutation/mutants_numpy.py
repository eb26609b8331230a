"""Faults of the NumPy backend.

In each list: FILES is a pattern of the files that no other backend needs. SELECTION is what runs,
that which finds most first. MUTANTS has, for each file of lrnlib/, the name of each error, the
correct text, and the text that replaces it.
"""

FILES = "mutants_numpy"
SELECTION = (
    "-k", "numpy",
    "tests/library/numerics/test_reference.py",
    "tests/library/numerics/test_overflow.py",
    "tests/library/numerics/test_nan_propagation.py",
    "tests/library/numerics/test_out.py",
)  # fmt: skip

# fmt: off
MUTANTS = {"backends/numpy_backend.py": [
    ("window without its last channel", "z, 2 * self.radius + 1, self", "z, 2 * self.radius, self"),
    ("window without its first channel", "(z, 2 * self.radius + 1, self.inner, result, scratch)",
     "(z[self.inner :], 2 * self.radius, self.inner, result, scratch)"),
    ("halves of a window overlap", "half[terms // 2 * step :]", "half[: len(total)]"),
    ("an odd window counts a channel twice", "- 1) * step :],", "- 2) * step :][: len(total)],"),
    ("halving loses the last channel", "z[:, n - half : n]", "z[:, half : 2 * half]"),
    ("windows run into the next pixel", "[:, self.channels :] = 0", "[:, self.channels :] = 1"),
    ("zeros of another shape kept", "if workspace is not last:", "if last is None:"),
    ("ends of a buffer are not zeros", "self.offset :] = 0", "self.offset :] = 1"),
    ("alpha divided by the window's size", "np.multiply(s, p.alpha, s)",
     "np.multiply(s, p.alpha / (2 * min(p.depth_radius, 10**9) + 1), s)"),
    ("alpha multiplies bias", "np.multiply(s, p.alpha, s)\n    np.add(s, p.bias, s)",
     "np.add(s, p.bias, s)\n    np.multiply(s, p.alpha, s)"),
    ("sums of values, not of squares", "= x\n        np.multiply(self.x, self.x,",
     "= x\n        np.abs(self.x,"),
    ("wrong quarter root", "if quarters == 3:", "if quarters == 1:"),
    ("beta = 2 computed as 3", "integer - 2)", "integer - 1)"),
    ("beta = 1.5 computed as 0.5", "range(int(integer))", "range(int(integer) - 1)"),
    ("sign of beta ignored", "np.divide if beta > 0", "np.divide if beta"),
    ("sign of the second term", ".multiply(dx, -2 * p.beta, dx)", ".multiply(dx, 2 * p.beta, dx)"),
    ("second term without its 2", ".multiply(dx, -2 * p.beta, dx)", ".multiply(dx, -p.beta, dx)"),
    ("beta, not beta + 1, in the second term", "np.divide(w, s, w)", "np.abs(s, s)"),
    ("second term without alpha", "np.multiply(v, p.alpha, w)", "np.copyto(w, v)"),
    ("terms between pixels not cleared", "self.zero_padding(self.terms)", "pass"),
    ("no range check", "return not bool(min_base <= least", "return bool(min_base > max_base"),
    ("no check of small bases", "p.bias if p.bias >= min_base else s.min()", "min_base"),
    ("no check of dy", "max_scaled and too_small == 0)", "max_scaled or too_small >= 0)"),
    ("neighbours not recomputed", "(self.pixels(mask), self.radius)", "(self.pixels(mask), 0)"),
    ("all of a pixel recomputed", "np.where(out_of_range[at],", "np.where(True,"),
    ("only the first pixels recomputed", "range(0, len(outer), step)", "range(0, 1)"),
    ("half types computed in half", "8 else np.float32)", "8 else out.dtype)"),
    ("float64 computed in float32", "np.float64 if out", "np.float32 if out"),
    ("a thread's blocks lost", "todo[k::threads]", "todo[k :: threads + 1]"),
], "_layout.py": [
    ("last partial block lost", "range(0, size, step)", "range(0, size - size % step, step)"),
    ("channels cut into blocks", "if k != axis:", "if k >= 0:"),
], "backends/_extended_range.py": [
    ("exponent not split", " + (exponent - high) * e", ""),
    ("zero has an exponent", "np.where(m == 0, ZERO_EXPONENT, e + more)", "e + more"),
    ("lesser exponent on top", "top = np.maximum(a[1], b[1])", "top = np.minimum(a[1], b[1])"),
    ("extended window one short", "range(-radius, radius + 1)", "range(-radius, radius)"),
    ("extended gradient's sign", "-2 * p.beta), _to_extended(p.", "2 * p.beta), _to_extended(p."),
    ("extended gradient without alpha", ".beta), _to_extended(p.alpha", ".beta), _to_extended(1.0"),
    ("extended gradient with beta", "_multiply(v, (1 / m, -e))", "v"),
    ("extended power's sign", "(_base(v, radius, p), -p.beta)", "(_base(v, radius, p), p.beta)"),
    ("limits that forget beta", "exponent / max(1.0, abs(p.beta))", "exponent"),
    ("limits that forget alpha", "if p.alpha and not", "if False and not"),
    ("limits of another dtype", "np.finfo(dtype).maxexp", "np.finfo(np.float64).maxexp"),
]}
