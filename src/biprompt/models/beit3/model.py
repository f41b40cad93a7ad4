"""BEiT-3 put together: embeddings and encoder under the names of the official checkpoints."""

from __future__ import annotations

from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3.config import Beit3Config
from biprompt.models.beit3.embeddings import VisionEmbedding
from biprompt.models.beit3.encoder import Encoder
from biprompt.models.beit3.multiway import Streams

_START_STD = 0.02


class Beit3(nn.Module):
    """A transformer that reads image and text together (arXiv 2208.10442).

    ``P`` phrases of at most ``T`` tokens are asked of ``I`` images of ``N`` tokens each.

    Args:
        config: sizes; those of BEiT-3-Large when left out.
    """

    def __init__(self, config: Beit3Config | None = None) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.config = config or Beit3Config()
        self.text_embed = nn.Embedding(self.config.vocab_size, self.config.dim)
        self.vision_embed = VisionEmbedding(self.config)
        self.encoder = Encoder(self.config)
        self.apply(_start_small)

    def forward(
        self,
        pixels: Tensor,
        ids: Tensor,
        text_mask: Tensor | None = None,
        *,
        image_of: Tensor | None = None,
        joint_layers: int | None = None,
    ) -> Streams:
        """Read phrases and images together (early fusion).

        Args:
            pixels: ``(I, 3, S, S)`` float, as `biprompt.models.preprocess.beit_pixels` gives them.
            ids: ``(P, T)`` int64.
            text_mask: ``(P, T)`` bool, True at real tokens; None when there is no padding.
            image_of: ``(P,)`` int64, the image of each phrase; an image is embedded once. None:
                phrase i belongs to image i.
            joint_layers: layers in which image and text see each other, from the first; None: all.

        Returns:
            Normalised streams, visual ``(P, N, C)`` and text ``(P, T, C)``.

        Raises:
            InputError: a shape or dtype does not fit, or a phrase has too many tokens.
        """
        visual, text = self.vision_embed(pixels), self.text_embed(ids)
        if image_of is not None:
            visual = visual[image_of]
        if len(visual) != len(text):
            raise InputError("images", expected=f"one a phrase, {len(text)}", actual=len(visual))
        encoded: Streams = self.encoder(Streams(visual, text), text_mask, joint_layers)
        return encoded

    def image_alone(self, pixels: Tensor) -> Tensor:
        """Return ``(I, N, C)`` of images that no text was read with."""
        visual = self.vision_embed(pixels)
        encoded: Streams = self.encoder(Streams(visual, visual[:, :0]))
        return encoded.visual

    def text_alone(self, ids: Tensor, text_mask: Tensor | None = None) -> Tensor:
        """Return ``(P, T, C)`` of phrases that no image was read with."""
        text = self.text_embed(ids)
        encoded: Streams = self.encoder(Streams(text[:, :0], text), text_mask)
        return encoded.text


def _start_small(module: nn.Module) -> None:
    """Draw weights as BEiT-3's published fine-tuning does: truncated normal, no bias."""
    if isinstance(module, nn.Linear | nn.Embedding | nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=_START_STD)
    if isinstance(module, nn.Linear | nn.Conv2d) and module.bias is not None:
        nn.init.zeros_(module.bias)
