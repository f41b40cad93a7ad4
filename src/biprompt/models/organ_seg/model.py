"""Organ-Seg: a vision-language model reads picture and question, and prompts a SAM."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.checks import check_shape
from biprompt.models.organ_seg.extractors import (
    InformationOfInterestExtractor,
    SegmentInformationExtractor,
)
from biprompt.models.sam import Sam
from biprompt.models.sam.values import SamPrompts

FIRST_SCALE = 1 / 0.07
"""What cosines are multiplied by at first; it is learnt. The paper names none: cross-entropy over
cosines alone could not become certain. The value is CLIP's."""
_MOST_SCALE = 100.0


@dataclass(frozen=True, slots=True)
class OrganSegSizes:
    """Sizes of what Organ-Seg adds to its two networks.

    Attributes:
        width: of the vision-language embedding.
        hidden: of the extractors.
        tokens: prompt tokens of one mask.
        features: width of the context cache.
        classes: its entries, "none of them" included, which is the last.
        out: width of a prompt token, SAM's.
    """

    width: int
    hidden: int
    tokens: int
    features: int
    classes: int
    out: int = 256


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What questions about pictures were understood as.

    Attributes:
        tokens: F_seg, ``(N, tokens, out)``.
        similarities: cosine of F_t with every entry of the context cache, ``(N, classes)``.
        logits: these times the learnt scale.
    """

    tokens: Tensor
    similarities: Tensor
    logits: Tensor


class OrganSeg(nn.Module):
    """The whole model.

    Args:
        sizes: of the extractors.
        language: a vision-language model in the manner of LLaVA, as transformers loads it.
        sam: with the weights of MedSAM.
        context: the context cache, ``(classes, features)`` float32, one row for each organ and
            last the irrelevant entry; it does not learn.

    Raises:
        InputError: the context cache has another shape.
    """

    context: Tensor

    def __init__(
        self, sizes: OrganSegSizes, language: nn.Module, sam: Sam, context: Tensor
    ) -> None:
        """Make the extractors with random weights."""
        super().__init__()
        check_shape("context cache", context, (sizes.classes, sizes.features))
        self.sizes, self.language, self.sam = sizes, language, sam
        self.segment = SegmentInformationExtractor(
            sizes.width, sizes.hidden, sizes.out, queries=sizes.tokens
        )
        self.interest = InformationOfInterestExtractor(sizes.width, sizes.hidden, sizes.features)
        self.log_scale = nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))
        self.register_buffer("context", F.normalize(context.float(), dim=1))

    def embed(self, ids: Tensor, real: Tensor, pixels: Tensor) -> Tensor:
        """Read pictures and questions: F_vl, the last hidden states of the language model.

        Args:
            ids: ``(N, T)`` int64, see `Conversation.batch`.
            real: ``(N, T)``, 0 where `ids` is filled up.
            pixels: ``(N, 3, side, side)``, a picture for each question.

        Returns:
            ``(N, T, width)`` float32.
        """
        found = self.language.base_model(  # type: ignore[operator]
            input_ids=ids, attention_mask=real, pixel_values=pixels, use_cache=False
        )
        states: Tensor = found.last_hidden_state
        return states.float()

    def read(self, states: Tensor, real: Tensor) -> Reading:
        """Extract both features, and compare F_t with the context cache (section III-C 2).

        Args:
            states: F_vl, as `embed` returns it.
            real: as there.
        """
        feature = F.normalize(self.interest(states, real)[:, 0], dim=1)
        similarities = feature @ self.context.T
        scale = self.log_scale.exp().clamp(max=_MOST_SCALE)
        return Reading(self.segment(states, real), similarities, scale * similarities)

    def masks(self, features: dict[str, Tensor], tokens: Tensor) -> Tensor:
        """Draw: SAM's mask for an unambiguous prompt.

        Args:
            features: of one picture, or of one for each question, as the SAM's `encode_image`.
            tokens: F_seg, ``(N, tokens, out)``.

        Returns:
            logits ``(N, S/4, S/4)``.
        """
        logits, _ = self.sam.decode(features, SamPrompts(text=tokens))
        return logits[:, 0]
