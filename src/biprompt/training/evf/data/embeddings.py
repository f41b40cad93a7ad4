"""Embeddings of the frozen image encoder, computed once and kept on disk.

They are kept by the content of the picture, not by its name: a picture of three data sets is there
once, and one that changed on disk is not found. One folder holds any number of encoders side by
side, each apart, by its weights and its preprocessing.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.errors import DataError
from biprompt.io.files import atomic_write
from biprompt.training.evf.data.shards import (
    PART,
    WHOLE,
    Entry,
    ShardWriter,
    damaged,
    read_index,
)
from biprompt.training.evf.data.values import Spoken
from biprompt.training.folders import make_folder

PER_SHARD = 256
"""Embeddings in a file."""
_FACTS = "store.json"

Dtype = Literal["float16", "float32"]
Features = dict[str, Tensor]


class EmbeddingStore:
    """The embeddings of one encoder. Picklable; many processes may read and write at once.

    Attributes:
        folder: where this encoder's files lie, below the folder that was given.
        dtype: "float16" or "float32".
    """

    def __init__(
        self, folder: str | Path, *, weights: str, preprocessing: str, dtype: Dtype = "float16"
    ) -> None:
        """Open a store; nothing is written before the first embedding.

        Args:
            folder: of all stores.
            weights: version of the encoder's weights, for example their sha256.
            preprocessing: how pictures come to the encoder, in words.
            dtype: what is kept. Half the bytes cost all but three decimal digits.

        Raises:
            DataError: the store keeps another dtype, or one of its files is damaged.
        """
        self._facts = {"weights": weights, "preprocessing": preprocessing}
        digest = hashlib.sha256(json.dumps(self._facts, sort_keys=True).encode()).hexdigest()
        self.folder, self.dtype = Path(folder) / digest[:16], dtype
        self._check_facts()
        self._maps: dict[Path, NDArray[np.uint8]] = {}
        self._whole: set[tuple[str, str]] = set()
        self._index = {(e.content, e.variant): e for e in self._entries()}
        self.variants = {variant for _, variant in self._index}

    def __len__(self) -> int:
        """Return the number of embeddings."""
        return len(self._index)

    def __contains__(self, key: object) -> bool:
        """Return whether the embedding of a (content, variant) is there."""
        return key in self._index

    def __getstate__(self) -> dict[str, Any]:
        """Leave the mapped files out: another process maps them itself."""
        return self.__dict__ | {"_maps": {}}

    @property
    def nbytes(self) -> int:
        """Bytes of all embeddings."""
        return sum(entry.stop - entry.start for entry in self._index.values())

    def of(self, sample: Spoken) -> Features | None:
        """Return the embedding of a sample's picture, or None; see `get`."""
        return self.get(sample.content, sample.variant) if sample.variant in self.variants else None

    def get(self, content: str, variant: str = "") -> Features | None:
        """Return an embedding by the digest of the pixels (`Spoken.content`), or None.

        Returns:
            the encoder's tensors by name, without a batch axis, of the store's dtype.

        Raises:
            DataError: the file it lies in is damaged; the message names it.
        """
        entry = self._index.get((content, variant))
        if entry is None:
            return None
        data = self._payload(entry)
        return {
            name: torch.from_numpy(_array(data, entry, dtype, shape, place).copy())
            for name, dtype, shape, place in entry.arrays
        }

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Add embeddings: `with store.writing() as out: out.add(content, variant, features)`.

        However the block ends, what was added is kept; a process that is killed loses at most the
        embedding it was writing.

        Raises:
            OutputError: the disk is full or cannot be written.
        """
        make_folder(self.folder)
        if not (self.folder / _FACTS).exists():
            facts = self._facts | {"dtype": self.dtype, "format": 1}
            atomic_write(self.folder / _FACTS, json.dumps(facts, indent=1).encode(), force=True)
        out = Writing(self)
        try:
            yield out
        finally:
            out.close()

    def note(self, *entries: Entry) -> None:
        """Take embeddings into the index that were written by this process."""
        for entry in entries:
            self._index[entry.content, entry.variant] = entry
            self.variants.add(entry.variant)

    def _payload(self, entry: Entry) -> NDArray[np.uint8]:
        data = self._mapped(entry)[entry.start : entry.stop]
        key = entry.content, entry.variant
        if key not in self._whole:
            if len(data) < entry.stop - entry.start or zlib.crc32(data.data) != entry.check:
                raise damaged(entry.path, f"one whose embedding {entry.content} is damaged")
            self._whole.add(key)
        return data

    def _mapped(self, entry: Entry) -> NDArray[np.uint8]:
        mapped = self._maps.get(entry.path)
        if mapped is None or len(mapped) < entry.stop:
            path = entry.path
            if path.suffix == PART and not path.exists():  # finished by its writer in the meantime
                path = path.with_suffix(WHOLE)
            try:
                mapped = self._maps[entry.path] = np.memmap(path, np.uint8, "r")
            except (OSError, ValueError) as error:
                raise damaged(path, str(error)) from error
        return mapped

    def _entries(self) -> Iterator[Entry]:
        for suffix in (WHOLE, PART):
            for path in sorted(self.folder.glob(f"*{suffix}")):
                yield from read_index(path)

    def _check_facts(self) -> None:
        path = self.folder / _FACTS
        if not path.exists():
            return
        try:
            kept = json.loads(path.read_bytes())["dtype"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError("store", expected="its description", actual=error, path=path) from error
        if kept != self.dtype:
            raise DataError("dtype", expected=kept, actual=self.dtype, path=path)


class Writing:
    """Adds embeddings to a store, `PER_SHARD` in a file."""

    def __init__(self, store: EmbeddingStore) -> None:
        """Begin without a file."""
        self._store = store
        self._shard: ShardWriter | None = None
        self._entries: list[Entry] = []

    def add(
        self, content: str, variant: str, features: Mapping[str, Tensor | NDArray[Any]]
    ) -> bool:
        """Add an embedding; one that is there already is left as it is.

        Args:
            content: digest of the pixels (`Spoken.content`).
            variant: what was changed of the picture.
            features: tensors by name, without a batch axis; floating.

        Returns:
            whether it was new.

        Raises:
            DataError: it holds numbers that the store's dtype does not.
            OutputError: the disk is full or fails.
        """
        if (content, variant) in self._store:
            return False
        arrays = {name: self._kept(name, value) for name, value in features.items()}
        if self._shard is None:
            self._shard = ShardWriter(self._store.folder)
        entry = self._shard.add(content, variant, arrays)
        self._entries.append(entry)
        self._store.note(entry)
        if len(self._shard) == PER_SHARD:
            self.close()
        return True

    def close(self) -> None:
        """Finish the file."""
        if self._shard is not None:
            path = self._shard.close()
            self._store.note(*(replace(entry, path=path) for entry in self._entries if path))
        self._shard, self._entries = None, []

    def _kept(self, name: str, value: Tensor | NDArray[Any]) -> NDArray[Any]:
        given = value.detach().float().cpu().numpy() if isinstance(value, Tensor) else value
        with np.errstate(over="ignore"):
            kept = np.asarray(given).astype(self._store.dtype)
        if not np.isfinite(kept).all():
            expected = f"finite numbers that fit {self._store.dtype}"
            raise DataError(f"embedding {name!r}", expected=expected, actual="others")
        return kept


def _array(
    data: NDArray[np.uint8], entry: Entry, dtype: str, shape: tuple[int, ...], place: int
) -> NDArray[Any]:
    count, start = int(np.prod(shape)), place - entry.start
    nbytes = count * np.dtype(dtype).itemsize
    return data[start : start + nbytes].view(dtype).reshape(shape)
