"""The frozen part of the network that looks at the picture, kept apart from what learns."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn

from biprompt.models.promptable import Promptable
from biprompt.models.sam.config import STRIDE
from biprompt.runtime.torch.place import Place
from biprompt.runtime.torch.precision import settle
from biprompt.training.evf.batches import Batch, Features
from biprompt.training.evf.clip import Network
from biprompt.zoo.build import fingerprint
from biprompt.zoo.recognise import VISUAL

_CELLS = 2 * 64**2
"""Cells in one call: two pictures of SAM, which keep a GPU busy."""


class Looker:
    """SAM's image encoder, frozen: outside of what DDP, FSDP and DeepSpeed wrap and divide.

    Args:
        visual: a SAM; its weights move to the place.
        place: where the encoder works, and in which precision.
    """

    def __init__(self, visual: nn.Module, place: Place) -> None:
        encoder = cast(nn.Module, visual.image_encoder)
        self.weights = {
            f"{VISUAL}image_encoder.{name}": value for name, value in encoder.state_dict().items()
        }
        """Of the image encoder, as they were, by their official names."""
        self.version = fingerprint(self.weights)
        """A digest of them."""
        self.visual, self.place = visual, place
        settle(visual, place)

    @classmethod
    def taken_from(cls, model: Network, place: Place) -> Looker:
        """Take the encoder out of a model, which has none afterwards.

        The rest is copied: SAM 2 applies two layers of its decoder while it looks.
        """
        visual = model.visual_model
        encoder = visual.image_encoder
        visual.image_encoder = nn.Identity()
        apart = copy.deepcopy(visual)
        apart.image_encoder = encoder
        return cls(apart, place)

    @property
    def promptable(self) -> Promptable:
        """The SAM."""
        return cast(Promptable, self.visual)

    @torch.no_grad()
    def features(self, batch: Batch) -> Features:
        """What SAM sees of all pictures of a batch on its device: ``(I, ...)`` by name."""
        seen = None if batch.canvas is None else self.look(batch.canvas)
        if batch.features is None or seen is None:
            return seen or batch.features or {}
        return {name: _merged(batch.features[name], seen[name], batch.stored) for name in seen}

    @torch.no_grad()
    def look(self, canvas: Tensor) -> Features:
        """What SAM sees of pictures ``(M, 3, S, S)``."""
        where = canvas.to(self.place.device, self.place.dtype)
        turns = torch.split(where, at_once(self.promptable.image_size // STRIDE))
        found = [self.promptable.encode_image(turn) for turn in turns]
        return {name: torch.cat([one[name] for one in found]) for name in found[0]}


def at_once(grid: int) -> int:
    """Pictures in one call of an encoder of that many cells a side: attention grows with them."""
    return max(1, _CELLS // grid**2)


def _merged(stored: Tensor, seen: Tensor, is_stored: tuple[bool, ...]) -> Tensor:
    """Rows of both in the order of the pictures."""
    chosen = torch.tensor(is_stored, device=seen.device)
    merged = seen.new_empty(len(is_stored), *seen.shape[1:])
    merged[chosen], merged[~chosen] = stored.to(seen), seen
    return merged
