"""Side-by-side measurements of LRN; `make bench` runs them, results/ holds dated records."""
