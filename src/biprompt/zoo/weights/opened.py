"""The tensors of a checkpoint by name, read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.errors import MissingExtraError, WeightsError
from biprompt.zoo.weights.facts import Shape, TensorFacts, WeightFile
from biprompt.zoo.weights.files import weight_files
from biprompt.zoo.weights.mapped import looks_mapped, open_mapped

if TYPE_CHECKING:
    from torch import Tensor

_HEAD_BYTES = 64
_POINTER = b"version https://git-lfs"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n")


class Weights(Mapping[str, "Tensor"]):
    """Tensors by name over all files of a checkpoint. Looking one up reads it, and nothing else.

    Attributes:
        files: the open files.
        facts: shape and type of every tensor.
        metadata: what the files say about themselves.
    """

    def __init__(self, files: Sequence[WeightFile]) -> None:
        """Join open files.

        Raises:
            WeightsError: they hold no tensor, or one tensor twice.
        """
        self.files = tuple(files)
        self.facts: dict[str, TensorFacts] = {}
        self.metadata: dict[str, str] = {}
        self._file_of: dict[str, WeightFile] = {}
        for file in self.files:
            self._take(file)
        if not self.facts:
            path = self.files[0].path if self.files else None
            raise WeightsError("checkpoint", expected="tensors", actual="none", path=path)

    def _take(self, file: WeightFile) -> None:
        if twice := self._file_of.keys() & file.facts.keys():
            actual = f"{min(twice)} again"
            raise WeightsError("shards", expected="each tensor once", actual=actual, path=file.path)
        self.facts.update(file.facts)
        self.metadata.update(file.metadata)
        self._file_of.update(dict.fromkeys(file.facts, file))

    def __getitem__(self, name: str) -> Tensor:
        """Read a tensor, onto the CPU and in the type of the file."""
        return self._file_of[name].read(name)

    def __iter__(self) -> Iterator[str]:
        """Go over the names in the order of the files."""
        return iter(self.facts)

    def __len__(self) -> int:
        """Return the number of tensors."""
        return len(self.facts)

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every tensor."""
        return {name: fact.shape for name, fact in self.facts.items()}

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors."""
        return sum(fact.nbytes for fact in self.facts.values())


def open_weights(path: str | os.PathLike[str]) -> Weights:
    """Open a checkpoint: its names, shapes and types are known then, its numbers not yet read.

    Args:
        path: a ``.safetensors`` file, a ``.pth``, ``.pt`` or ``.bin`` of `torch.save`, an index of
            shards, or a folder that holds one of them. What a file is, is told from its first
            bytes, not from its name.

    Raises:
        WeightsError: it is missing, empty, damaged, incomplete, or no file of tensors.
        MissingExtraError: torch is needed and not installed.
    """
    return Weights([_opened(file) for file in weight_files(Path(path))])


def _opened(path: Path) -> WeightFile:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        _check_head(head, path)
        return open_mapped(path) if looks_mapped(head) else _unpickled(path)
    except OSError as error:
        raise _wrong(path, error.strerror or str(error)) from error


def _check_head(head: bytes, path: Path) -> None:
    """Name what is often found where weights should be."""
    if not head:
        actual = "an empty file"
    elif head.startswith(_POINTER):
        actual = "a Git LFS pointer: the file itself was not fetched"
    elif head.lstrip()[:1] == b"<":
        actual = "a web page"
    elif head.startswith(_PICTURES):
        actual = "a photograph"
    else:
        return
    raise _wrong(path, actual)


def _unpickled(path: Path) -> WeightFile:
    try:
        from biprompt.zoo.weights.pickled import open_pickled
    except ModuleNotFoundError as error:
        raise MissingExtraError("torch", f"reading {path.name}") from error
    return open_pickled(path)


def _wrong(path: Path, actual: str) -> WeightsError:
    return WeightsError("checkpoint", expected="a file of weights", actual=actual, path=path)
