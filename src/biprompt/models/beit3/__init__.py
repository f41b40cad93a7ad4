"""BEiT-3: one transformer for images and text, with weights of its own for each (multiway)."""

from __future__ import annotations

from biprompt.models.beit3.config import Beit3Config
from biprompt.models.beit3.looking import image_attention
from biprompt.models.beit3.model import Beit3
from biprompt.models.beit3.multiway import Streams
from biprompt.models.beit3.tokens import pad_tokens

__all__ = ["Beit3", "Beit3Config", "Streams", "image_attention", "pad_tokens"]
