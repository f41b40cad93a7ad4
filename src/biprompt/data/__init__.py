"""Data sets and what is made from them: readers, splits, simulated clicks, expressions."""
