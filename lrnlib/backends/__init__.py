"""One module a backend; each has `forward` over an array of (outer, channels, inner)."""
