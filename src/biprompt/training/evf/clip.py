"""CLIP in the place of BEiT-3: the rows of the papers' table 4 that fuse late or not at all.

It comes from transformers. The papers do not say which output of CLIP they project; here it is the
embedding that CLIP compares, of the text at its last token, of the image at its [CLS].
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from biprompt.errors import MissingExtraError, PromptError, WeightsError
from biprompt.models.evf import EvfSam
from biprompt.models.promptable import Promptable
from biprompt.models.sam.values import SamPrompts
from biprompt.zoo.tokenizer import END, PAD, START

if TYPE_CHECKING:
    from transformers import CLIPModel

    from biprompt.training.evf.recipe import EvfRecipe

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
_PATCH = 16
_TINY_PHRASE = 128
_VOCABULARIES = ("vocab.json", "tokenizer.json")


class ClipSam(nn.Module):
    """CLIP, a projector, and a SAM that takes the projected token as its prompt; as `EvfSam`.

    Args:
        visual_model: the SAM, a `Promptable`.
        clip: CLIP.
        concat: the prompt is made of image and phrase, not of the phrase alone.
        out_dim: channels of the prompt token.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, visual_model: nn.Module, clip: CLIPModel, *, concat: bool, out_dim: int
    ) -> None:
        super().__init__()
        self.visual_model, self.concat = visual_model, concat
        self.image_size = self._sam.image_size
        self.mm_extractor = nn.ModuleDict({"clip": clip})
        width = int(clip.config.projection_dim or 0) * (2 if concat else 1)
        self.text_hidden_fcs = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, out_dim))]
        )
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(_STD)[:, None, None], persistent=False)

    @property
    def clip(self) -> Any:
        """The encoder."""
        return self.mm_extractor["clip"]

    @property
    def beit_size(self) -> int:
        """Side of the square that CLIP sees, in pixels."""
        return int(self.clip.config.vision_config.image_size)

    @property
    def layers(self) -> list[nn.Module]:
        """The layers of CLIP that are used."""
        seen = list(self.clip.vision_model.encoder.layers) if self.concat else []
        return [*self.clip.text_model.encoder.layers, *seen]

    @property
    def _sam(self) -> Promptable:
        return cast(Promptable, self.visual_model)

    def phrase_tokens(
        self, pixels: Tensor, ids: Tensor, mask: Tensor | None, image_of: Tensor
    ) -> Tensor:
        """Turn phrases about images into prompts; see `EvfSam.phrase_tokens`.

        The mask is not needed to read: CLIP's text looks back only, and padding comes last.
        """
        last = ids.shape[1] - 1 if mask is None else mask.sum(1) - 1
        read = self.clip.text_model(input_ids=ids).last_hidden_state
        rows = torch.arange(len(ids), device=ids.device)
        feature = self.clip.text_projection(read[rows, last])
        if self.concat:
            normal = ((pixels + 1) / 2 - self.mean) / self.std
            seen = self.clip.vision_model(pixel_values=normal).pooler_output
            feature = torch.cat((self.clip.visual_projection(seen)[image_of], feature), 1)
        tokens: Tensor = self.text_hidden_fcs[0](feature)
        return tokens[:, None]

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images with the SAM; see `Promptable.encode_image`."""
        return self._sam.encode_image(x)

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer prompts with the SAM; see `Promptable.decode`."""
        return self._sam.decode(features, prompts)


Network = EvfSam | ClipSam
"""What can be trained."""


def tiny_clip(recipe: EvfRecipe, vocabulary: int) -> CLIPModel:
    """A small CLIP with a random start.

    Raises:
        MissingExtraError: transformers is not installed.
    """
    library = _transformers()
    dim, layers = recipe.tiny_beit_dim, recipe.tiny_beit_layers
    common = {
        "hidden_size": dim, "intermediate_size": 2 * dim, "num_hidden_layers": layers,
        "num_attention_heads": max(h for h in (1, 2, 3, 4) if dim % h == 0),
        "projection_dim": dim, "initializer_factor": 1.0,
    }  # fmt: skip
    config = library.CLIPConfig(
        text_config=common
        | {"vocab_size": vocabulary, "max_position_embeddings": _TINY_PHRASE}
        | {"bos_token_id": START, "eos_token_id": END, "pad_token_id": PAD},
        vision_config=common | {"image_size": recipe.tiny_beit_side, "patch_size": _PATCH},
        projection_dim=dim,
    )
    return cast("CLIPModel", library.CLIPModel(config))


def load_clip(folder: Path) -> CLIPModel:
    """A CLIP of transformers from a folder; nothing is downloaded.

    Raises:
        WeightsError: there is none.
        MissingExtraError: transformers is not installed.
    """
    try:
        return cast(
            "CLIPModel", _transformers().CLIPModel.from_pretrained(folder, local_files_only=True)
        )
    except (OSError, ValueError) as error:
        raise _wrong(folder, error) from error


class ClipTokens:
    """CLIP's own tokenizer.

    Args:
        folder: of the CLIP.

    Raises:
        WeightsError: there is none.
    """

    def __init__(self, folder: Path) -> None:
        library = _transformers()
        # Where there is no vocabulary, transformers makes an empty one and says nothing.
        if not any((folder / name).is_file() for name in _VOCABULARIES):
            raise _wrong(folder, FileNotFoundError(f"no {' or '.join(_VOCABULARIES)}"))
        try:
            self._tokenizer = library.CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as error:
            raise _wrong(folder, error) from error
        self.vocab_size = len(self._tokenizer)

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the token ids of a phrase, ``(T,)`` int64.

        Raises:
            PromptError: there are more than CLIP reads; a phrase is never cut short.
        """
        ids = np.asarray(self._tokenizer(text)["input_ids"], np.int64)
        most = int(self._tokenizer.model_max_length)
        if len(ids) > most:
            actual = f"{len(ids)} tokens"
            raise PromptError("phrase", expected=f"at most {most} tokens", actual=actual)
        return ids


def _transformers() -> Any:
    try:
        import transformers
    except ImportError:
        raise MissingExtraError("train", 'encoder = "clip" (transformers)') from None
    return transformers


def _wrong(folder: Path, error: Exception) -> WeightsError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return WeightsError("--clip", expected="a CLIP of transformers", actual=reason, path=folder)
