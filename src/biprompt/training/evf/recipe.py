"""The recipe of EVF-SAM: one frozen value, read from a TOML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from biprompt.errors import DataError
from biprompt.training.recipes import choice, laid_over, number, read_toml, wrong

RECIPE_FILE = Path(__file__).parent / "recipe.toml"
"""The papers' recipe with every field explained, to be copied and changed."""
TINY_FILE = Path(__file__).parent / "tiny.toml"
"""What `--tiny` changes of it: a small network with a random start, for trials."""

SIDES = ("tiny_canvas", "tiny_beit_side")
_SIDE_MULTIPLE = 16


@dataclass(frozen=True, slots=True)
class EvfRecipe:
    """Everything that decides a training run; `recipe.toml` says what each field means."""

    seed: int = number(0, 0, 2**63 - 1)

    steps: int = number(15_000, 1, 10**9)
    batch: int = number(128, 1, 10**6)
    micro_batch: int = number(16, 1, 10**6)
    save_every: int = number(500, 1, 10**9)
    validate_every: int = number(1000, 1, 10**9)
    log_every: int = number(10, 1, 10**9)

    train_beit3: bool = True
    train_projector: bool = True
    train_mask_decoder: bool = True
    train_no_mask_embed: bool = True
    train_image_encoder: bool = False

    encoder: str = choice("beit3", "clip")
    fusion: str = choice("early", "late", "text")
    early_layers: int = number(0, 0, 1000)
    feature: str = choice("image_cls", "text_cls", "mean", "concat")

    bce: float = number(1.0, 0.0, 1e6)
    dice: float = number(1.0, 0.0, 1e6)

    rate: float = number(1e-4, 0.0, 1.0)
    warmup: int = number(100, 0, 10**9)
    beta1: float = number(0.9, 0.0, 0.999999)
    beta2: float = number(0.95, 0.0, 0.999999)
    weight_decay: float = number(0.0, 0.0, 1.0)
    clip: float = number(1.0, 1e-6, 1e6)

    lora: bool = False
    lora_rank: int = number(16, 1, 4096)
    lora_alpha: int = number(32, 1, 10**6)
    lora_dropout: float = number(0.0, 0.0, 0.9)
    lora_ffn: bool = False

    precision: str = choice("auto", "bf16", "fp16", "no")
    checkpoint_activations: bool = True
    workers: int = number(4, 0, 256)
    threads: int = number(0, 0, 1024)
    export_dtype: str = choice("float32", "float16", "bfloat16")

    phrases: int = number(3, 1, 1000)
    semantic: float = number(0.4, 0.0, 1.0)
    absent: float = number(0.0, 0.0, 1.0)
    flip: float = number(0.0, 0.0, 1.0)
    crop: float = number(0.0, 0.0, 1.0)
    light: float = number(0.0, 0.0, 1.0)
    mosaic: float = number(0.0, 0.0, 1.0)
    drop_held_out: bool = True
    skip_faults: bool = False
    held_out: int = number(200, 0, 10**9)
    ratios: dict[str, float] = field(default_factory=dict)

    size: str = choice("files", "tiny")
    tiny_canvas: int = number(256, 32, 2048)
    tiny_sam_dim: int = number(96, 16, 4096)
    tiny_sam_layers: int = number(3, 1, 100)
    tiny_decoder_dim: int = number(64, 16, 4096)
    tiny_beit_side: int = number(96, 16, 1024)
    tiny_beit_dim: int = number(96, 16, 4096)
    tiny_beit_layers: int = number(4, 1, 100)
    tiny_words: int = number(2000, 32, 64_000)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)

    def accumulation(self, processes: int) -> int:
        """Micro-batches of a step, in each of some processes.

        Raises:
            DataError: the batch cannot be divided so.
        """
        turn = self.micro_batch * processes
        if self.batch % turn:
            share = f"{self.micro_batch} in each of {processes} processes"
            raise DataError(
                "recipe field batch", expected=f"a multiple of {share}", actual=self.batch
            )
        return self.batch // turn


def load_recipe(
    path: Path | None, changes: Mapping[str, Any], base: EvfRecipe | None = None
) -> EvfRecipe:
    """The recipe of a TOML file with changes laid over it.

    Args:
        path: TOML file, or None.
        changes: fields to replace.
        base: what holds for all other fields, instead of the defaults.

    Raises:
        DataError: the file cannot be read, or a field is unknown, of another type, out of range,
            or does not go with the others.
    """
    recipe = EvfRecipe() if base is None else base
    recipe = laid_over(recipe, {} if path is None else read_toml(path), path)
    recipe = laid_over(recipe, changes)
    _check(recipe)
    return recipe


def tiny_recipe() -> EvfRecipe:
    """The defaults of `--tiny`."""
    return load_recipe(TINY_FILE, {})


def _check(recipe: EvfRecipe) -> None:
    for name in SIDES:
        if getattr(recipe, name) % _SIDE_MULTIPLE:
            raise wrong(name, f"a multiple of {_SIDE_MULTIPLE}", getattr(recipe, name), None)
    for name, ratio in recipe.ratios.items():
        if type(ratio) not in (int, float) or not 0 < ratio < math.inf:
            raise wrong(f"ratios.{name}", "a number above 0", ratio, None)
    if recipe.encoder == "clip":
        _check_clip(recipe)
    if recipe.lora and not recipe.train_beit3:
        raise wrong("lora", "train_beit3 = true with it", "false", None)


def _check_clip(recipe: EvfRecipe) -> None:
    """CLIP reads picture and phrase each alone, or the phrase only; LoRA is for BEiT-3."""
    if recipe.fusion == "early":
        raise wrong("fusion", "late or text with CLIP", recipe.fusion, None)
    if recipe.lora:
        raise wrong("lora", "BEiT-3 with it", "CLIP", None)
