"""Beside the official code of EVF-SAM: from photograph, clicks and token ids to masks.

The checkpoints of tests/golden go through the loader, as those of a user; photographs go through
our own preprocessing, so that a difference anywhere on the way is found.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from benchmarks.parity.errors import Errors
from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.models.evf import EvfSam
from biprompt.models.preprocess import SamResize, beit_pixels, fitted_hw, sam_pixels
from biprompt.models.sam import SamPrompts, TinyVitConfig
from biprompt.models.sam.tiny_vit import TinyVit
from biprompt.zoo.build import load_checkpoint
from biprompt.zoo.recognise import KEY

GOLDEN = Path("tests/golden")
_MAPS = {"image_embeddings": "image", "image_embed_with_no_mem": "image", "high_res_s0": "s0",
         "high_res_s1": "s1"}  # fmt: skip
SINGLE, THREE = slice(0, 1), slice(1, 4)


@dataclass(frozen=True, slots=True)
class Family:
    """A golden checkpoint and what the official code was asked.

    Attributes:
        name: of its files.
        stated: the sizes that no tensor's shape tells.
        words: case, photograph, phrase, and which of the four masks the official code kept.
        clicks: case and which of the four masks.
    """

    name: str
    stated: Mapping[str, Any]
    words: tuple[tuple[str, int, int, slice], ...]
    clicks: tuple[tuple[str, str, slice], ...]


_EVF = {"evf": {"beit3": {"heads": 4}}}
_MULTI, _ONE = ("multi", THREE), ("single", SINGLE)
FAMILIES = {
    "evf-sam": Family(
        "evf_sam",
        _EVF | {"visual": {"decoder": {"heads": 4}}, "preset": {"resize": "longest"}},
        (("A", 1, 1, SINGLE), ("A2", 1, 2, SINGLE), ("A3", 1, 3, SINGLE), ("A4", 2, 2, SINGLE),
         ("D", 1, 1, THREE)),
        (("P", *_MULTI), ("P2", *_MULTI), ("P3_1", *_MULTI), ("P3_2", *_MULTI), ("P", *_ONE),
         ("P2", *_ONE)),
    ),
    "evf-efficient-sam": Family(
        "evf_effisam",
        _EVF | {"visual": {"image_size": 128, "encoder_heads": 3, "decoder": {"heads": 4}}},
        (("A", 1, 1, SINGLE), ("D", 1, 1, THREE)),
        (("P", *_MULTI),),
    ),
    "evf-sam2": Family(
        "evf_sam2",
        _EVF | {"visual": {"encoder": {"image_size": 128, "heads": 1, "windows": [8, 4, 6, 2],
                                       "global_blocks": [4]}, "decoder": {"heads": 8}}},
        (("A", 1, 1, THREE), ("S", 1, 1, SINGLE)),
        (("P", *_MULTI),),
    ),
}  # fmt: skip


@torch.inference_mode()
def beside_official(name: str) -> Errors:
    """Compare one family of :data:`FAMILIES`."""
    family, errors = FAMILIES[name], Errors()
    arrays = dict(np.load(GOLDEN / f"{family.name}_tiny_golden.npz"))
    system = _System(*_loaded(family), {k: torch.from_numpy(v) for k, v in arrays.items()
                                        if v.dtype.kind in "fiub"})  # fmt: skip
    system.compare_embedding(errors)
    for case, image, phrase, kept in family.words:
        system.compare_words(errors, case, image, phrase, kept)
    for case, kind, kept in family.clicks:
        system.compare_clicks(errors, case, kind, kept)
    return errors


@torch.inference_mode()
def mobile_encoder() -> Errors:
    """Compare MobileSAM's image encoder with that of kornia; its decoder is SAM's."""
    encoder = TinyVit(TinyVitConfig(80, (8, 16, 24, 32), (1, 1, 2, 1), (1, 2, 3, 4), (7, 3, 5, 2),
                                    out_dim=16))  # fmt: skip
    state = load_file(GOLDEN / "tiny_vit_tiny.safetensors")
    encoder.load_state_dict({k: v for k, v in state.items() if k in encoder.state_dict()})
    arrays = np.load(GOLDEN / "tiny_vit_tiny.npz")
    errors = Errors()
    ours = encoder.eval()(torch.from_numpy(arrays["input"]))
    errors.compare("embedding", ours, torch.from_numpy(arrays["image_embeddings"]))
    return errors


def _loaded(family: Family) -> tuple[EvfSam, SamResize]:
    """The network, through the loader of checkpoints."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(GOLDEN / f"{family.name}_tiny.safetensors", folder)
        Path(folder, "config.json").write_text(json.dumps({KEY: family.stated}))
        loaded = load_checkpoint(folder)
    if not isinstance(loaded.model, EvfSam):
        raise TypeError(f"{family.name}: {loaded.family}")
    return loaded.model, SamResize(loaded.preset.resize)


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """A network, how images reach it, and the official numbers."""

    model: EvfSam
    resize: SamResize
    golden: Mapping[str, Tensor]

    def compare_embedding(self, errors: Errors) -> None:
        errors.compare("embedding", self._features(1)["image"], self._official_features()["image"])

    def compare_words(
        self, errors: Errors, case: str, image: int, phrase: int, kept: slice
    ) -> None:
        pixels = beit_pixels(self._photograph(image), self.model.beit_size)
        ids, image_of = self.golden[f"ids{phrase}"], torch.zeros(1, dtype=torch.int64)
        token = self.model.phrase_tokens(pixels[None], ids, None, image_of)
        errors.compare("token", token, self.golden[f"{case}/prompt_feat"])
        logits, iou = self.model.decode(self._features(image), SamPrompts(text=token))
        errors.compare("logits", logits[:, kept], self.golden[f"{case}/low_res_masks"])
        if image == 1:
            prompts = SamPrompts(text=self.golden[f"{case}/prompt_feat"])
            alone, _ = self.model.decode(self._official_features(), prompts)
            errors.compare("decoder", alone[:, kept], self.golden[f"{case}/low_res_masks"])
        errors.compare("iou", iou[:, kept], self.golden[f"{case}/iou"])
        best = logits[0, kept][iou[0, kept].argmax()]
        mask = torch.from_numpy(masks_in_frame(best.numpy(), self._frame(image)))
        errors.compare_masks(mask, self.golden[f"{case}/pred_mask_logits"][0] > 0)

    def compare_clicks(self, errors: Errors, case: str, kind: str, kept: slice) -> None:
        points = self.golden[f"{case}/points_resized_frame"].float().reshape(1, -1, 2)
        labels = self.golden.get(f"{case}/labels", torch.ones(points.shape[:2]))
        prompts = SamPrompts(points=points, labels=labels.reshape(1, -1).int())
        logits, iou = self.model.decode(self._features(1), prompts)
        shape = logits[:, kept].shape
        errors.compare("logits", logits[:, kept], self.golden[f"{case}/{kind}_low_res"].view(shape))
        errors.compare("iou", iou[:, kept], self.golden[f"{case}/{kind}_iou"].view(shape[:2]))
        if (theirs := self.golden.get(f"{case}/{kind}_logits")) is not None:
            masks = masks_in_frame(logits[:, kept].numpy(), self._frame(1))
            errors.compare_masks(torch.from_numpy(masks), theirs > 0)

    def _official_features(self) -> dict[str, Tensor]:
        """The official feature maps of the first photograph."""
        return {ours: self.golden[f"A/{theirs}"] for theirs, ours in _MAPS.items()
                if f"A/{theirs}" in self.golden}  # fmt: skip

    def _photograph(self, image: int) -> Any:
        return self.golden[f"image{image}_uint8"].numpy()

    def _features(self, image: int) -> dict[str, Tensor]:
        side = self.model.image_size
        return self.model.encode_image(sam_pixels(self._photograph(image), side, self.resize)[None])

    def _frame(self, image: int) -> ModelFrame:
        hw, side = self._photograph(image).shape[:2], self.model.image_size
        return ModelFrame(hw, fitted_hw(hw, side, self.resize), (side, side))
