"""The public entry: load a model, look at an image once, ask many times."""

from __future__ import annotations

from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.core import Segmenter
from biprompt.segmenter.loading import load

__all__ = ["ImageEmbedding", "Segmenter", "load"]
