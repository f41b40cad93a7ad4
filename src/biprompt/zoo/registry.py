"""The models there are: one frozen table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from biprompt.errors import WeightsError

DATA = Path(__file__).parent / "data"
MANIFEST = "model.json"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What is known of a model without loading it.

    Attributes:
        name: what ``--model`` takes.
        summary: what it does, in a line.
        prompts: the kinds of prompt it takes.
        licence: of the weights.
        source: where they come from.
        folder: where they lie.
    """

    name: str
    summary: str
    prompts: tuple[str, ...]
    licence: str
    source: str
    folder: Path

    @property
    def is_installed(self) -> bool:
        """Whether its files are there (not whether they are whole: loading checks that)."""
        return (self.folder / MANIFEST).is_file()

    @property
    def nbytes(self) -> int:
        """Bytes of its files on disk; 0 when it is not installed."""
        return sum(path.stat().st_size for path in self.folder.glob("*") if path.is_file())


MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        "compact": ModelSpec(
            name="compact",
            summary="clicks and words on a laptop; ships in the package",
            prompts=("points", "box", "scribbles", "polygon", "mask", "text", "negative text"),
            licence="Apache-2.0 code; weights for research, see docs/model-card.md",
            source="trained by `biprompt train compact`",
            folder=DATA / "compact",
        ),
    }
)


def is_small(name: str | os.PathLike[str]) -> bool:
    """Whether a name means the compact model, or a folder that holds one; no torch is needed."""
    name = os.fspath(name)
    return name in MODELS or os.path.isfile(os.path.join(name, MANIFEST))


def find_model(name: str | os.PathLike[str]) -> ModelSpec:
    """The entry of a model.

    Args:
        name: a name of :data:`MODELS`, or a folder that ``biprompt train compact`` has exported.

    Raises:
        WeightsError: there is no such model, or the folder holds none.
    """
    name = os.fspath(name)
    if name in MODELS:
        return MODELS[name]
    if os.path.isfile(os.path.join(name, MANIFEST)):  # False also for a name that cannot be a path
        kinds = MODELS["compact"].prompts
        return ModelSpec(name, "exported by you", kinds, "yours", name, Path(name))
    if os.path.isdir(name):
        expected = f"an exported model, with a {MANIFEST}"
        raise WeightsError("model folder", expected=expected, actual="none", path=name)
    expected = f"{', '.join(MODELS)}, or a folder that biprompt train exported"
    raise WeightsError("model", expected=expected, actual=name)
