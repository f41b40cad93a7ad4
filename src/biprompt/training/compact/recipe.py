"""The recipe of the embedded model: one frozen value, read from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from biprompt.errors import DataError

DEFAULT_WEIGHTS = {
    "coco-train": 0.40, "regions-train": 0.20, "animals-train": 0.12, "clothing-train": 0.10,
    "surgery-train": 0.05, "carparts-train": 0.04, "camvid-train": 0.04, "polyp-train": 0.03,
    "faces-train": 0.015, "aerial-train": 0.005,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompactRecipe:
    """Everything that decides a training run."""

    folders: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    """How often each data folder is drawn."""
    seed: int = 0
    steps: int = 20_000
    minutes: float = 0.0
    """Time budget; 0 for none. The schedule follows whichever of steps and time is further."""
    batch: int = 12
    size: int = 256
    late_size: int = 384
    """Side of the crops in the last part of the schedule ..."""
    late_part: float = 0.2
    """... which is this share of it."""
    clicks: int = 2
    phrases: int = 4
    spoken: int = 2
    """Phrases of each photograph that are decoded, not only grounded."""
    word_noise: float = 0.03
    """Noise on every number of a word vector (they have unit length), for half of the phrases."""
    absent_rate: float = 0.35
    paste_rate: float = 0.25
    mosaic_rate: float = 0.1
    rate: float = 1.5e-3
    backbone_rate: float = 0.12
    """Learning rate of the backbone, as a share of ``rate``."""
    frozen_blocks: int = 4
    """Backbone blocks that keep their pretrained weights."""
    warmup: int = 100
    weight_decay: float = 0.02
    clip: float = 3.0
    ema: float = 0.998
    precision: str = "bf16"
    workers: int = 1
    threads: int = 0
    save_minutes: float = 4.0
    log_every: int = 20

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def load_recipe(path: Path | None, changes: dict[str, Any]) -> CompactRecipe:
    """The recipe of a TOML file with changes laid over it.

    Args:
        path: TOML file, or None for the defaults.
        changes: fields to replace.

    Raises:
        DataError: the file cannot be read, or a field is unknown or of another type.
    """
    given: dict[str, Any] = {}
    if path is not None:
        try:
            given = tomllib.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise DataError(
                "recipe", expected="a TOML file", actual=str(error), path=path
            ) from error
    given |= changes
    known = {f.name: f for f in fields(CompactRecipe)}
    for name, value in given.items():
        if name not in known:
            raise DataError("recipe field", expected=", ".join(known), actual=name, path=path)
        wanted = type(getattr(CompactRecipe(), name))
        if not isinstance(value, (wanted, int) if wanted is float else wanted):
            raise DataError(
                f"recipe field {name}", expected=wanted.__name__, actual=value, path=path
            )
    return CompactRecipe(**given)
