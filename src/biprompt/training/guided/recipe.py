"""The recipe of the guided network: one frozen value, read from a TOML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from biprompt.errors import DataError
from biprompt.guidance import ENCODINGS, Encoding
from biprompt.models.guided import FUSIONS, Fusion, GuidedConfig
from biprompt.training.recipes import choice, laid_over, number, read_toml, wrong

RECIPE_FILE = Path(__file__).parent / "recipe.toml"
"""The defaults with every field explained, to be copied and changed."""
SIDE_MULTIPLE = 32
FOLDERS = {
    "coco-train": 0.5, "animals-train": 0.15, "regions-train": 0.15, "clothing-train": 0.08,
    "carparts-train": 0.06, "polyp-train": 0.03, "surgery-train": 0.03,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GuidedRecipe:
    """Everything that decides a training run; `recipe.toml` says what each field means."""

    encoding: str = choice(Encoding.DISK.value, *ENCODINGS)
    fusion: str = choice(Fusion.ONE_STREAM.value, *FUSIONS)
    seed: int = number(0, 0, 2**63 - 1)

    steps: int = number(2000, 1, 10**9)
    save_every: int = number(100, 1, 10**9)
    validate_every: int = number(500, 1, 10**9)
    log_every: int = number(20, 1, 10**9)
    held_out: int = number(48, 0, 10**6)

    batch: int = number(8, 1, 4096)
    size: int = number(128, 64, 2048)
    long_side: int = number(256, 64, 4096)
    rounds: int = number(3, 0, 20)

    rate: float = number(1e-3, 1e-9, 1.0)
    backbone_rate: float = number(0.2, 0.0, 100.0)
    warmup: int = number(20, 0, 10**9)
    weight_decay: float = number(0.02, 0.0, 1.0)
    clip: float = number(3.0, 1e-6, 1e6)

    threads: int = number(0, 0, 1024)
    folders: dict[str, float] = field(default_factory=lambda: dict(FOLDERS))

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)

    @property
    def config(self) -> GuidedConfig:
        """Sizes of the network."""
        return GuidedConfig(Encoding(self.encoding).channels, Fusion(self.fusion))

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        warm = min(1.0, (step + 1) / max(1, self.warmup))
        cosine = 0.5 * (1.0 + math.cos(math.pi * step / self.steps))
        return self.rate * warm * (0.01 + 0.99 * cosine)


def load_recipe(
    path: Path | None, changes: Mapping[str, Any], base: GuidedRecipe | None = None
) -> GuidedRecipe:
    """The recipe of a TOML file with changes laid over it.

    Args:
        path: TOML file, or None.
        changes: fields to replace.
        base: what holds for all other fields, instead of the defaults.

    Raises:
        DataError: the file cannot be read, or a field is unknown, of another type, or out of
            range.
    """
    recipe = GuidedRecipe() if base is None else base
    recipe = laid_over(recipe, {} if path is None else read_toml(path), path)
    recipe = laid_over(recipe, changes)
    for name in ("size", "long_side"):
        if getattr(recipe, name) % SIDE_MULTIPLE:
            raise wrong(name, f"a multiple of {SIDE_MULTIPLE}", getattr(recipe, name), path)
    if not recipe.folders:
        raise DataError("recipe field folders", expected="at least one", actual="none", path=path)
    for name, weight in recipe.folders.items():
        if type(weight) not in (int, float) or not 0 < weight < math.inf:
            raise wrong(f"folders.{name}", "a number above 0", weight, path)
    return recipe
