"""Which files a checkpoint is made of: one file, the shards of an index, or a folder of either."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from biprompt.errors import WeightsError

INDEX_SUFFIX = ".index.json"
PREFERRED = (
    "model.safetensors.index.json",
    "model.safetensors",
    "pytorch_model.bin.index.json",
    "pytorch_model.bin",
)
"""Names of the Hugging Face hub, best first: where there are several, they hold the same."""
SUFFIXES = (".safetensors", ".bin", ".pth", ".pt")


def weight_files(path: Path) -> tuple[Path, ...]:
    """The files that hold the weights.

    Args:
        path: a file of weights, an index of shards, or a folder that holds one or the other.

    Raises:
        WeightsError: there is no such file, the folder holds no weights or several that may be
            meant, the index is damaged, or a shard is missing.
    """
    if path.is_dir():
        path = _in_folder(path)
    if not path.is_file():
        raise WeightsError("checkpoint", expected="an existing file", actual="none", path=path)
    return _shards(path) if path.name.endswith(INDEX_SUFFIX) else (path,)


def holds_weights(path: Path) -> bool:
    """Whether `weight_files` may find something (not whether all of it is there)."""
    return path.is_file() or any(_candidates(path))


def _candidates(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES and p.is_file())
    except OSError:
        return []


def _in_folder(folder: Path) -> Path:
    for name in PREFERRED:
        if (folder / name).is_file():
            return folder / name
    found = _candidates(folder)
    if len(found) == 1:
        return found[0]
    expected = f"one file of weights ({', '.join(SUFFIXES)}) or an index of shards"
    names = ", ".join(path.name for path in found) or "none"
    raise WeightsError("folder", expected=expected, actual=names, path=folder)


def _shards(index: Path) -> tuple[Path, ...]:
    names = _shard_names(index)
    paths = tuple(index.with_name(name) for name in names)
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        expected = f"all {len(names)} shards of {index.name}"
        actual = f"{len(missing)} missing: {', '.join(missing)}"
        raise WeightsError("checkpoint", expected=expected, actual=actual, path=index.parent)
    return paths


def _shard_names(index: Path) -> Sequence[str]:
    """The names in an index; only plain ones, so that none leads out of the folder."""
    try:
        names = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
        plain = names and all(Path(name).name == name for name in names)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise _no_index(index, f"{type(error).__name__} {error}") from error
    if not plain:
        raise _no_index(index, ", ".join(names) or "no shard")
    return names


def _no_index(index: Path, actual: str) -> WeightsError:
    expected = "a weight_map from tensors to files of the same folder"
    return WeightsError("index of shards", expected=expected, actual=actual, path=index)
