"""The trained model as three graphs: what each takes and gives, and example inputs for tracing.

The image size, the number of prompts, of points and of words are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts
from biprompt.training.compact.calibrate import Calibration


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of example inputs: the image, and how many prompts, points and words there are."""

    hw: tuple[int, int]
    prompts: int
    points: int
    words: int


TRACED = Sizes((128, 160), prompts=2, points=4, words=3)
CHECKED = Sizes((192, 96), prompts=3, points=2, words=5)
"""All unlike those that are traced: what was taken for a constant shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """One graph before it is written.

    Attributes:
        name: of its file, without the suffix.
        module: computes it.
        inputs: example inputs by name, in the module's order.
        outputs: names of what it gives.
    """

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]


class EncoderGraph(nn.Module):
    """``image`` ``(H, W, 3)`` uint8 to the six feature maps."""

    def __init__(self, model: CompactModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Look at one image."""
        x = image.permute(2, 0, 1)[None].float() / 127.5 - 1.0
        return tuple(self.model.encode(x))


class TextGraph(nn.Module):
    """Phrases and three feature maps of one image to query, prior and calibrated presence."""

    def __init__(self, model: CompactModel, calibration: Calibration) -> None:
        super().__init__()
        self.text = model.text
        self.calibration = calibration

    def forward(
        self, p16: Tensor, c32: Tensor, sem32: Tensor, words: Tensor, lengths: Tensor
    ) -> tuple[Tensor, ...]:
        """Read the phrases."""
        p16, c32, sem32 = (x.expand(words.shape[0], -1, -1, -1) for x in (p16, c32, sem32))
        # The others are not read; anything may stand in their place.
        features = Features(p4=p16, p8=p16, p16=p16, key8=p16, c32=c32, sem32=sem32)
        query, prior, presence = self.text(features, words, lengths)
        fit = self.calibration
        return query, prior, presence * fit.presence_scale + fit.presence_bias


class DecoderGraph(nn.Module):
    """Prompts and four feature maps of one image to mask logits and predicted IoU."""

    def __init__(self, model: CompactModel, calibration: Calibration) -> None:
        super().__init__()
        self.model = model
        self.calibration = calibration

    def forward(
        self, p4: Tensor, p8: Tensor, p16: Tensor, key8: Tensor, xy: Tensor, labels: Tensor,
        box: Tensor, has_box: Tensor, mask: Tensor, has_mask: Tensor, query: Tensor,
        prior: Tensor, has_text: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Answer the prompts."""
        p4, p8, p16, key8 = (x.expand(labels.shape[0], -1, -1, -1) for x in (p4, p8, p16, key8))
        # The last two are not read; anything may stand in their place.
        features = Features(p4=p4, p8=p8, p16=p16, key8=key8, c32=p16, sem32=p16)
        spatial = SpatialPrompts(xy, labels, box, has_box, mask, has_mask)
        logits, quality = self.model.decode(features, spatial, TextPrompts(query, prior, has_text))
        alone = has_text * (1.0 - has_box) * (1.0 - has_mask) * (labels.amax(1) < 0).float()
        logits = logits - self.calibration.text_cut * alone[:, None, None, None]
        return logits, torch.sigmoid(quality)


def graphs(
    model: CompactModel, calibration: Calibration, sizes: Sizes = TRACED
) -> tuple[Graph, ...]:
    """The graphs, with the same example inputs every time."""
    chance = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (*sizes.hw, 3), dtype=torch.uint8, generator=chance)
    encoder = EncoderGraph(model)
    levels = dict(zip(Features._fields, encoder(image), strict=True))
    words = torch.randn(sizes.prompts, sizes.words, model.config.word_dim, generator=chance)
    lengths = torch.arange(sizes.prompts, dtype=torch.float32) % sizes.words + 1.0
    text = {name: levels[name] for name in ("p16", "c32", "sem32")}
    text |= {"words": words, "lengths": lengths}
    maps = {name: levels[name] for name in ("p4", "p8", "p16", "key8")}
    return (
        Graph("encoder", encoder, {"image": image}, Features._fields),
        Graph("text", TextGraph(model, calibration), text, ("query", "prior", "presence")),
        Graph(
            "decoder",
            DecoderGraph(model, calibration),
            maps | _prompts(model, sizes, chance),
            ("logits", "iou"),
        ),
    )


def _prompts(model: CompactModel, sizes: Sizes, chance: torch.Generator) -> dict[str, Tensor]:
    """By turns: clicks, a box and words; clicks and a mask."""
    (h, w), p, n = sizes.hw, sizes.prompts, sizes.points
    even = (torch.arange(p) % 2 == 0).float()
    corner = torch.rand(p, 2, generator=chance) * 0.4
    box = torch.cat((corner, corner + 0.5), 1) * torch.tensor([w, h, w, h])
    return {
        "xy": torch.rand(p, n, 2, generator=chance) * torch.tensor([w, h]),
        "labels": torch.randint(-1, 2, (p, n), generator=chance).float(),
        "box": box,
        "has_box": even,
        "mask": torch.rand(p, 1, h // 4, w // 4, generator=chance),
        "has_mask": 1.0 - even,
        "query": torch.randn(p, model.config.text_dim, generator=chance),
        "prior": torch.randn(p, 1, h // 16, w // 16, generator=chance),
        "has_text": even,
    }


AXES: Mapping[str, Mapping[int, str]] = {
    "image": {0: "H", 1: "W"},
    **{name: {2: f"h{s}", 3: f"w{s}"} for name, s in
       (("p4", 4), ("p8", 8), ("p16", 16), ("key8", 8), ("c32", 32), ("sem32", 32))},
    "words": {0: "P", 1: "L"}, "xy": {0: "P", 1: "N"}, "labels": {0: "P", 1: "N"},
    "mask": {0: "P", 2: "h4", 3: "w4"}, "prior": {0: "P", 2: "h16", 3: "w16"},
    "logits": {0: "P", 2: "h4", 3: "w4"},
    **{name: {0: "P"} for name in
       ("lengths", "box", "has_box", "has_mask", "query", "has_text", "iou", "presence")},
}  # fmt: skip
"""The free axes of each input and output, by name."""
