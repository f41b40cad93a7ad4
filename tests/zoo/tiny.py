"""Tiny checkpoints of every family, random, under the published names; and ways to write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from biprompt.models.efficient_sam.config import DecoderConfig as EfficientDecoderConfig
from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.evf import Beit3Config, EvfConfig
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, SamHq, TinyVitConfig, VitConfig
from biprompt.models.sam2 import HieraConfig, RepVitConfig, Sam2, Sam2Config
from biprompt.zoo.families import Family
from biprompt.zoo.recognise import KEY, Recognised

GOLDEN = Path(__file__).parents[1] / "golden"
VISUAL = "visual_model."

DECODER = DecoderConfig(depth=2, heads=4, mlp=64, iou_hidden=24, mask_channels=8)
SAM = SamConfig(
    VitConfig(128, dim=64, depth=4, heads=4, mlp=256, window=3, global_blocks=(1, 3), out_dim=32),
    DECODER,
)
MOBILE_SAM = SamConfig(
    TinyVitConfig(128, (16, 24, 32, 48), (1, 2, 1, 1), (2, 2, 4, 6), (7, 3, 4, 3), out_dim=32),
    DECODER,
)
EFFICIENT_SAM = EfficientSamConfig(
    128, 48, 3, 3, 14, 32, EfficientDecoderConfig(2, 4, 64, 24, (16, 8)), 6
)
SAM2 = Sam2Config(
    HieraConfig(128, 16, 1, (1, 2, 3, 2), (8, 4, 6, 2), (4,), 7),
    32,
    DecoderConfig(2, 8, 2048, 256, 16),
)
EDGE_TAM = Sam2Config(
    RepVitConfig(128, (16, 24, 32, 48), (1, 2, 2, 1)), 32, DecoderConfig(2, 4, 64, 24, 16)
)
EVF = EvfConfig(Beit3Config(64, 16, 320, 48, 4, 192, 3, 1024), out_dim=32)


@dataclass(frozen=True)
class Case:
    """A tiny checkpoint as its makers would have published it, and what it is."""

    state: dict[str, Tensor]
    recognised: Recognised

    @property
    def stated(self) -> str:
        """What the checkpoint has to say about itself: its sizes are not the published ones."""
        return json.dumps(self.recognised.plain())


def _golden(name: str, *, alone: bool = False) -> dict[str, Tensor]:
    state = load_file(GOLDEN / f"{name}.safetensors")
    if not alone:
        return state
    return {key.removeprefix(VISUAL): t for key, t in state.items() if key.startswith(VISUAL)}


def _randomised(model: nn.Module) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(5)
    return {
        name: torch.rand(tensor.shape, generator=generator)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in model.state_dict().items()
    }


def _mobile_sam() -> dict[str, Tensor]:
    """With the ImageNet classifier that the published file holds."""
    classifier = {"norm_head.weight": torch.ones(48), "head.weight": torch.ones(5, 48)}
    extra = {f"image_encoder.{name}": tensor for name, tensor in classifier.items()}
    return _randomised(Sam(MOBILE_SAM)) | extra


@cache
def tiny(family: Family) -> Case:
    """The tiny checkpoint of a family; made once, never to be changed."""
    if family is Family.SAM:
        return Case(_golden("evf_sam_tiny", alone=True), Recognised(family, SAM))
    if family is Family.SAM_HQ:
        return Case(_randomised(SamHq(SAM)), Recognised(family, SAM))
    if family is Family.EDGE_TAM:
        return Case(_randomised(Sam2(EDGE_TAM)), Recognised(family, EDGE_TAM))
    if family is Family.MOBILE_SAM:
        return Case(_mobile_sam(), Recognised(family, MOBILE_SAM))
    if family is Family.EFFICIENT_SAM:
        state = _golden("evf_effisam_tiny", alone=True)
        return Case(state, Recognised(family, EFFICIENT_SAM))
    if family is Family.SAM2:
        return Case(_golden("evf_sam2_tiny", alone=True), Recognised(family, SAM2))
    if family is Family.EVF_SAM:
        return Case(_golden("evf_sam_tiny"), Recognised(family, SAM, EVF))
    if family is Family.EVF_EFFICIENT_SAM:
        return Case(_golden("evf_effisam_tiny"), Recognised(family, EFFICIENT_SAM, EVF))
    return Case(_golden("evf_sam2_tiny"), Recognised(family, SAM2, EVF))


def _halves(state: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    names = sorted(state)
    middle = len(names) // 2
    return [{n: state[n] for n in part} for part in (names[:middle], names[middle:])]


def _say(folder: Path, case: Case) -> None:
    (folder / "config.json").write_text(
        json.dumps({"model_type": "evf", KEY: json.loads(case.stated)})
    )


def _index(folder: Path, name: str, shards: dict[str, dict[str, Tensor]]) -> None:
    weight_map = {key: shard for shard, state in shards.items() for key in state}
    (folder / name).write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def write_safetensors_file(case: Case, folder: Path) -> Path:
    path = folder / "tiny.safetensors"
    save_file(case.state, path, metadata={KEY: case.stated})
    return path


def write_pth(case: Case, folder: Path, *, content: Any = None, zipped: bool = True) -> Path:
    path = folder / "tiny.pth"
    whole = case.state if content is None else content
    torch.save(whole, path, _use_new_zipfile_serialization=zipped)
    _say(folder, case)
    return path


def write_old_pth(case: Case, folder: Path) -> Path:
    return write_pth(case, folder, zipped=False)


def write_nested_pth(case: Case, folder: Path) -> Path:
    return write_pth(case, folder, content={"model": case.state, "epoch": 7})


def write_wrapped_pth(case: Case, folder: Path) -> Path:
    """As a network trained on several devices saves it, with the buffers that others add."""
    state = {f"module.{name}": tensor for name, tensor in case.state.items()}
    return write_pth(
        case, folder, content=state | {"module.pixel_mean": torch.full((3, 1, 1), 9.0)}
    )


def write_sharded_safetensors(case: Case, folder: Path) -> Path:
    shards = {f"model-{i}-of-2.safetensors": part for i, part in enumerate(_halves(case.state), 1)}
    for name, part in shards.items():
        save_file(part, folder / name)
    _index(folder, "model.safetensors.index.json", shards)
    _say(folder, case)
    return folder


def write_sharded_bin(case: Case, folder: Path) -> Path:
    shards = {f"pytorch_model-{i}-of-2.bin": part for i, part in enumerate(_halves(case.state), 1)}
    for name, part in shards.items():
        torch.save(part, folder / name)
    _index(folder, "pytorch_model.bin.index.json", shards)
    _say(folder, case)
    return folder / "pytorch_model.bin.index.json"


def write_hub_folder(case: Case, folder: Path) -> Path:
    """A repository with both kinds of weights; they hold the same."""
    save_file(case.state, folder / "model.safetensors")
    torch.save(case.state, folder / "pytorch_model.bin")
    _say(folder, case)
    (folder / "sentencepiece.bpe.model").write_bytes(b"not read here")
    return folder


WRITERS = (
    write_safetensors_file, write_pth, write_old_pth, write_nested_pth, write_wrapped_pth,
    write_sharded_safetensors, write_sharded_bin, write_hub_folder,
)  # fmt: skip
