"""Benchmarks: what this machine does in a second, against what it could do at most."""
