"""The graphs of a promptable network: one that looks at an image, and one for each kind of prompt.

A graph holds one kind of prompt because SAM attends to padding: a row of points with an empty box
is another question than a row of points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, nn

from biprompt.models.evf import EvfSam
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts
from biprompt.zoo.export.tracing import Axes

KINDS: Mapping[str, tuple[str, ...]] = {
    "points": ("points", "labels"),
    "box": ("boxes",),
    "points_box": ("points", "labels", "boxes"),
    "points_mask": ("points", "labels", "masks"),
    "text": ("text",),
}
"""Inputs beside the feature maps, by the name of the graph."""
_FREE: Axes = {
    "points": {0: "prompts", 1: "clicks"},
    "labels": {0: "prompts", 1: "clicks"},
    "boxes": {0: "prompts"},
    "masks": {0: "prompts"},
    "text": {0: "prompts"},
    "logits": {0: "prompts"},
    "iou": {0: "prompts"},
    "ids": {0: "phrases", 1: "pieces"},
    "real": {0: "phrases", 1: "pieces"},
    "tokens": {0: "phrases"},
}
"""Axes that may have any length."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """What is traced.

    Attributes:
        name: of the file, without its ending.
        module: takes `inputs` in order.
        inputs: an example of each.
        outputs: names.
        check: other examples, of other lengths along the free axes.
    """

    name: str
    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: tuple[str, ...]
    check: Mapping[str, Tensor] = field(repr=False)

    @property
    def axes(self) -> Axes:
        """Free axes of inputs and outputs."""
        return {name: _FREE[name] for name in (*self.inputs, *self.outputs) if name in _FREE}


class Looking(nn.Module):
    """The image encoder; feature maps in a fixed order."""

    def __init__(self, model: Promptable, names: Sequence[str]) -> None:
        super().__init__()
        self.model, self.names = cast(nn.Module, model), tuple(names)

    def forward(self, input_image: Tensor) -> tuple[Tensor, ...]:
        """``(1, 3, S, S)`` to the feature maps."""
        maps = cast(Promptable, self.model).encode_image(input_image)
        return tuple(maps[name] for name in self.names)


class Answering(nn.Module):
    """The decoder for one kind of prompt."""

    def __init__(self, model: Promptable, names: Sequence[str], kind: Sequence[str]) -> None:
        super().__init__()
        self.model, self.names, self.kind = cast(nn.Module, model), tuple(names), tuple(kind)

    def forward(self, *given: Tensor) -> tuple[Tensor, Tensor]:
        """Feature maps, then the prompt, to logits ``(N, 4, S/4, S/4)`` and IoU ``(N, 4)``."""
        maps = dict(zip(self.names, given, strict=False))
        prompts = SamPrompts(**dict(zip(self.kind, given[len(self.names) :], strict=True)))
        return cast(Promptable, self.model).decode(maps, prompts)


class Reading(nn.Module):
    """BEiT-3 and the projector: phrases about one image."""

    def __init__(self, model: EvfSam) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor, ids: Tensor, real: Tensor) -> Tensor:
        """``(1, 3, B, B)``, ``(P, T)`` int64 and ``(P, T)`` bool to tokens ``(P, 1, C)``."""
        of = torch.zeros_like(ids[:, 0])
        return self.model.phrase_tokens(pixels, ids, real, of)


def graphs(model: Promptable, kinds: Sequence[str], *, seed: int = 0) -> Iterator[Graph]:
    """Yield the graphs of a network, the image encoder first.

    Args:
        model: in evaluation mode, float32, on the CPU; of EVF-SAM, with words.
        kinds: names of `KINDS` that it answers.
        seed: of the examples.
    """
    chance = torch.Generator().manual_seed(seed)
    images = [_image(model, chance) for _ in range(2)]
    with torch.no_grad():
        maps, others = (model.encode_image(image) for image in images)
    names = sorted(maps)
    looking = {"input_image": images[0]}, {"input_image": images[1]}
    yield Graph("encoder", Looking(model, names), looking[0], tuple(names), looking[1])
    if isinstance(model, EvfSam) and "text" in kinds:
        pixels = torch.randn(1, 3, model.beit_size, model.beit_size, generator=chance)
        examples = (_phrases(pixels, rows, length, chance) for rows, length in ((2, 5), (3, 8)))
        yield Graph("text", Reading(model), next(examples), ("tokens",), next(examples))
    for kind in kinds:
        wanted = KINDS[kind]
        given, check = (
            {**some, **_prompts(model, wanted, rows, clicks, maps, chance)}
            for some, rows, clicks in ((_of(maps, names), 2, 2), (_of(others, names), 3, 4))
        )
        module = Answering(model, names, wanted)
        yield Graph(f"decoder_{kind}", module, given, ("logits", "iou"), check)


def _of(maps: Mapping[str, Tensor], names: Sequence[str]) -> dict[str, Tensor]:
    return {name: maps[name] for name in names}


def _image(model: Promptable, chance: torch.Generator) -> Tensor:
    side = getattr(getattr(model, "config", None), "input_size", model.image_size)
    return torch.randn(1, 3, side, side, generator=chance)


def _phrases(pixels: Tensor, rows: int, length: int, chance: torch.Generator) -> dict[str, Tensor]:
    """Phrases of differing lengths: the last ones are padded."""
    ids = torch.randint(4, 60, (rows, length), generator=chance)
    ids[:, 0], ids[:, -1] = 0, 2
    real = torch.arange(length) < torch.arange(length, length - rows, -1)[:, None]
    return {"pixels": pixels, "ids": ids, "real": real}


def _prompts(
    model: Promptable, wanted: Sequence[str], rows: int, clicks: int,
    maps: Mapping[str, Tensor], chance: torch.Generator,
) -> dict[str, Tensor]:  # fmt: skip
    """An example of a kind of prompt, in pixels of the model frame."""
    side, cells = model.image_size, model.image_size // 4
    low = torch.rand(rows, 2, generator=chance) * side / 2
    made = {
        "points": torch.rand(rows, clicks, 2, generator=chance) * side,
        "labels": torch.randint(0, 2, (rows, clicks), generator=chance),
        "boxes": torch.cat((low, low + side / 3), 1),
        "masks": torch.randn(rows, 1, cells, cells, generator=chance),
        "text": torch.randn(rows, 1, maps["image"].shape[1], generator=chance),
    }
    return {name: made[name] for name in wanted}
