"""Whether a checkpoint is what it should be, file by file and key by key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.zoo.build import empty_model
from biprompt.zoo.checkpoints import CheckpointSpec, UrlSource
from biprompt.zoo.download import FileFacts, read_receipt, sha256_of
from biprompt.zoo.folders import Located
from biprompt.zoo.matching import match_keys
from biprompt.zoo.naming import open_published
from biprompt.zoo.recognise import Recognised, recognise, stated_by
from biprompt.zoo.weights import Weights


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """A file that was read from its beginning to its end.

    Attributes:
        path: where it is.
        nbytes: its size.
        sha256: of its content.
        compared: whether there was a digest to compare it with.
    """

    path: Path
    nbytes: int
    sha256: str
    compared: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """A checkpoint that is whole.

    Attributes:
        recognised: what it is.
        files: its files.
        tensors: how many tensors the network takes from it.
    """

    recognised: Recognised
    files: tuple[VerifiedFile, ...]
    tensors: int


def verify(located: Located) -> Verified:
    """Read every byte of a checkpoint, and compare its keys with those of its network.

    Raises:
        WeightsError: a file is damaged, missing or another than was published or downloaded; keys
            are missing or unexpected.
    """
    path = located.path
    weights = open_published(path)
    files = _verified_all(weights, path, located.spec)
    recognised = recognise(weights.shapes, stated_by(weights), path)
    wanted = empty_model(recognised).state_dict()
    return Verified(recognised, files, len(match_keys(wanted, weights.facts, recognised, path)))


def verify_files(path: Path) -> tuple[VerifiedFile, ...]:
    """Read every byte of a model that transformers runs; its keys are compared when it is loaded.

    Args:
        path: its folder.

    Raises:
        WeightsError: a file is damaged, missing or another than was downloaded.
    """
    return _verified_all(open_published(path), path, None)


def _verified_all(
    weights: Weights, path: Path, spec: CheckpointSpec | None
) -> tuple[VerifiedFile, ...]:
    known = _known_files(path, spec)
    return tuple(_verified(file.path, known) for file in weights.files)


def _known_files(path: Path, spec: CheckpointSpec | None) -> dict[str, str]:
    """Digests by file name: of the table, else of the receipt."""
    folder = path if path.is_dir() else path.parent
    receipt = read_receipt(folder)
    files: dict[str, FileFacts] = {} if receipt is None else dict(receipt.files)
    known = {name: facts.sha256 for name, facts in files.items() if facts.sha256}
    if spec is not None and isinstance(spec.source, UrlSource) and not spec.source.archived:
        known |= {spec.source.file: spec.source.sha256} if spec.source.sha256 else {}
    return known


def _verified(path: Path, known: dict[str, str]) -> VerifiedFile:
    actual, expected = sha256_of(path), known.get(path.name)
    if expected not in (None, actual):
        raise WeightsError(
            "file", expected=f"sha256 {expected}", actual=f"sha256 {actual}", path=path
        )
    return VerifiedFile(path, path.stat().st_size, actual, expected is not None)
