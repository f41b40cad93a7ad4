"""Runtimes that tell things of a kind apart."""

from __future__ import annotations

from typing import Protocol

from biprompt.runtime.base import Decoded, ImageEmbedding, Phrase, Runtime


class InstanceRuntime(Runtime, Protocol):
    """A runtime that tells things of a kind apart: its `RuntimeFacts.instances` is True."""

    def instances(self, image: ImageEmbedding, phrase: Phrase) -> Decoded:
        """Every thing that a phrase means, one row each, the surest first.

        Returns:
            ``N`` rows of one mask, none where nothing is sure enough: logits ``(N, 1, h, w)`` on
            cells of the canvas (of `Decoded.frames`, where it sees another one than the embedding
            says), and ``iou`` ``(N, 1)``, how sure it is of each, 0 to 1.
        """
        ...
