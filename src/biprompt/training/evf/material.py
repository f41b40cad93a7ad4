"""What a run learns from, and what it is measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.readers.registry import READERS
from biprompt.errors import DataError
from biprompt.training.evf.data.augment import Augmentation
from biprompt.training.evf.data.folder import Wording
from biprompt.training.evf.data.held_out import HeldOut
from biprompt.training.evf.data.opening import (
    FOLDER,
    Opening,
    SourceSpec,
    open_held_out,
    open_stream,
)
from biprompt.training.evf.data.stream import BLOCK, Stream
from biprompt.training.evf.recipe import EvfRecipe


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a run learns from.

    Attributes:
        stream: the endless stream of samples.
        held_out: what is measured, a list for each data set.
        faults: what could not be used.
    """

    stream: Stream
    held_out: tuple[HeldOut, ...]
    faults: Faults

    @property
    def measured(self) -> list[tuple[HeldOut, int]]:
        """All pictures that are measured: list and place in it; each is made when it is read."""
        return [(part, place) for part in self.held_out for place in range(len(part))]

    def told(self) -> str:
        """One line: which data sets, how often each is drawn, and how much is held out."""
        shares = zip(self.stream.sources, self.stream.shares, strict=True)
        drawn = ", ".join(f"{one.name} {len(one)} ({100 * n / BLOCK:g} %)" for one, n in shares)
        kept = len(self.measured) or "none, the newest weights count as the best"
        return f"pictures: {drawn}; held out: {kept}"


def data_specs(texts: Sequence[str], ratios: Mapping[str, float]) -> list[SourceSpec]:
    """The data sets that a command line names.

    Args:
        texts: each ``DIR``, a folder in COCO layout, or ``DATASET=DIR``.
        ratios: of the recipe, by the name of a data set, or of a folder in COCO layout.

    Raises:
        DataError: there is none, or a ratio for none of them.
    """
    specs = [_spec(text, ratios) for text in texts]
    if not specs:
        raise DataError("--data", expected="at least one data set", actual="none")
    names = {_name(spec) for spec in specs}
    if strange := sorted(ratios.keys() - names):
        known = ", ".join(sorted(names))
        raise DataError("recipe field ratios", expected=known, actual=", ".join(strange))
    return specs


def open_material(specs: Sequence[SourceSpec], recipe: EvfRecipe) -> Material:
    """Open data sets as a recipe says.

    Raises:
        DataError: a data set is missing, wrong, or cannot be trained on.
    """
    faults = Faults(skip=recipe.skip_faults)
    how = opening(recipe)
    stream = open_stream(specs, how, seed=recipe.seed, faults=faults)
    held_out = []
    if recipe.held_out:
        held_out = open_held_out(specs, how, limit=recipe.held_out, faults=faults)
    return Material(stream, tuple(held_out), faults)


def opening(recipe: EvfRecipe) -> Opening:
    """What the recipe says of the data."""
    return Opening(
        most=recipe.phrases,
        augmentation=Augmentation(recipe.flip, recipe.crop, recipe.light, recipe.mosaic),
        wording=Wording(recipe.semantic, recipe.absent),
        drop_held_out=recipe.drop_held_out,
    )


def _spec(text: str, ratios: Mapping[str, float]) -> SourceSpec:
    name, equals, root = text.partition("=")
    spec = SourceSpec(name, Path(root)) if equals and name in READERS else None
    spec = spec or SourceSpec(FOLDER, Path(text))
    return SourceSpec(spec.dataset, spec.root, ratios.get(_name(spec)))


def _name(spec: SourceSpec) -> str:
    return spec.root.resolve().name if spec.dataset == FOLDER else spec.dataset
