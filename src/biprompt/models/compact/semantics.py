"""What every place of an image resembles among 1,000 names, as a word vector.

A frozen ImageNet classifier (MobileNetV2, fully convolutional) votes at every position; its votes
are turned into the mean word vector of the classes. Because phrases live in the same space, a
phrase can be compared with a place without having been trained on (zero-shot), and the text
expert learns from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import LEVELS, MobileNetV2

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSES = 1000
_WIDTH = 1280


class Semantics(nn.Module):
    """Image to a map of word vectors at stride 32; never trained.

    Args:
        word_dim: length of a word vector.
    """

    names: Tensor

    def __init__(self, word_dim: int) -> None:
        """Make the layers with random weights; `load_imagenet` fills them."""
        super().__init__()
        self.backbone = MobileNetV2()
        self.head = nn.Conv2d(LEVELS[17], _WIDTH, 1)
        self.classifier = nn.Conv2d(_WIDTH, CLASSES, 1)
        self.register_buffer("names", torch.zeros(CLASSES, word_dim))
        self.requires_grad_(False)

    def load_imagenet(self, state: Mapping[str, Tensor], names: Tensor) -> None:
        """Takes the weights of ``mobilenet_v2_imagenet`` and one word vector per class.

        Args:
            state: tensors under their published names.
            names: ``(1000, word_dim)``, unit length.
        """
        own = self.backbone.state_dict()
        self.backbone.load_state_dict({name: state[name].float() for name in own})
        pairs = ((self.head, "features.18.conv"), (self.classifier, "classifier"))
        for layer, name in pairs:
            weight, bias = (state[f"{name}.{part}"].float() for part in ("weight", "bias"))
            layer.load_state_dict({"weight": weight.reshape(layer.weight.shape), "bias": bias})
        self.names.copy_(names)

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        """``(B, 3, H, W)`` RGB in [-1, 1] to ``(B, word_dim, H/32, W/32)``.

        The length of a vector (at most 1) tells how sure the vote is.
        """
        votes = self.classifier(F.relu6(self.head(self.backbone(image)[3])))
        share = torch.softmax(votes.float(), 1)
        return F.conv2d(share, self.names.t()[:, :, None, None])
