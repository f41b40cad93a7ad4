"""What learns, what the loss reaches, what a pass remembers: against real passes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from biprompt.errors import DataError, MissingExtraError
from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.models.evf import EvfSam
from biprompt.training.evf import lora
from biprompt.training.evf.batches import Batch
from biprompt.training.evf.estimate import estimate
from biprompt.training.evf.losses import evf_losses
from biprompt.training.evf.networks import blank_network, start
from biprompt.training.evf.objective import EvfObjective, to_original
from biprompt.training.evf.parts import free_parts, trainable
from biprompt.training.evf.reach import blank_batch, trace
from biprompt.training.evf.recipe import EvfRecipe, load_recipe, tiny_recipe
from biprompt.training.evf.remembering import forget, layers_of
from biprompt.training.evf.sizes import FirstFiles, Sizes, sizes_of

from .conftest import SMALL

WORDS = 60


def small(**changes: Any) -> tuple[EvfRecipe, Sizes, EvfSam]:
    recipe = load_recipe(None, SMALL | changes, tiny_recipe())
    sizes = sizes_of(recipe, FirstFiles(), WORDS)
    model = started(recipe, sizes).train()
    if recipe.lora:
        lora.add_lora(model.beit3, recipe)
    free_parts(model, recipe)
    return recipe, sizes, model


def started(recipe: EvfRecipe, sizes: Sizes) -> EvfSam:
    model = start(recipe, sizes, FirstFiles(), WORDS, lambda line: None)
    assert isinstance(model, EvfSam)
    return model


def real(blank: Batch) -> Batch:
    """Return a batch of these shapes with numbers."""
    generator = torch.Generator().manual_seed(3)

    def filled(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(filled(one) for one in value)
        if not isinstance(value, Tensor):
            return value
        if value.dtype == torch.bool:
            return torch.rand(value.shape, generator=generator) > 0.5
        if value.dtype == torch.int64:
            return torch.randint(0, 40, value.shape, generator=generator)
        return torch.randn(value.shape, generator=generator)

    made = Batch(**{f.name: filled(getattr(blank, f.name)) for f in dataclasses.fields(blank)})
    counts = torch.tensor([len(one) for one in made.targets])
    pictures = torch.arange(len(counts)).repeat_interleave(counts)
    return dataclasses.replace(made, image_of=pictures, real=torch.ones_like(made.real))


CHOICES = [
    {},
    {"early_layers": 1},
    {"feature": "text_cls"},
    {"feature": "mean"},
    {"feature": "concat"},
    {"fusion": "late", "feature": "concat"},
    {"fusion": "text", "feature": "text_cls"},
    {"train_beit3": False, "train_image_encoder": False},
    {"lora": True},
]


@pytest.mark.parametrize("changes", CHOICES, ids=str)
def test_what_the_loss_does_not_reach_gets_no_gradient(changes: dict[str, Any]) -> None:
    pytest.importorskip("peft")
    objective = EvfObjective(small(**changes)[2])
    unreached = trace(objective, blank_batch(objective.model, 2, 1, 5, (40, 30))).unreached
    losses = objective(real(blank_batch(objective.model, 2, 1, 5, (40, 30))))
    (losses.bce + losses.dice).sum().backward()
    without = {name for name, value in trainable(objective).items() if value.grad is None}
    assert without == set(unreached)


def test_a_pass_remembers_what_was_estimated() -> None:
    objective = EvfObjective(small(train_image_encoder=False)[2])
    blank = blank_batch(objective.model, 2, 2, 6, (120, 90))
    own = {v.untyped_storage()._cdata for v in (*objective.parameters(), *objective.buffers())}
    kept: dict[int, Tensor] = {}

    def remember(value: Tensor) -> Tensor:
        kept[value.untyped_storage()._cdata] = value
        return value

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda value: value):
        objective(real(blank))
    measured = sum(v.untyped_storage().nbytes() for key, v in kept.items() if key not in own)
    assert trace(objective, blank).remembered == pytest.approx(measured, rel=0.02)


def test_parts_and_memory_add_up() -> None:
    recipe = load_recipe(None, SMALL, tiny_recipe())
    sizes = sizes_of(recipe, FirstFiles(), WORDS)
    blank = blank_network(recipe, sizes, FirstFiles(), WORDS)
    found = estimate(recipe, sizes, blank, "no")
    model = small()[2]
    every = sum(part.parameters for part in found.parts)
    assert every == sum(value.numel() for value in model.parameters())
    learn = sum(part.learn for part in found.parts)
    assert found.memory.gradients == 4 * learn and found.memory.optimiser == 8 * learn
    assert found.memory.fsdp(4) < found.memory.zero2(4) < found.memory.total


def test_answers_that_are_not_asked_for_do_not_learn() -> None:
    names = set(trainable(small()[2]))
    assert "visual_model.prompt_encoder.no_mask_embed.weight" in names
    assert "visual_model.mask_decoder.output_hypernetworks_mlps.0.layers.0.weight" in names
    for strange in ("mlps.1.", "iou_prediction_head", "point_embeddings", "mask_token"):
        assert not [name for name in names if strange in name and "mask_tokens" not in name]


def test_switches_of_the_recipe() -> None:
    names = set(trainable(small(train_beit3=False, train_projector=False)[2]))
    assert not any(name.startswith(("mm_extractor", "text_hidden")) for name in names)
    names = set(trainable(small(train_mask_decoder=False, train_no_mask_embed=False)[2]))
    assert not any("mask_decoder" in name or "no_mask" in name for name in names)
    frozen = dict.fromkeys((f for f in SMALL_SWITCHES), False)
    with pytest.raises(DataError, match="recipe: expected a part that learns, got none of"):
        small(**frozen)


SMALL_SWITCHES = (
    "train_beit3", "train_projector", "train_mask_decoder", "train_no_mask_embed",
    "train_image_encoder",
)  # fmt: skip


def test_layers_worked_out_again_give_the_same_gradients() -> None:
    found = []
    for again in (False, True):
        model = small()[2]
        if again:
            forget(layers_of(model, looking=True))
        objective = EvfObjective(model)
        losses = objective(real(blank_batch(model, 2, 2, 6, (60, 50))))
        (losses.bce + losses.dice).sum().backward()
        found.append({n: p.grad for n, p in model.named_parameters() if p.grad is not None})
    assert found[0].keys() == found[1].keys() and len(found[0]) > 50
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert len(layers_of(model, looking=True)) == len(layers_of(model, looking=False)) + 1


@pytest.mark.parametrize("ffn", [False, True])
def test_lora_merged_answers_as_lora_beside(ffn: bool) -> None:
    pytest.importorskip("peft")
    recipe, sizes, model = small(lora=True, lora_rank=4, lora_alpha=12, lora_ffn=ffn)
    beit3 = [name for name in trainable(model) if name.startswith("mm_extractor")]
    assert beit3 and all("lora_" in name for name in beit3)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_" in name:
                value.normal_(std=0.1)
    plain = EvfSam(type(model.visual_model)(sizes.recognised.visual), sizes.evf)
    plain.load_state_dict(lora.merged(model.state_dict(), recipe))
    batch = real(blank_batch(model, 2, 1, 6, (40, 40)))
    with torch.no_grad():
        a, b = (EvfObjective(one.eval())(batch, answer=True) for one in (model, plain))
    assert torch.allclose(torch.cat(a), torch.cat(b), atol=1e-4)
    before = started(recipe, sizes)
    with torch.no_grad():
        c = EvfObjective(before.eval())(batch, answer=True)
    assert not torch.allclose(torch.cat(a), torch.cat(c), atol=1e-3)


def test_lora_needs_peft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[train\]"):
        small(lora=True)


@pytest.mark.parametrize("padded", [False, True])
def test_masks_come_to_the_picture_as_in_use(padded: bool) -> None:
    frame = ModelFrame((37, 50), (48, 64) if padded else (64, 64), (64, 64))
    logits = torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(1))
    masks = to_original(logits, frame) > 0
    assert np.array_equal(masks.numpy(), masks_in_frame(logits.numpy(), frame))


def test_the_loss_is_that_of_each_mask_whatever_stands_beside_it() -> None:
    objective = EvfObjective(small()[2]).eval()
    both = real(blank_batch(objective.model, 2, 2, 6, (60, 50)))
    with torch.no_grad():
        losses = objective(both)
        logits = objective(both, answer=True)
        full = [to_original(x, frame) for x, frame in zip(logits, both.frames, strict=True)]
        means = evf_losses(full, both.targets)
        first = objective(_only_first(both))
    assert float(losses.bce.mean()) == pytest.approx(float(means.bce), rel=1e-5)
    assert float(losses.dice.mean()) == pytest.approx(float(means.dice), rel=1e-5)
    assert torch.allclose(first.bce, losses.bce[:2], atol=1e-5)


def _only_first(batch: Batch) -> Batch:
    assert batch.canvas is not None
    return dataclasses.replace(
        batch, keys=batch.keys[:1], frames=batch.frames[:1], canvas=batch.canvas[:1],
        beit=batch.beit[:1], ids=batch.ids[:2], real=batch.real[:2], image_of=batch.image_of[:2],
        targets=batch.targets[:1], stored=batch.stored[:1],
    )  # fmt: skip
