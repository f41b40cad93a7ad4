"""Phantoms in FLARE22's layout, and networks small enough to learn them in seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from biprompt.cli import main
from biprompt.data.readers.flare22 import ORGANS

SIDE, AIR = 64, -1000
ELLIPSOIDS: Mapping[str, tuple[int, int, int, int, int]] = {
    "liver": (18, 22, 12, 10, 110),
    "spleen": (48, 22, 8, 8, 60),
    "left kidney": (46, 44, 6, 7, 200),
    "right kidney": (18, 46, 6, 6, 170),
    "stomach": (34, 14, 7, 6, 20),
    "gallbladder": (32, 34, 5, 5, -30),
}
"""Middle x and y, half axes, and Hounsfield units, by organ, in pixels of the slice as seen."""
BODIES: Mapping[str, Sequence[Sequence[str]]] = {
    "a": [["liver", "spleen", "left kidney"], ["liver", "stomach", "right kidney"]],
    "b": [["spleen", "stomach", "gallbladder"], ["liver", "gallbladder", "left kidney"]],
    "c": [["right kidney", "left kidney", "spleen"], ["gallbladder", "stomach", "right kidney"]],
    "d": [["liver", "spleen", "stomach"], ["left kidney", "gallbladder", "right kidney"]],
    "e": [["liver", "right kidney", "gallbladder"], ["stomach", "left kidney", "spleen"]],
}
"""Organs on each slice of each volume."""


def seen_labels(organs: Sequence[str]) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    labels = np.zeros((SIDE, SIDE), np.int16)
    for organ in organs:
        cx, cy, rx, ry, _ = ELLIPSOIDS[organ]
        labels[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1] = 1 + ORGANS.index(organ)
    return labels


def write_phantoms(root: Path, bodies: Mapping[str, Sequence[Sequence[str]]] = BODIES) -> Path:
    nibabel = pytest.importorskip("nibabel")
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    units = {1 + ORGANS.index(organ): facts[-1] for organ, facts in ELLIPSOIDS.items()}
    for name, slices in bodies.items():
        seen = np.stack([seen_labels(organs) for organs in slices], axis=2)
        values = np.full(seen.shape, -120, np.int16)
        for number, unit in units.items():
            values[seen == number] = unit
        values[:2] = AIR  # without it nobody could tell that it is CT
        for path, array in (
            (f"images/{name}_0000.nii.gz", values),
            (f"labels/{name}.nii.gz", seen),
        ):
            turned = array.transpose(1, 0, 2)[::-1, ::-1]  # to the right, to the front, to the head
            nibabel.save(nibabel.Nifti1Image(turned, np.eye(4)), root / path)
    return root


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_phantoms(tmp_path_factory.mktemp("flare22"))


@pytest.fixture(scope="session")
def pairs(phantoms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "pairs"
    assert main(["data", "pairs", "flare22", str(phantoms), "-o", str(out), "--pixels", "9"]) == 0
    return out


@pytest.fixture(scope="session")
def language(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaVA with random weights, its tokenizer made from the questions, as transformers saves."""
    pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("llava")
    lines = (pairs / "pairs.jsonl").read_text().splitlines()
    write_language(folder, [json.loads(line)["question"] for line in lines])
    return folder


def write_language(folder: Path, texts: Sequence[str]) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.trainers import WordLevelTrainer
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        PreTrainedTokenizerFast,
    )

    words = Tokenizer(WordLevel(unk_token="<unk>"))
    words.normalizer, words.pre_tokenizer = Lowercase(), Whitespace()
    special = ["<unk>", "<s>", "</s>", "<pad>", "<image>"]
    words.train_from_iterator(texts, WordLevelTrainer(special_tokens=special))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        pad_token="<pad>",
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        image_size=64, patch_size=16,
    )  # fmt: skip
    text = LlamaConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, vocab_size=len(tokenizer), max_position_embeddings=512,
        pad_token_id=3, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    model = LlavaForConditionalGeneration(
        LlavaConfig(vision_config=vision, text_config=text, image_token_index=4)
    )
    # With the usual start of 0.02 everything a random network says is nearly the same.
    for value in model.parameters():
        if value.ndim > 1:
            torch.nn.init.normal_(value, std=value.shape[-1] ** -0.5)
    model.save_pretrained(folder)
    settings: dict[str, Any] = {
        "do_resize": True, "size": {"shortest_edge": 64}, "resample": 3, "do_center_crop": True,
        "crop_size": {"height": 64, "width": 64}, "do_rescale": True, "rescale_factor": 1 / 255,
        "do_normalize": True, "image_mean": [0.3] * 3, "image_std": [0.3] * 3,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SAM with random weights that sees 64 pixels, as the package writes such files."""
    from safetensors.torch import save_file

    from biprompt.models.sam import Sam, SamConfig
    from biprompt.models.sam.config import DecoderConfig, VitConfig
    from biprompt.zoo.families import Family
    from biprompt.zoo.recognise import KEY, Recognised

    vit = VitConfig(image_size=64, dim=32, depth=1, heads=2, mlp=64, window=4,
                    global_blocks=(0,), out_dim=32)  # fmt: skip
    config = SamConfig(vit, DecoderConfig(heads=2, mlp=64, iou_hidden=32))
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("sam") / "sam.safetensors"
    stated = {**Recognised(Family.SAM, config, None).plain(),
              "preset": {"resize": "square_pil", "pixels": "unit"}}  # fmt: skip
    save_file(Sam(config).state_dict(), path, {KEY: json.dumps(stated)})
    return path
