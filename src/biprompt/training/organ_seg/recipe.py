"""The recipe of Organ-Seg: one frozen value, read from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from biprompt.errors import DataError
from biprompt.training.recipes import choice, laid_over, number, read_toml

RECIPE_FILE = Path(__file__).parent / "recipe.toml"
"""The paper's recipe with every field explained, to be copied and changed."""


@dataclass(frozen=True, slots=True)
class OrganRecipe:
    """Everything that decides a training run; `recipe.toml` says what each field means."""

    seed: int = number(0, 0, 2**63 - 1)

    steps: int = number(10_000, 1, 10**9)
    batch: int = number(16, 1, 10**6)
    micro_batch: int = number(4, 1, 10**6)
    save_every: int = number(250, 1, 10**9)
    validate_every: int = number(500, 1, 10**9)
    log_every: int = number(10, 1, 10**9)
    held_out: int = number(200, 0, 10**9)

    asks: str = choice("choice", "question")
    turns: str = choice("mistral", "vicuna", "plain")
    tokens: int = number(4, 1, 64)
    hidden: int = number(256, 16, 8192)

    lora: bool = True
    lora_rank: int = number(8, 1, 4096)
    lora_alpha: int = number(16, 1, 10**6)
    lora_dropout: float = number(0.05, 0.0, 0.9)
    train_mask_decoder: bool = False

    ce: float = number(1.0, 0.0, 1e6)
    dice: float = number(1.0, 0.0, 1e6)

    rate: float = number(1e-4, 0.0, 1.0)
    warmup: int = number(100, 0, 10**9)
    weight_decay: float = number(0.0, 0.0, 1.0)
    clip: float = number(1.0, 1e-6, 1e6)

    precision: str = choice("auto", "float32", "bfloat16", "float16")
    checkpoint_activations: bool = True
    workers: int = number(2, 0, 256)
    threads: int = number(0, 0, 1024)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, counted from 0: linear warm-up, then linear decay to 0."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        return self.rate * max(0.0, (self.steps - step) / max(1, self.steps - self.warmup))


def load_recipe(
    path: Path | None, changes: Mapping[str, Any], base: OrganRecipe | None = None
) -> OrganRecipe:
    """The recipe of a TOML file with changes laid over it.

    Args:
        path: TOML file, or None.
        changes: fields to replace.
        base: what holds for all other fields, instead of the defaults.

    Raises:
        DataError: the file cannot be read, or a field is unknown, of another type, out of range,
            or does not go with the others.
    """
    recipe = OrganRecipe() if base is None else base
    recipe = laid_over(recipe, {} if path is None else read_toml(path), path)
    recipe = laid_over(recipe, changes)
    if recipe.batch % recipe.micro_batch:
        expected = f"a multiple of micro_batch, {recipe.micro_batch}"
        raise DataError("recipe field batch", expected=expected, actual=recipe.batch)
    return recipe
