"""Is the named thing there: what a question names, and whether it is in the image.

Two gates. The text gate: a question is compared with the concepts of a domain (`load_domain`,
`ContextCache`, `resolve`). The image gate: a model's presence score (`presence_probability`), or
what stands for it (`gates`).
"""

from __future__ import annotations

from biprompt.presence.context import ContextCache
from biprompt.presence.domain import Concept, Domain, load_domain
from biprompt.presence.probability import presence_probability
from biprompt.presence.questions import resolve
from biprompt.presence.resolution import Part, Resolution

__all__ = [
    "Concept",
    "ContextCache",
    "Domain",
    "Part",
    "Resolution",
    "load_domain",
    "presence_probability",
    "resolve",
]
