"""The recipe of the embedded model: one frozen value, read from a TOML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from biprompt.errors import DataError
from biprompt.training.recipes import read_toml, typed, within, wrong

RECIPE_FILE = Path(__file__).parent / "recipe.toml"
"""The defaults as a file with comments, to be copied and changed."""

DEFAULT_WEIGHTS = {
    "coco-train": 0.45, "regions-train": 0.19, "animals-train": 0.11, "clothing-train": 0.07,
    "surgery-train": 0.05, "carparts-train": 0.04, "camvid-train": 0.04, "polyp-train": 0.03,
    "faces-train": 0.015, "aerial-train": 0.005,
}  # fmt: skip
PRECISIONS = ("no", "bf16")
SIDE_MULTIPLE = 32


@dataclass(frozen=True, slots=True)
class CompactRecipe:
    """Everything that decides a training run."""

    folders: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    """How often each data folder is drawn."""
    seed: int = 0
    steps: int = 20_000
    minutes: float = 0.0
    """Time budget; 0 for none. The run ends with the steps or the time, whichever is first; the
    schedule follows the one of which more is over."""
    batch: int = 12
    size: int = 256
    """Side of the crops, pixels."""
    late_size: int = 384
    """Side of the crops in the last part of the schedule ..."""
    late_part: float = 0.2
    """... which is this share of it."""
    clicks: int = 2
    """Objects of each photograph that are clicked."""
    phrases: int = 4
    """Phrases of each photograph."""
    spoken: int = 2
    """Phrases of each photograph that are decoded, not only grounded."""
    word_noise: float = 0.03
    """Noise on every number of a word vector (they have unit length), for half of the phrases."""
    absent_rate: float = 0.35
    """Share of the phrases that name what is not there."""
    paste_rate: float = 0.25
    """Share of the crops with an object of another photograph on them."""
    mosaic_rate: float = 0.1
    """Share of the crops that are put together from two photographs."""
    rate: float = 1.5e-3
    """Highest learning rate."""
    backbone_rate: float = 0.12
    """Learning rate of the backbone, as a share of ``rate``."""
    frozen_blocks: int = 4
    """Backbone blocks that keep their pretrained weights."""
    warmup: int = 100
    """Steps until the learning rate is at its highest."""
    weight_decay: float = 0.02
    clip: float = 3.0
    """Largest norm of the gradient."""
    ema: float = 0.998
    """Share of the averaged weights that stays at each step."""
    precision: str = "bf16"
    workers: int = 1
    """Processes that make samples; 0 makes them in the training process."""
    threads: int = 0
    """Threads of torch; 0 for its own choice."""
    save_minutes: float = 4.0
    log_every: int = 20

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


# Lowest and highest value of each field; folders and precision are checked by themselves.
_LIMITS: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1), "steps": (1, 10**12), "minutes": (0, math.inf), "batch": (1, 4096),
    "size": (64, 2048), "late_size": (64, 2048), "late_part": (0, 1), "clicks": (1, 64),
    "phrases": (1, 64), "spoken": (1, 64), "word_noise": (0, 1), "absent_rate": (0, 1),
    "paste_rate": (0, 1), "mosaic_rate": (0, 1), "rate": (1e-9, 1), "backbone_rate": (0, 100),
    "frozen_blocks": (0, 18), "warmup": (0, 10**9), "weight_decay": (0, 1), "clip": (1e-6, 1e6),
    "ema": (0, 0.999999), "workers": (0, 256), "threads": (0, 1024),
    "save_minutes": (0, math.inf), "log_every": (1, 10**9),
}  # fmt: skip


def load_recipe(
    path: Path | None, changes: Mapping[str, Any], base: CompactRecipe | None = None
) -> CompactRecipe:
    """The recipe of a TOML file with changes laid over it.

    Args:
        path: TOML file, or None.
        changes: fields to replace.
        base: what holds for all other fields, instead of the defaults.

    Raises:
        DataError: the file cannot be read, or a field is unknown, of another type, or out of
            range.
    """
    base = CompactRecipe() if base is None else base
    given = {**({} if path is None else read_toml(path)), **changes}
    known: dict[str, Any] = {f.name: getattr(base, f.name) for f in fields(CompactRecipe)}
    for name, value in given.items():
        if name not in known:
            raise DataError("recipe field", expected=", ".join(known), actual=name, path=path)
        known[name] = _checked(name, value, type(known[name]), path)
    recipe = CompactRecipe(**known)
    if recipe.spoken > recipe.phrases:
        actual = f"{recipe.spoken} of {recipe.phrases}"
        raise DataError("recipe field spoken", expected="at most phrases", actual=actual, path=path)
    return recipe


def _checked(name: str, value: Any, kind: type[Any], path: Path | None) -> Any:
    """The value in the field's own type, or an error that says what the field takes."""
    value = typed(name, value, kind, path)
    if name == "folders":
        return _weights(value, path)
    if name == "precision":
        if value not in PRECISIONS:
            raise wrong(name, " or ".join(PRECISIONS), value, path)
        return value
    within(name, value, _LIMITS[name], path)
    if name in ("size", "late_size") and value % SIDE_MULTIPLE:
        raise wrong(name, f"a multiple of {SIDE_MULTIPLE}", value, path)
    return value


def _weights(folders: Mapping[str, Any], path: Path | None) -> dict[str, float]:
    for name, weight in folders.items():
        if type(weight) not in (int, float) or not 0 < weight < math.inf:
            raise wrong(f"folders.{name}", "a number above 0", weight, path)
    if not folders:
        raise wrong("folders", "at least one folder", "none", path)
    return {name: float(weight) for name, weight in folders.items()}
