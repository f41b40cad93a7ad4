"""How far the large networks are from the code that was published, and the page that tells it.

``python -m benchmarks.parity`` compares with the numbers of the official code (tests/golden, at
reduced size) and with transformers (at published size), and writes ``docs/models.md``. All weights
are random: what is compared is arithmetic.
"""
