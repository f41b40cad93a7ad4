"""Pictures of answers: the overlay and the selection card. Arrays in, arrays out."""

from __future__ import annotations

from biprompt.io.draw.card import card_image
from biprompt.io.draw.heat import heat
from biprompt.io.draw.overlay import overlay
from biprompt.io.draw.panel import Panel

__all__ = ["Panel", "card_image", "heat", "overlay"]
