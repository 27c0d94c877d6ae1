"""Timings that can be trusted: checked first, in pairs, beside the machine's own limit.

``python -m benchmarks list | run | render``. Importing this package imports nothing heavy, so
that the number of threads can be set before any numerical library starts.
"""
