"""One module per backend; each has `forward` over an array of (outer, channels, inner)."""
