"""CLIP in the place of BEiT-3, with a random start and from a folder of transformers."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.zoo.tiny import SAM

from biprompt.errors import PromptError, WeightsError
from biprompt.models.sam import Sam
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf.clip import ClipSam, ClipTokens, load_clip, tiny_clip
from biprompt.training.evf.recipe import load_recipe, tiny_recipe
from biprompt.training.evf.sizes import FirstFiles, sizes_of

from .conftest import SMALL, losses

transformers = pytest.importorskip("transformers")
IDS = torch.tensor([[0, 7, 9, 2, 1, 1], [0, 5, 6, 7, 8, 2]])


@pytest.fixture(scope="module")
def recipe() -> Any:
    return load_recipe(None, SMALL | {"encoder": "clip", "fusion": "late"}, tiny_recipe())


def speaking(recipe: Any, *, concat: bool) -> ClipSam:
    torch.manual_seed(0)
    return ClipSam(Sam(SAM), tiny_clip(recipe, 40), concat=concat, out_dim=32).eval()


@torch.no_grad()
def test_padding_changes_nothing(recipe: Any) -> None:
    model, pixels = speaking(recipe, concat=True), torch.randn(2, 3, 32, 32)
    which = torch.tensor([1, 0])
    both = model.phrase_tokens(pixels, IDS, IDS != 1, which)
    alone = model.phrase_tokens(pixels, IDS[:1, :4], None, which[:1])
    assert both.shape == (2, 1, 32) and torch.allclose(both[:1], alone, atol=1e-5)


@torch.no_grad()
def test_concatenated_it_sees_the_picture_and_alone_it_does_not(recipe: Any) -> None:
    pictures, which = torch.randn(2, 3, 32, 32), torch.tensor([0, 0])
    for concat in (True, False):
        model = speaking(recipe, concat=concat)
        first, second = (
            model.phrase_tokens(p, IDS, IDS != 1, which) for p in (pictures[:1], pictures[1:])
        )
        assert torch.equal(first, second) is not concat
        assert not torch.allclose(first[0], first[1])


@pytest.mark.parametrize(("fusion", "seen"), [("late", True), ("text", False)])
def test_a_run_with_clip(small_run: Any, tmp_path: Path, fusion: str, seen: bool) -> None:
    run = tmp_path / "run"
    status, out, _ = small_run(run, encoder="clip", fusion=fusion, steps=3)
    assert status == 0 and "| best |" in out and len(losses(run)) == 3
    names = load_checkpoint(run / "checkpoint.pt")["model"]
    assert any("vision_model" in name for name in names) is seen


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"fusion": "early"}, "fusion: expected late or text with CLIP, got early"),
     ({"lora": True}, "lora: expected BEiT-3 with it, got CLIP")],
)  # fmt: skip
def test_what_does_not_go_with_clip(
    small_run: Any, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    status, _, err = small_run(
        tmp_path / "run", **({"encoder": "clip", "fusion": "text"} | changes)
    )
    assert status == 2 and message in err


@pytest.fixture(scope="module")
def folder(recipe: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CLIP as transformers saves it, with a vocabulary of letters."""
    folder = tmp_path_factory.mktemp("clip")
    letters = "abcdefghijklmnopqrstuvwxyz[]"
    pieces = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    facts = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 20}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tiny_clip(recipe, len(pieces)).save_pretrained(folder)
    return folder


def test_clip_is_read_from_its_folder(folder: Path, recipe: Any, tmp_path: Path) -> None:
    tokens = ClipTokens(folder)
    ids = tokens.encode("ab c")
    assert ids.dtype == np.int64 and ids.tolist() == [56, 0, 29, 30, 57]
    with pytest.raises(PromptError, match="expected at most 20 tokens, got 32 tokens"):
        tokens.encode("a" * 30)
    assert load_clip(folder).config.projection_dim == recipe.tiny_beit_dim
    for read in (load_clip, ClipTokens):
        with pytest.raises(WeightsError, match="--clip: expected a CLIP of transformers"):
            read(tmp_path)


def test_clip_needs_its_folder(recipe: Any) -> None:
    from dataclasses import replace

    with pytest.raises(WeightsError, match="expected --sam and --clip, got not both"):
        sizes_of(replace(recipe, size="files"), FirstFiles(), 40)
