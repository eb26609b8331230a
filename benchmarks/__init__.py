"""Side-by-side measurements of LRN, run by `make bench` and `make gpu`."""
