"""Organ-Seg in training: what learns, the two losses, the optimiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.errors import MissingExtraError
from biprompt.models.organ_seg.lora import MARK, TARGETS
from biprompt.models.organ_seg.model import OrganSeg, OrganSegSizes, Reading
from biprompt.training.evf.losses import dice_loss
from biprompt.training.organ_seg.batches import Batch
from biprompt.training.organ_seg.recipe import OrganRecipe
from biprompt.zoo.organ_seg.loading import Networks

_CHECKPOINTING = ("activation", "gradient")
"""What transformers calls it, the newer name first."""


class Losses(NamedTuple):
    """Sums over the pairs of a pass, each a scalar."""

    ce: Tensor
    """L1: cross-entropy over the organs and "none of them", of every pair."""
    dice: Tensor
    """L2: 1 - Dice, of the pairs whose organ is on the slice."""


class OrganLearner:
    """The model and its optimiser.

    Args:
        recipe: what learns, and how.
        networks: the two large ones.
        context: the context cache, ``(classes, features)``.
        device: where to.

    Raises:
        MissingExtraError: peft is not installed, and the recipe asks for LoRA.
    """

    def __init__(
        self, recipe: OrganRecipe, networks: Networks, context: Tensor, device: torch.device
    ) -> None:
        self.recipe, self.networks, self.device = recipe, networks, device
        language = networks.language
        torch.manual_seed(recipe.seed)
        language.model.requires_grad_(False)
        networks.sam.requires_grad_(False)
        self.digest = networks.digest
        if recipe.lora:
            add_lora(language.model, recipe)
        if recipe.checkpoint_activations:
            _remember_less(language.model)
        sizes = OrganSegSizes(
            language.width, recipe.hidden, recipe.tokens, context.shape[1], len(context),
            networks.sam.config.dim,
        )  # fmt: skip
        self.model = OrganSeg(sizes, language.model, networks.sam, context)
        if recipe.train_mask_decoder:
            networks.sam.mask_decoder.requires_grad_(True)
        self.model.to(device).train()
        self.optimizer = torch.optim.AdamW(
            self.parameters().values(), lr=recipe.rate, weight_decay=recipe.weight_decay
        )

    def parameters(self) -> dict[str, nn.Parameter]:
        """What learns, by name."""
        return {name: value for name, value in self.model.named_parameters() if value.requires_grad}

    def learnt(self) -> Mapping[str, Tensor]:
        """All that a trained model is beside its two networks: what learns, the context cache."""
        return {**{k: v.detach() for k, v in self.parameters().items()},
                "context": self.model.context}  # fmt: skip

    def read(self, batch: Batch) -> Reading:
        """Read the questions of a batch."""
        with self._precision():
            states = self.model.embed(batch.ids, batch.real, batch.vision)
        return self.model.read(states, batch.real)

    def draw(self, batch: Batch, reading: Reading) -> Tensor:
        """Outline what was read: logits ``(N, S/4, S/4)``."""
        with torch.no_grad():
            features = self.model.sam.encode_image(batch.canvas)
        return self.model.masks(features, reading.tokens)

    def losses(self, batch: Batch) -> Losses:
        """The paper's two losses of a batch on the device."""
        reading = self.read(batch)
        ce = F.cross_entropy(reading.logits, batch.classes, reduction="sum")
        there = batch.classes < len(self.model.context) - 1
        if not there.any():
            return Losses(ce, ce.new_zeros(()))
        logits = self.draw(batch, reading)
        return Losses(ce, dice_loss(logits[there], batch.targets[there]).sum())

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the next update."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def update(self) -> float:
        """Clip the gradient, make a step, and return the gradient's norm before."""
        norm = nn.utils.clip_grad_norm_(list(self.parameters().values()), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(norm)

    def _precision(self) -> AbstractContextManager[object]:
        kind = next(_frozen_types(self.networks.language.model), torch.float32)
        return torch.autocast(self.device.type, kind, enabled=kind != torch.float32)


def add_lora(language: nn.Module, recipe: OrganRecipe) -> None:
    """Put low-rank matrices beside the attention of the language model; at first they add 0.

    Raises:
        MissingExtraError: peft is not installed.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise MissingExtraError("train", "LoRA (peft)") from None
    config = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=TARGETS,
    )
    inject_adapter_in_model(config, language)
    for name, value in language.named_parameters():
        if MARK in f".{name}":
            value.data = value.data.float()


def dtype_of(recipe: OrganRecipe, device: torch.device) -> torch.dtype:
    """The type of the frozen vision-language model."""
    if recipe.precision != "auto":
        kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
        return kinds[recipe.precision]
    half = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if half else torch.float32


def _frozen_types(language: nn.Module) -> Iterator[torch.dtype]:
    return (v.dtype for v in language.parameters() if not v.requires_grad and v.is_floating_point())


def _remember_less(language: nn.Module) -> None:
    """Work layers out again on the way back; transformers knows how."""
    named = (getattr(language, f"{what}_checkpointing_enable", None) for what in _CHECKPOINTING)
    enable = next((one for one in named if callable(one)), None)
    if enable is not None:
        enable({"use_reentrant": False})
