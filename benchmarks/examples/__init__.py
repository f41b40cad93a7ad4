"""The numbers by which examples are judged, fitted on photographs kept out of training.

``python -m benchmarks.examples --data ../shared/data -o calibration.toml``
"""
