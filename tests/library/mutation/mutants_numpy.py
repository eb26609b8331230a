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
    "tests/library/backends/test_fallback.py",
)  # fmt: skip

# fmt: off
MUTANTS = {"backends/numpy_backend.py": [
    ("window without its last channel", "used, before + after + 1", "used, before + after"),
    ("window without its first channel", "(used, before + after + 1,",
     "(used[self.inner :], before + after,"),
    ("sides of a window swapped", "squares, self.reach, result, scratch)\n        self.power = "
     "_view_like(self.sums, scratch)\n        self.power_block = self.as_block(self.power)\n\n",
     "squares, self.reach[::-1], result, scratch)\n        self.power = _view_like(self.sums, "
     "scratch)\n        self.power_block = self.as_block(self.power)\n\n"),
    ("gradient not mirrored", "mirrored = self.reach[::-1]", "mirrored = self.reach"),
    ("sides of the gradient's bases swapped", "squares, self.reach, result, scratch)\n        "
     "self.power = _view_like(self.sums, scratch)\n        self.power_block = "
     "self.as_block(self.power)\n        self.u,", "squares, self.reach[::-1], result, scratch)\n"
     "        self.power = _view_like(self.sums, scratch)\n        self.power_block = "
     "self.as_block(self.power)\n        self.u,"),
    ("padding of the shorter side", "else max(self.reach)", "else min(self.reach)"),
    ("one side beyond the axis taken for both", "min(self.reach) == self.channels - 1",
     "max(self.reach) == self.channels - 1"),
    ("halves of a window overlap", "half[terms // 2 * step :]", "half[: len(total)]"),
    ("an odd window counts a channel twice", "- 1) * step :],", "- 2) * step :][: len(total)],"),
    ("halving loses the last channel", "z[:, n - half : n]", "z[:, half : 2 * half]"),
    ("windows run into the next pixel", "[:, self.channels :] = 0", "[:, self.channels :] = 1"),
    ("zeros of another shape kept", "if workspace is not last:", "if last is None:"),
    ("ends of a buffer are not zeros", "self.offset :] = 0", "self.offset :] = 1"),
    ("alpha divided by the window's size", "np.multiply(x, self.p.alpha, self.scaled)",
     "np.multiply(x, self.p.alpha / (sum(self.reach) + 1), self.scaled)"),
    ("alpha multiplies bias", "np.add(self.sums, self.p.bias,",
     "np.add(self.sums, self.p.bias * self.p.alpha,"),
    ("sums of values, not of squares", "np.multiply(self.scaled, x, self.squares)",
     "np.abs(self.scaled, self.squares)"),
    ("wrong quarter root", "if quarters == 3:", "if quarters == 1:"),
    ("beta = 2 computed as 3", "integer - 2)", "integer - 1)"),
    ("beta = 1.5 computed as 0.5", "range(int(integer))", "range(int(integer) - 1)"),
    ("sign of beta ignored", "np.divide if p.beta > 0", "np.divide if p.beta"),
    ("sign of the second term", "-2 * p.beta, self.term_sums", "2 * p.beta, self.term_sums"),
    ("second term without its 2", "-2 * p.beta, self.term_sums", "-p.beta, self.term_sums"),
    ("beta, not beta + 1, in the second term", "np.divide(w, s, w)", "np.abs(s, s)"),
    ("terms between pixels not cleared", "self.zero_padding(self.terms)", "pass"),
    ("no range check", "not s.max() <= self.max_base\n        original", "False\n        original"),
    ("no check of small bases", "self.p.bias >= self.min_base or s.min() >= self.min_base", "True"),
    ("underflow taken for zeros", "is_small or bool(((x != 0) & vanished).any())", "is_small"),
    ("underflow beside a large value taken for zeros", "else self.squares == 0",
     "else self.as_block(zero)"),
    ("small beside zeros", "is_small or bool(", "bool("),
    ("no check of dy", "self.max_scaled and too_small == 0)",
     "self.max_scaled or too_small >= 0)"),
    ("no check of terms", "p.alpha > 0 and self.maybe_underflow(x, zero)", "False"),
    ("inputs read after they are overwritten", "x.copy() if np.may", "x if np.may"),
    ("half types computed in half", "8 else np.float32)", "8 else out.dtype)"),
    ("float64 computed in float32", "np.float64 if out", "np.float32 if out"),
    ("a thread's blocks lost", "todo[k::threads]", "todo[k :: threads + 1]"),
], "_layout.py": [
    ("last partial block lost", "range(0, size, step)", "range(0, size - size % step, step)"),
    ("channels cut into blocks", "if k != axis:", "if k >= 0:"),
], "backends/_extended_range.py": [
    ("neighbours not recomputed", "dilate(mask | _base_mask(x, reach, p, dtype), reach[::-1])",
     "mask | _base_mask(x, reach, p, dtype)"),
    ("neighbours of the other side recomputed", "p, dtype), reach[::-1])", "p, dtype), reach)"),
    ("extended gradient not mirrored", "-e))), reach[::-1])", "-e))), reach)"),
    ("extended window's sides swapped", "range(-reach[0], reach[1] + 1)",
     "range(-reach[1], reach[0] + 1)"),
    ("all of a pixel recomputed", "np.where(mask[chosen],", "np.where(True,"),
    ("only the first pixels recomputed", "range(0, len(pixels), step)", "range(0, 1)"),
    ("windows of zeros recomputed as bases", " if p.bias == 0 else mask", ""),
    ("exponent not split", " + (exponent - high) * e", ""),
    ("zero has an exponent", "np.where(m == 0, ZERO_EXPONENT, e + more)", "e + more"),
    ("lesser exponent on top", "top = np.maximum(a[1], b[1])", "top = np.minimum(a[1], b[1])"),
    ("extended window one short", "range(-reach[0], reach[1] + 1)",
     "range(-reach[0], reach[1])"),
    ("extended gradient's sign", "-2 * p.beta), _to_extended(p.", "2 * p.beta), _to_extended(p."),
    ("extended gradient without alpha", ".beta), _to_extended(p.alpha", ".beta), _to_extended(1.0"),
    ("extended gradient with beta", "_multiply(v, (1 / m, -e))", "v"),
    ("extended power's sign", "(_base(v, reach, p), -p.beta)", "(_base(v, reach, p), p.beta)"),
    ("limits that forget beta", "exponent / max(1.0, abs(p.beta))", "exponent"),
    ("limits that forget alpha", "if p.alpha and not", "if False and not"),
    ("limits of another dtype", "np.finfo(dtype).maxexp", "np.finfo(np.float64).maxexp"),
]}
