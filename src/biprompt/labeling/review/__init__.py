"""The doubtful images of a run, one after the other, for a person who corrects them.

An image goes to the page as the session file that the page itself writes: the photograph and its
objects, each with its prompt, its answer and its mask.
"""

from __future__ import annotations

from biprompt.labeling.review.folder import Review

__all__ = ["Review"]
