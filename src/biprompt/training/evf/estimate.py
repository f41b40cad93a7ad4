"""What a run would take, found without reading a weight: sizes, memory, steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from biprompt.models.sam.config import SamConfig, VitConfig
from biprompt.training.evf.clip import ClipSam, Network
from biprompt.training.evf.looking import at_once
from biprompt.training.evf.lora import add_lora
from biprompt.training.evf.objective import EvfObjective
from biprompt.training.evf.parts import free_parts, trainable
from biprompt.training.evf.reach import blank_batch, trace
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.remembering import layers_of
from biprompt.training.evf.sizes import Sizes

PICTURE_HW, PHRASE_TOKENS = (480, 640), 16
"""Pictures and phrases that activations are worked out for: as RefCOCO's, or a little longer."""
MIXED_SHARE = 0.75
"""What autocast remembers, as a share of float32: inputs of norms and the loss stay in float32.
Measured 0.73 for BEiT-3's layers on a CPU."""
_FLOAT, _HALF = 4, 2


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the network: how many parameters it has, and how many of them learn."""

    name: str
    parameters: int
    learn: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one process that holds everything (one device, or DDP).

    Attributes:
        weights: what learns and what is near it in float32, the frozen image encoder in the
            precision of the run.
        gradients: float32, of what learns.
        optimiser: AdamW's two numbers for each that learns, float32.
        activations: what one pass has to remember.
        looking: what the frozen image encoder works with, where it has attention over all places
            (its weights over them, and the bias of relative places).
    """

    weights: int
    gradients: int
    optimiser: int
    activations: int
    looking: int

    @property
    def total(self) -> int:
        """The sum."""
        held = self.weights + self.gradients + self.optimiser
        return held + self.activations + self.looking

    def zero2(self, processes: int) -> int:
        """The sum where processes share out gradients and optimiser."""
        shared = self.gradients + self.optimiser
        return self.total - shared + shared // processes

    def fsdp(self, processes: int) -> int:
        """The sum where processes share out weights too."""
        shared = self.weights + self.gradients + self.optimiser
        return self.total - shared + shared // processes


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take."""

    parts: tuple[Part, ...]
    memory: Memory


def estimate(recipe: EvfRecipe, sizes: Sizes, model: Network, precision: str) -> Estimate:
    """Work out a run's memory by a pass on torch's meta device.

    Args:
        recipe: of the run.
        sizes: of the network.
        model: the network without weights, on the meta device.
        precision: "no", "bf16" or "fp16".
    """
    model.train()
    if recipe.lora and not isinstance(model, ClipSam):
        with torch.device("meta"):
            add_lora(model.beit3, recipe)
    free_parts(model, recipe)
    objective = EvfObjective(model)
    for name in trace(objective, blank_batch(model, 1, 1, 4, (32, 32))).unreached:
        objective.get_parameter(name).requires_grad_(False)
    parts = tuple(_parts(model))
    return Estimate(parts, _memory(recipe, sizes, objective, precision))


def _parts(model: Network) -> Iterator[Part]:
    values = dict(model.named_parameters())
    groups: dict[str, tuple[str, ...]] = {
        "CLIP" if isinstance(model, ClipSam) else "BEiT-3": ("mm_extractor.",),
        "projector": ("text_hidden_fcs.",),
        "image encoder": ("visual_model.image_encoder.", "visual_model.no_mem_embed"),
        "prompt encoder": ("visual_model.prompt_encoder.", "visual_model.sam_prompt_encoder."),
        "mask decoder": ("visual_model.mask_decoder.", "visual_model.sam_mask_decoder."),
    }
    for name, prefix in groups.items():
        own = [value for key, value in values.items() if key.startswith(prefix)]
        learn = sum(value.numel() for value in own if value.requires_grad)
        yield Part(name, sum(value.numel() for value in own), learn)


def _memory(recipe: EvfRecipe, sizes: Sizes, objective: EvfObjective, precision: str) -> Memory:
    model = objective.model
    learn = sum(value.numel() for value in trainable(objective).values())
    frozen = cast(nn.Module, model.visual_model.image_encoder)
    encoder = sum(value.numel() for value in frozen.parameters())
    rest = sum(value.numel() for value in objective.parameters()) - encoder
    half = precision != "no"
    frozen_half = half and not recipe.train_image_encoder
    # Autocast makes a copy in half precision of what learns, for the time of a pass.
    copies = _HALF * learn if half else 0
    weights = _FLOAT * rest + (_HALF if frozen_half else _FLOAT) * encoder + copies
    activations = _activations(recipe, objective, half=half)
    looking = 0 if recipe.train_image_encoder else _looking(sizes, half=half)
    return Memory(weights, _FLOAT * learn, 2 * _FLOAT * learn, activations, looking)


def _looking(sizes: Sizes, *, half: bool) -> int:
    visual = sizes.recognised.visual
    if not isinstance(visual, SamConfig) or not isinstance(visual.encoder, VitConfig):
        return 0
    places = visual.grid**2
    return 2 * at_once(visual.grid) * visual.encoder.heads * places**2 * (_HALF if half else _FLOAT)


def _activations(recipe: EvfRecipe, objective: EvfObjective, *, half: bool) -> int:
    batch = blank_batch(
        objective.model, recipe.micro_batch, recipe.phrases, PHRASE_TOKENS, PICTURE_HW
    )
    layers = layers_of(objective.model, looking=recipe.train_image_encoder)
    with _watched(layers) as watch:
        remembered = trace(objective, batch, watch.note).remembered
    if recipe.checkpoint_activations:
        inside = list(watch.inside.values())
        remembered += sum(watch.inputs) - sum(inside) + max(inside, default=0)
    return round(remembered * MIXED_SHARE) if half else remembered


class _Watch:
    """Bytes remembered inside of each layer, and bytes that go into it."""

    def __init__(self) -> None:
        self.now: nn.Module | None = None
        self.inside: dict[nn.Module, int] = {}
        self.inputs: list[int] = []

    def note(self, nbytes: int) -> None:
        if self.now is not None:
            self.inside[self.now] = self.inside.get(self.now, 0) + nbytes

    def enter(self, layer: nn.Module, given: tuple[object, ...]) -> None:
        self.now = layer
        flat = [t for one in given for t in (one if isinstance(one, tuple) else (one,))]
        self.inputs.append(sum(t.nbytes for t in flat if isinstance(t, Tensor)))

    def leave(self, layer: nn.Module, given: object, result: object) -> None:
        self.now = None


@contextmanager
def _watched(layers: list[nn.Module]) -> Iterator[_Watch]:
    watch = _Watch()
    hooks = [layer.register_forward_pre_hook(watch.enter) for layer in layers]
    hooks += [layer.register_forward_hook(watch.leave) for layer in layers]
    try:
        yield watch
    finally:
        for hook in hooks:
            hook.remove()
