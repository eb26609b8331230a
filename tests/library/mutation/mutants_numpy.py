"""Errors of the NumPy backend: what is wrong, in which file, the text, and what it becomes."""

BACKEND, WIDE, LAYOUT = "backends/numpy_backend.py", "backends/_extended_range.py", "_layout.py"
WINDOWS = "return _doubling(z, 2 * self.radius + 1, self.inner, result, spare)"
BASE = "    np.multiply(s, p.alpha, s)\n    np.add(s, p.bias, s)"
SQUARES = """\
        np.multiply(self.x, self.x, self.squares)
        suspect = _any_outside(_base(s, self.additions, p), p)
        bad = self"""
SECOND_TERM = "np.multiply(dx, -2 * p.beta, dx)"

MUTANTS = [
    ("window without its last channel", BACKEND, WINDOWS, WINDOWS.replace(" + 1", "")),
    (
        "window without its first channel",
        BACKEND,
        WINDOWS,
        "return _doubling(z[self.inner :], 2 * self.radius, self.inner, result, spare)",
    ),
    ("halves of a window overlap", BACKEND, "half[terms // 2 * step :]", "half[: len(total)]"),
    (
        "an odd window counts a channel twice",
        BACKEND,
        "(total, z[(terms - 1) * step :], total)",
        "(total, z[(terms - 2) * step :][: len(total)], total)",
    ),
    ("halving loses the last channel", BACKEND, "z[:, n - half : n]", "z[:, half : 2 * half]"),
    (
        "windows run into the next pixel",
        BACKEND,
        "[:, self.channels :] = 0",
        "[:, self.channels :] = 1",
    ),
    ("zeros of another shape kept", BACKEND, "if block is not last:", "if last is None:"),
    ("ends of a buffer are not zeros", BACKEND, "self.lead :] = 0", "self.lead :] = 1"),
    (
        "alpha divided by the window's size",
        BACKEND,
        BASE,
        BASE.replace("p.alpha", "p.alpha / (2 * min(p.depth_radius, 10**9) + 1)"),
    ),
    (
        "alpha multiplies bias",
        BACKEND,
        BASE,
        "    np.add(s, p.bias, s)\n    np.multiply(s, p.alpha, s)",
    ),
    (
        "sums of values, not of squares",
        BACKEND,
        SQUARES,
        SQUARES.replace("multiply(self.x, ", "abs("),
    ),
    ("wrong quarter root", BACKEND, "if quarters == 3:", "if quarters == 1:"),
    ("beta = 2 is taken for 3", BACKEND, "whole - 2)", "whole - 1)"),
    ("beta = 1.5 is taken for 0.5", BACKEND, "range(int(whole))", "range(int(whole) - 1)"),
    ("sign of beta ignored", BACKEND, "np.divide if beta > 0", "np.divide if beta"),
    ("sign of the second term", BACKEND, SECOND_TERM, SECOND_TERM.replace("-", "")),
    ("second term without its 2", BACKEND, SECOND_TERM, SECOND_TERM.replace("2 * ", "")),
    ("beta, not beta + 1, in the second term", BACKEND, "np.divide(w, s, w)", "np.abs(s, s)"),
    ("second term without alpha", BACKEND, "np.multiply(v, p.alpha, w)", "np.copyto(w, v)"),
    ("terms between pixels not cleared", BACKEND, "self.clear_between(self.terms)", "pass"),
    ("no range check", BACKEND, "return not bool(low <= least and", "return bool(low > high and"),
    ("no check of small bases", BACKEND, "p.bias if p.bias >= low else s.min()", "low"),
    ("no check of dy", BACKEND, "large and tiny == 0)", "large or tiny >= 0)"),
    (
        "neighbours not mended",
        BACKEND,
        "bad = _extended_range.reached(bad, self.radius)",
        "bad = bad.copy()",
    ),
    ("all of a pixel mended", BACKEND, "np.where(bad[at], exact(at), pixels[at])", "exact(at)"),
    ("only the first pixels mended", BACKEND, "range(0, len(outer), step)", "range(0, 1)"),
    ("half types computed in half", BACKEND, "8 else np.float32)", "8 else out.dtype)"),
    ("float64 computed in float32", BACKEND, "np.float64 if out", "np.float32 if out"),
    ("a thread's boxes lost", BACKEND, "todo[k::threads]", "todo[k :: threads + 1]"),
    ("last partial box lost", LAYOUT, "range(0, size, step)", "range(0, size - size % step, step)"),
    ("channels cut into boxes", LAYOUT, "if k != axis:", "if k >= 0:"),
    ("exponent not split", WIDE, " + (exponent - high) * e", ""),
    ("zero has an exponent", WIDE, "np.where(m == 0, ZERO, e + more)", "e + more"),
    (
        "lesser exponent on top",
        WIDE,
        "top = np.maximum(a[1], b[1])",
        "top = np.minimum(a[1], b[1])",
    ),
    ("wide window one short", WIDE, "range(-radius, radius + 1)", "range(-radius, radius)"),
    ("wide gradient's sign", WIDE, "_extended_range(-2 * p.beta)", "_extended_range(2 * p.beta)"),
    (
        "wide gradient without alpha",
        WIDE,
        "_extended_range(-2 * p.beta), _extended_range(p.alpha)",
        "_extended_range(-2 * p.beta), _extended_range(1.0)",
    ),
    ("wide gradient with beta", WIDE, "_times(v, (1 / m, -e))", "v"),
    (
        "wide power's sign",
        WIDE,
        "_power(_base(v, radius, p), -p.beta)",
        "_power(_base(v, radius, p), p.beta)",
    ),
    ("limits that forget beta", WIDE, "reach(dtype) / max(1.0, abs(p.beta))", "reach(dtype)"),
    ("limits that forget alpha", WIDE, "if p.alpha and not", "if False and not"),
    ("limits of another dtype", WIDE, "np.finfo(dtype).maxexp", "np.finfo(np.float64).maxexp"),
]
