"""A tiny model of every family, of random weights (but for the embedded one), by the public way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tests.runtime.hub.words import tiny as named
from tests.training.organ_seg.conftest import write_language
from tests.zoo import tiny_transformers as theirs
from tests.zoo.test_tokenizer import trained
from tests.zoo.tiny import Case, tiny

import biprompt
from biprompt.cli import main
from biprompt.segmenter import Segmenter
from biprompt.zoo.build import empty_model
from biprompt.zoo.families import Family
from biprompt.zoo.recognise import KEY

SIDES: Mapping[str, tuple[int, str | None]] = {
    "clipseg": (64, "clip"), "grounding_dino": (64, "bert"), "owlv2": (64, "clip"),
    "sam3": (56, "clip"), "seggpt": (32, None),
}  # fmt: skip
"""Side that the processor of a family of transformers makes, and its kind of tokenizer."""
PAIRS = (("compact", "clipseg"), ("sam", "evf-sam"), ("sam2", "sam3"), ("edgetam", "owlv2"))
QUESTIONS = ["which organ stores bile", "the liver and the spleen", "none of them"]


def sensible(family: Family) -> Case:
    """A tiny checkpoint whose layers begin as networks do: no number overflows on the way."""
    case = tiny(family)
    torch.manual_seed(0)
    model = empty_model(case.recognised).to_empty(device="cpu")
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()
    state = {**case.state, **model.state_dict()}
    return replace(case, state={n: t.nan_to_num(0.1).clamp(-2, 2) for n, t in state.items()})


def models(folder: Path) -> dict[str, Segmenter]:
    """Every family, in the order of the table, then pairs of two.

    Args:
        folder: for their files.
    """
    places = {**_native(folder), **_foundation(folder)}
    loaded = {"compact": biprompt.load()}
    loaded |= {name: biprompt.load(place, device="cpu") for name, place in places.items()}
    for points, words in PAIRS:
        first = points if points == "compact" else places[points]
        model = biprompt.load(first, text_model=places[words], device="cpu")
        loaded[f"{points} + {words}"] = model
    loaded["organ-seg"] = biprompt.load(_organ_seg(folder, places["sam"]), device="cpu")
    return loaded


def _native(folder: Path) -> dict[str, Path]:
    found = {}
    for family in Family:
        place = folder / family.value
        place.mkdir()
        case = sensible(family)
        save_file(case.state, place / "model.safetensors", {KEY: case.stated})
        (place / "sentencepiece.bpe.model").write_bytes(trained())
        found[family.value] = place
    return found


def _foundation(folder: Path) -> dict[str, Path]:
    found = {"sam3-tracker": theirs.saved(theirs.sam3_tracker(), folder / "sam3-tracker")}
    for name, (side, tokenizer) in SIDES.items():
        place = folder / name
        found[name] = named.save(getattr(named, name)(), place, side, tokenizer)
    return found


def _organ_seg(folder: Path, sam: Path) -> Path:
    language, out = folder / "language", folder / "organ-seg"
    language.mkdir()
    write_language(language, QUESTIONS)
    argv: list[Any] = ["train", "organ-seg", "--zero-shot", "--vision-language", language]
    argv += ["--sam", sam / "model.safetensors", "-o", out]
    if main([*map(str, argv), "--set", 'turns="vicuna"']):
        raise RuntimeError("Organ-Seg could not be made")
    return out
