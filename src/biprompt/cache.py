"""Embeddings kept: in memory by bytes, on disk by content.

A key is made of the pixels, the model's version (weights and preprocessing) and the size, so a
changed file or a new model never meets an old embedding. Files are written beside their place and
moved into it, so that writers at the same time do no harm; a damaged file is a miss.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from biprompt.runtime.base import Float, ImageEmbedding

MEMORY_BYTES = 512 * 2**20
DISK_BYTES = 2**30
_TRIM_EVERY = 32


def embedding_key(pixels: NDArray[np.uint8], version: str) -> str:
    """Key of an image ``(H, W, 3)`` uint8 under a model version: 40 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=20)
    digest.update(f"{version} {pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def cache_folder() -> Path:
    """``BIPROMPT_CACHE``, else ``biprompt`` under ``XDG_CACHE_HOME``, else ``~/.cache/biprompt``."""
    if own := os.environ.get("BIPROMPT_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "biprompt"


class MemoryCache:
    """The most recently used embeddings, up to a number of bytes. Thread-safe.

    Args:
        limit: bytes; an embedding larger than this is not kept.
    """

    def __init__(self, limit: int = MEMORY_BYTES) -> None:
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
        return len(self._kept)


class DiskCache:
    """Feature maps as files, up to a number of bytes; the least recently used go first.

    A cache that cannot be written is one that keeps nothing; it never stops an answer.

    Args:
        folder: where; made when the first file is written.
        limit: bytes.
    """

    def __init__(self, folder: Path | None = None, limit: int = DISK_BYTES) -> None:
        self.folder = (folder or cache_folder()) / "embeddings"
        self.limit = limit
        self._writes = 0

    def get(self, key: str) -> Mapping[str, Float] | None:
        """The feature maps, read-only, or None where there are none or the file is damaged."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as data:
                features = {name: data[name] for name in data.files}
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        for level in features.values():
            level.flags.writeable = False
        return MappingProxyType(features)

    def put(self, key: str, features: Mapping[str, Float]) -> None:
        """Writes the feature maps, whole or not at all."""
        buffer = io.BytesIO()
        np.savez(buffer, **dict(features))  # type: ignore[arg-type]  # its stub forgets arrays
        path = self._path(key)
        temporary = path.with_name(f".{key}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(buffer.getbuffer())
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            return
        self._writes += 1
        if self._writes % _TRIM_EVERY == 1:
            self.trim()

    def trim(self) -> None:
        """Removes the least recently used files beyond the limit."""
        files = []
        for path in self.folder.glob("*/*.npz"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                files.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self.limit:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"
