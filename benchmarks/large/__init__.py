"""The large models beside the way the papers' code works, and beside transformers.

``python -m benchmarks.large`` measures on this machine, every task in a process of its own, so that
peak memory is that of the task. All weights are random: the numbers tell of time and memory alone.
"""
