"""Safetensors files, mapped into memory one tensor at a time.

The format is eight bytes with the length of a JSON header, the header, then the numbers. It is read
here and not by the library of that name so that every tensor has a mapping of its own: converting a
checkpoint then never holds more than one tensor of the original.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from biprompt.errors import WeightsError
from biprompt.zoo.weights.facts import TensorFacts

if TYPE_CHECKING:
    from torch import Tensor

LENGTH_BYTES = 8
MAX_HEADER_BYTES = 100_000_000
METADATA = "__metadata__"

DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16",
        "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool",
    }
)  # fmt: skip
"""The format's names of types, and torch's."""


@dataclass(frozen=True, slots=True, eq=False)
class MappedFile:
    """An open safetensors file.

    Attributes:
        path: where it is.
        facts: its tensors by name, in the order of the header.
        metadata: what it says about itself.
        starts: where each tensor's numbers begin, in bytes from the start of the file.
    """

    path: Path
    facts: Mapping[str, TensorFacts]
    metadata: Mapping[str, str]
    starts: Mapping[str, int]

    def read(self, name: str) -> Tensor:
        """One tensor; its numbers are private pages of the file, read when they are looked at."""
        import torch

        fact, start = self.facts[name], self.starts[name]
        dtype: torch.dtype = getattr(torch, fact.dtype)
        if not fact.count:
            return torch.empty(fact.shape, dtype=dtype)
        page = start - start % mmap.ALLOCATIONGRANULARITY
        with self.path.open("rb") as file:
            length = start - page + fact.nbytes
            pages = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_COPY, offset=page)
        flat = torch.frombuffer(pages, dtype=dtype, count=fact.count, offset=start - page)
        # The format lets numbers begin anywhere, and not every processor reads them there.
        aligned = flat if start % dtype.itemsize == 0 else flat.clone()
        return aligned.view(fact.shape)


def looks_mapped(head: bytes) -> bool:
    """Whether a file that starts with these bytes, nine at least, may be a safetensors file."""
    length = int.from_bytes(head[:LENGTH_BYTES], "little")
    return 2 <= length <= MAX_HEADER_BYTES and head[LENGTH_BYTES:][:1] == b"{"


def open_mapped(path: Path) -> MappedFile:
    """Read the header of a safetensors file.

    Raises:
        WeightsError: the header is damaged, a type is unknown, or the file is shorter or longer
            than its header says.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if LENGTH_BYTES + length > size:
            raise _cut_short(path, LENGTH_BYTES + length, size)
        header = _parsed(file.read(length), path)
    metadata = header.pop(METADATA, None) or {}
    first = LENGTH_BYTES + length
    facts, spans = _entries(header, path)
    _check_spans(facts, spans, path)
    end = first + max((stop for _, stop in spans.values()), default=0)
    if end != size:
        raise _cut_short(path, end, size)
    starts = {name: first + start for name, (start, _) in spans.items()}
    return MappedFile(path, facts, {str(k): str(v) for k, v in metadata.items()}, starts)


def _parsed(text: bytes, path: Path) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(header, dict):
        raise _damaged(path, "no table of tensors")
    return header


def _entries(
    header: Mapping[str, Any], path: Path
) -> tuple[dict[str, TensorFacts], dict[str, tuple[int, int]]]:
    facts, spans = {}, {}
    for name, entry in header.items():
        try:
            facts[name] = TensorFacts(tuple(map(int, entry["shape"])), DTYPES[entry["dtype"]])
            start, stop = map(int, entry["data_offsets"])
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, f"{name}: {type(error).__name__} {error}") from error
        spans[name] = (start, stop)
    return facts, spans


def _check_spans(
    facts: Mapping[str, TensorFacts], spans: Mapping[str, tuple[int, int]], path: Path
) -> None:
    """Every tensor has as many bytes as its shape needs, and they follow one another."""
    at = 0
    for name, (start, stop) in sorted(spans.items(), key=lambda item: item[1]):
        fact = facts[name]
        if start != at or stop - start != fact.nbytes or min(fact.shape, default=0) < 0:
            raise _damaged(path, f"{name} at bytes {start} to {stop}")
        at = stop


def _cut_short(path: Path, expected: int, actual: int) -> WeightsError:
    return WeightsError(
        "safetensors file (damaged, or not downloaded to its end)",
        expected=f"{expected} bytes",
        actual=f"{actual} bytes",
        path=path,
    )


def _damaged(path: Path, actual: str) -> WeightsError:
    expected = "a header of tensors, their types, shapes and places"
    return WeightsError("safetensors file", expected=expected, actual=actual, path=path)
