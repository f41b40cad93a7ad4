"""`biprompt serve`: a page to point at, and the HTTP API behind it.

A request comes in through `app` (who may ask, how much), `routes` turns it into a call of
`service`, and that keeps what was uploaded (`images`), looks at it once (`looks`), and puts the
prompts that wait together into one call of the model (`batching`). `client` is the other end.

Everything but `settings` and `client` needs `pip install "biprompt[serve]"`.
"""

from __future__ import annotations
