"""Benchmarks: each is a command that prints ratios measured side by side in one run."""
