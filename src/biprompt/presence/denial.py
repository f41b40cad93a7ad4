"""Questions that say what a thing is not or does not do: similarity of words cannot read them."""

from __future__ import annotations

import re

_NOT = r"n['\u2019]t"
_DENIED = re.compile(
    r"\b(?:(?:does|do|did|is|are|was|were|has|have|can|could|will|would|should)"
    rf"\s*(?:not|{_NOT})|cannot|ca{_NOT}|wo{_NOT}|never|no\s+longer)\s+(?P<verb>\w+)",
    re.IGNORECASE,
)
_FAILING = frozenset("work works working function functions functioning relax relaxes relaxing "
                     "close closes closing open opens opening empty empties emptying drain drains "
                     "draining".split())  # fmt: skip
"""What a sick organ does not do: such questions describe the organ and do not deny it."""


def denied(text: str) -> str | None:
    """The words of a question that deny something of the thing; None where none do.

    "the organ that does not relax in achalasia" says which organ it is and denies nothing of it.
    """
    for match in _DENIED.finditer(text):
        if match["verb"].lower() not in _FAILING:
            return match[0]
    return None
