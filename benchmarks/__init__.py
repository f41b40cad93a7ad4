"""How long it takes and how much memory, beside a baseline: ratios, and no verdict.

``python -m benchmarks`` from the root of a checkout with the package installed.
"""
