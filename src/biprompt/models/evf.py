"""EVF-SAM: a phrase, read together with the image, prompts a SAM (arXiv 2406.20076, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3 import Beit3, Beit3Config, Streams
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts

Fusion = Literal["early", "late", "text"]
Feature = Literal["image_cls", "text_cls", "mean", "concat"]

_FEATURES: dict[Fusion, tuple[Feature, ...]] = {
    "early": ("image_cls", "text_cls", "mean", "concat"),
    "late": ("concat",),
    "text": ("text_cls",),
}


@dataclass(frozen=True, slots=True)
class EvfConfig:
    """How image and phrase become a prompt; left out, as in the published checkpoints.

    The rows of the paper's (v2) ablations, with the cIoU on RefCOCO testA:

    ========  ==============  =========  ==================================================  ====
    fusion    early_layers    feature    row                                                 cIoU
    ========  ==============  =========  ==================================================  ====
    early     None            image_cls  table 4, BEIT-3 Early (L1 to L24), the published    83.7
    early     12              image_cls  table 4, BEIT-3 Early (L1 to L12)                   82.2
    late      None            concat     table 4, BEIT-3 Late (Concat)                       70.2
    text      None            text_cls   table 4, BEIT-3 text only                           65.1
    early     None            text_cls   table 12, text [CLS]                                83.5
    early     None            mean       table 12, AvgPool of the image                      83.5
    early     None            concat     table 12, text and image [CLS], concatenated        83.2
    ========  ==============  =========  ==================================================  ====

    The paper does not say whether AvgPool includes the [CLS]; here it is the mean of the patches.
    Image comes before text in a concatenation.

    Attributes:
        beit3: sizes of BEiT-3.
        out_dim: channels of the prompt token, those of the mask decoder.
        fusion: "early", image and text attend to each other inside BEiT-3; "late", BEiT-3 reads
            each alone; "text", there is no image.
        early_layers: with early fusion, how many layers, from the first, attend over both; the
            later ones attend within each modality. None means all.
        feature: what of BEiT-3's output becomes the prompt: the image [CLS], the text [CLS]
            (its `<s>`), the mean over the patches, or both [CLS] concatenated.

    Raises:
        InputError: a choice that does not exist, or choices that do not go together.
    """

    beit3: Beit3Config = field(default_factory=Beit3Config)
    out_dim: int = 256
    fusion: Fusion = "early"
    early_layers: int | None = None
    feature: Feature = "image_cls"

    def __post_init__(self) -> None:
        """Check that the choices go together."""
        if self.fusion not in _FEATURES:
            raise InputError("fusion", expected=" or ".join(_FEATURES), actual=self.fusion)
        features = _FEATURES[self.fusion]
        if self.feature not in features:
            wanted = f"{' or '.join(features)} with {self.fusion} fusion"
            raise InputError("feature", expected=wanted, actual=self.feature)
        if self.early_layers is None:
            return
        if self.fusion != "early":
            wanted = f"None with {self.fusion} fusion"
            raise InputError("early layers", expected=wanted, actual=self.early_layers)
        if not 1 <= self.early_layers <= self.beit3.layers:
            wanted = f"1 to {self.beit3.layers}"
            raise InputError("early layers", expected=wanted, actual=self.early_layers)

    @property
    def feature_dim(self) -> int:
        """Channels of the feature: twice BEiT-3's where two [CLS] are concatenated."""
        return self.beit3.dim * (2 if self.feature == "concat" else 1)


