"""Measurements of the real command, each beside the least that the same work can cost; `python -m tests.benchmarks`."""
