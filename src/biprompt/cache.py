"""Embeddings kept: in memory by bytes, on disk by content.

A key is made of the pixels, their size and the model's version (weights and preprocessing), so a
changed file or a new model never meets an old embedding. Files are written beside their place and
moved into it, so that writers at the same time do no harm; a damaged file is a miss.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from biprompt.io.folders import user_cache_folder
from biprompt.runtime.base import Float, ImageEmbedding

MEMORY_BYTES = 512 * 2**20
DISK_BYTES = 2**30
_TRIM_EVERY = 32
_SUFFIX = ".embedding"
_DIGEST_BYTES = 16
_ABANDONED_SECONDS = 3600.0
"""Age at which a half-written file has no writer any more."""


def embedding_key(pixels: NDArray[np.uint8], version: str) -> str:
    """Key of an image ``(H, W, 3)`` uint8 under a model version: 40 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=20)
    digest.update(f"{version} {pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


class MemoryCache:
    """The most recently used embeddings, up to a number of bytes. Thread-safe.

    Args:
        limit: bytes; an embedding larger than this is not kept.
    """

    def __init__(self, limit: int = MEMORY_BYTES) -> None:
        """Start empty."""
        self.limit = limit
        self.nbytes = 0
        self._kept: OrderedDict[str, ImageEmbedding] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> ImageEmbedding | None:
        """The embedding, now the most recently used, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, embedding: ImageEmbedding) -> None:
        """Keeps it, and lets go of the least recently used ones beyond the limit."""
        with self._lock:
            old = self._kept.pop(embedding.key, None)
            self.nbytes -= old.nbytes if old else 0
            if embedding.nbytes > self.limit:
                return
            self._kept[embedding.key] = embedding
            self.nbytes += embedding.nbytes
            while self.nbytes > self.limit:
                self.nbytes -= self._kept.popitem(last=False)[1].nbytes

    def __len__(self) -> int:
        """Return the number of embeddings kept."""
        return len(self._kept)


class DiskCache:
    """Feature maps as files, up to a number of bytes; the least recently used go first.

    A cache that cannot be written is one that keeps nothing; it never stops an answer.

    Args:
        folder: where; made when the first file is written.
        limit: bytes; looked at once in 32 writes, so it may be passed by as many files.
    """

    def __init__(self, folder: Path | None = None, limit: int = DISK_BYTES) -> None:
        """Take the user's cache folder when there is none; nothing is written yet."""
        self.folder = (folder or user_cache_folder()) / "embeddings"
        self.limit = limit
        self._writes = 0

    def get(self, key: str) -> Mapping[str, Float] | None:
        """The feature maps, read-only, or None where there are none or the file is damaged."""
        path = self._path(key)
        try:
            features = _unpacked(path.read_bytes())
        except OSError:
            return None
        if features is None:
            _unlink(path)
            return None
        with contextlib.suppress(OSError):  # a folder that can be read but not written still serves
            os.utime(path)
        return features

    def put(self, key: str, features: Mapping[str, Float]) -> None:
        """Writes the feature maps, whole or not at all."""
        path = self._path(key)
        temporary = path.with_name(f".{key}.{secrets.token_hex(8)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(_packed(features))
            temporary.replace(path)
        except OSError:
            return
        finally:
            _unlink(temporary)
        self._writes += 1
        if self._writes % _TRIM_EVERY == 1:
            self.trim()

    def trim(self) -> None:
        """Removes the least recently used files beyond the limit, and what killed writers left."""
        kept = _found(self.folder.glob(f"*/*{_SUFFIX}"))
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self.limit:
                break
            _unlink(path)
            total -= size
        for written, _, path in _found(self.folder.glob("*/.*.tmp")):
            if time.time() - written > _ABANDONED_SECONDS:
                _unlink(path)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{_SUFFIX}"


def _digest(archive: bytes | memoryview) -> bytes:
    return hashlib.blake2b(archive, digest_size=_DIGEST_BYTES).digest()


def _packed(features: Mapping[str, Float]) -> bytes:
    """The digest of an .npz archive, then the archive."""
    buffer = io.BytesIO()
    np.savez(buffer, **dict(features))  # type: ignore[arg-type]  # its stub forgets arrays
    return _digest(buffer.getbuffer()) + buffer.getvalue()


def _unpacked(data: bytes) -> Mapping[str, Float] | None:
    """The feature maps, read-only; None where the file is damaged."""
    # Not left to numpy: it reads a damaged shape without a word.
    if data[:_DIGEST_BYTES] != _digest(memoryview(data)[_DIGEST_BYTES:]):
        return None
    with np.load(io.BytesIO(data[_DIGEST_BYTES:]), allow_pickle=False) as archive:
        features = {name: archive[name] for name in archive.files}
    for level in features.values():
        level.flags.writeable = False
    return MappingProxyType(features)


def _found(paths: Iterable[Path]) -> list[tuple[float, int, Path]]:
    """Time of last use, bytes and path of each file that is still there."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            stat = path.stat()
            found.append((stat.st_mtime, stat.st_size, path))
    return found


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