class EvfSam(nn.Module):
    """BEiT-3, a projector, and a SAM that takes the projected token as its prompt.

    It is a `~biprompt.models.promptable.Promptable` itself: the SAM answers.

    The state dict has the names of the official checkpoints: ``visual_model``,
    ``mm_extractor.beit3`` and ``text_hidden_fcs.0``.

    Args:
        visual_model: the SAM, a `Promptable` whose prompt tokens have `config.out_dim` channels.
        config: how image and phrase become a prompt.
    """

    def __init__(self, visual_model: nn.Module, config: EvfConfig | None = None) -> None:
        """Make BEiT-3 and the projector with random weights."""
        super().__init__()
        self.config = config = config or EvfConfig()
        self.visual_model = visual_model
        self.image_size = self._sam.image_size
        self.mm_extractor = _Extractor(config.beit3)
        width = config.feature_dim
        self.text_hidden_fcs = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, config.out_dim))]
        )

    @property
    def beit_size(self) -> int:
        """Side of the square that BEiT-3 sees, in pixels."""
        return self.config.beit3.image_size

    @property
    def beit3(self) -> Beit3:
        """The encoder of image and phrase."""
        return self.mm_extractor.beit3

    @property
    def _sam(self) -> Promptable:
        return cast(Promptable, self.visual_model)

    def phrase_tokens(
        self, pixels: Tensor, ids: Tensor, mask: Tensor | None, image_of: Tensor
    ) -> Tensor:
        """Turn phrases about images into prompts; the images may differ between phrases.

        Args:
            pixels: ``(I, 3, S, S)`` float, as `biprompt.models.preprocess.beit_pixels` gives them.
                Not looked at with "text" fusion.
            ids: ``(P, T)`` int64, `<s>`, pieces, `</s>`, padded on the right.
            mask: ``(P, T)`` bool, True at real tokens; None when there is no padding. Padding
                changes nothing.
            image_of: ``(P,)`` int64, 0 to I - 1: the image that each phrase is about.

        Returns:
            ``(P, 1, out_dim)`` prompt tokens.

        Raises:
            InputError: a shape or dtype does not fit, or a phrase has too many tokens.
        """
        _check_phrases(ids, image_of)
        feature = self._feature(pixels, ids, mask, image_of)
        # BEiT-3 may work in half precision beside a projector in float32.
        feature = feature.to(next(self.text_hidden_fcs.parameters()).dtype)
        tokens: Tensor = self.text_hidden_fcs[0](feature)
        return tokens[:, None]

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images with the SAM; see `Promptable.encode_image`."""
        return self._sam.encode_image(x)

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer prompts with the SAM; see `Promptable.decode`.

        A phrase alone is ``SamPrompts(text=phrase_tokens(...))``.
        """
        return self._sam.decode(features, prompts)

    def _feature(
        self, pixels: Tensor, ids: Tensor, mask: Tensor | None, image_of: Tensor
    ) -> Tensor:
        """Return ``(P, feature_dim)``."""
        config, beit3 = self.config, self.beit3
        if config.fusion == "text":
            return beit3.text_alone(ids, mask)[:, 0]
        if config.fusion == "late":
            image = beit3.image_alone(pixels)[:, 0]
            return torch.cat((image[image_of], beit3.text_alone(ids, mask)[:, 0]), 1)
        encoded = beit3(pixels, ids, mask, image_of=image_of, joint_layers=config.early_layers)
        return _POOLS[config.feature](encoded)


class _Extractor(nn.Module):
    """Holds BEiT-3 one level down, where the official checkpoints have it."""

    def __init__(self, config: Beit3Config) -> None:
        super().__init__()
        self.beit3 = Beit3(config)


_POOLS: dict[Feature, Callable[[Streams], Tensor]] = {
    "image_cls": lambda x: x.visual[:, 0],
    "text_cls": lambda x: x.text[:, 0],
    "mean": lambda x: x.visual[:, 1:].mean(1),
    "concat": lambda x: torch.cat((x.visual[:, 0], x.text[:, 0]), 1),
}


def _check_phrases(ids: Tensor, image_of: Tensor) -> None:
    if ids.ndim != 2 or ids.dtype != torch.int64:
        raise InputError(
            "phrases",
            expected="int64 ids of shape (P, T)",
            actual=f"{ids.dtype} {tuple(ids.shape)}",
        )
    if image_of.shape != ids.shape[:1] or image_of.dtype != torch.int64:
        raise InputError(
            "images of phrases",
            expected=f"int64 of shape ({len(ids)},)",
            actual=f"{image_of.dtype} of shape {tuple(image_of.shape)}",
        )
