"""Where checkpoints lie, and how one is found by its name or its path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.io.folders import user_cache_folder
from biprompt.zoo.checkpoints import (
    CHECKPOINTS,
    CheckpointSpec,
    HubSource,
    Published,
    UrlSource,
)
from biprompt.zoo.weights.files import holds_weights

MODELS_VARIABLE = "BIPROMPT_MODELS"
TOKENIZER = "sentencepiece.bpe.model"
"""Name of BEiT-3's tokenizer in the published repositories."""


@dataclass(frozen=True, slots=True)
class Located:
    """A checkpoint that is there.

    Attributes:
        path: its file or folder.
        spec: the entry of the table that it is, as far as its name tells; None for another one.
    """

    path: Path
    spec: CheckpointSpec | None


def models_folder() -> Path:
    """``BIPROMPT_MODELS``, else ``models`` in the cache folder; it need not exist.

    Raises:
        InputError: there is no home folder, and no variable says where the cache is.
    """
    own = os.environ.get(MODELS_VARIABLE)
    return Path(own) if own else user_cache_folder() / "models"


def folder_of(spec: Published) -> Path:
    """Where a published checkpoint is put."""
    return models_folder() / spec.name


def target_of(spec: Published) -> Path:
    """The file, or the folder of a hub repository, that a download makes."""
    source = spec.source
    return folder_of(spec) / source.file if isinstance(source, UrlSource) else folder_of(spec)


def installed(spec: Published) -> Path | None:
    """Where a published checkpoint is, None where it is not (loading tells whether it is whole).

    It may lie where a download puts it, directly in the folder of models, or converted to
    ``NAME.safetensors``.
    """
    root = models_folder()
    if isinstance(spec.source, HubSource):
        places = [folder_of(spec), root / spec.source.repo.rpartition("/")[2]]
    else:
        places = [target_of(spec), root / spec.source.file]
    places.append(root / f"{spec.name}.safetensors")
    return next((place for place in places if holds_weights(place)), None)


def find_checkpoint(name: str | os.PathLike[str]) -> Located:
    """Find a checkpoint by the name of a published one, or by a path.

    Args:
        name: a name of `CHECKPOINTS`, or a file or folder of weights.

    Raises:
        WeightsError: it is a name, and the files are not there; or neither a name nor a path.
    """
    name = os.fspath(name)
    if spec := CHECKPOINTS.get(name):
        path = installed(spec)
        if path is None:
            raise absent(spec)
        return Located(path, spec)
    if not os.path.exists(name):  # False also for a name that cannot be a path
        raise _unknown(name)
    return Located(Path(name), published_as(Path(name)))


def published_as(path: Path) -> CheckpointSpec | None:
    """The published checkpoint that a folder, or a file or its folder, is by its name."""
    whole = path.resolve()
    for name in [whole.name] if path.is_dir() else [path.name, path.stem, whole.parent.name]:
        for spec in CHECKPOINTS.values():
            if name in _names(spec):
                return spec
    return None


def tokenizer_beside(path: Path) -> Path | None:
    """The tokenizer that lies with a checkpoint, None where there is none."""
    folder = path if path.is_dir() else path.parent
    named = folder / TOKENIZER
    return named if named.is_file() else next(iter(sorted(folder.glob("*.spm"))), None)


def absent(spec: Published) -> WeightsError:
    """The error for a published checkpoint that is not there: how to get it."""
    expected = f"`biprompt models get {spec.name}`, or {spec.source.url} as {target_of(spec)}"
    return WeightsError(f"checkpoint {spec.name}", expected=expected, actual="no such file")


def _names(spec: CheckpointSpec) -> tuple[str, ...]:
    if isinstance(spec.source, HubSource):
        return (spec.name, spec.source.repo.rpartition("/")[2])
    return (spec.name, spec.source.file, Path(spec.source.file).stem)


def _unknown(name: str) -> WeightsError:
    near = get_close_matches(name, CHECKPOINTS, n=3) or [*CHECKPOINTS][:3]
    expected = f"{', '.join(near)} or another of `biprompt models`, or an existing file or folder"
    return WeightsError("checkpoint", expected=expected, actual=name)
