"""How well the embedded model refuses, before and after the text gate: docs/results/refusal.*.

Every photograph kept out of training is asked for the 80 names (`asking`), for them in other words,
and for things outside the domain (the held-back questions of the bank). Then the presence score is
taken away, and estimated from how the masks look (`estimating`). `pages` writes both down.
"""
