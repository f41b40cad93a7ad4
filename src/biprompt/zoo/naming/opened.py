"""Opening a checkpoint whatever its names are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.zoo.naming.rules import SIGNS, Source, sources
from biprompt.zoo.weights import TensorFacts, Weights, open_weights
from biprompt.zoo.weights.facts import WeightFile

if TYPE_CHECKING:
    from torch import Tensor


def open_published(path: str | os.PathLike[str]) -> Weights:
    """Open a checkpoint, as `open_weights`; SAM 2 and EdgeTAM of transformers get published names.

    Args:
        path: see `open_weights`.

    Raises:
        WeightsError, MissingExtraError: as `open_weights`.
    """
    weights = open_weights(path)
    if not any(sign in weights for sign in SIGNS):
        return weights
    found = sources(weights)
    return Weights([_Renamed(file, found) for file in weights.files])


class _Renamed:
    """A file under other names.

    Args:
        file: what is renamed.
        found: where tensors are, over all files of the checkpoint.
    """

    def __init__(self, file: WeightFile, found: Mapping[str, Source]) -> None:
        self._file = file
        self._sources = {name: one for name, one in found.items() if one.name in file.facts}
        self.facts = {name: _facts(file.facts[one.name], one.row)
                      for name, one in self._sources.items()}  # fmt: skip

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._file.path

    @property
    def metadata(self) -> Mapping[str, str]:
        """What it says about itself."""
        return self._file.metadata

    def read(self, name: str) -> Tensor:
        """One of its tensors, on the CPU."""
        source = self._sources[name]
        return source.taken(self._file.read(source.name))


def _facts(facts: TensorFacts, row: int | None) -> TensorFacts:
    return facts if row is None else TensorFacts((1, *facts.shape[1:]), facts.dtype)
