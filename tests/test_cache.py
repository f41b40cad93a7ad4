"""Embeddings in memory and on disk: bounds, damage, and many writers."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from biprompt.cache import DiskCache, MemoryCache, embedding_key
from biprompt.errors import InputError
from biprompt.geometry import ModelFrame
from biprompt.io.folders import user_cache_folder
from biprompt.runtime.base import Float, ImageEmbedding

KEY = "ab" + "0" * 38
OTHER = "cd" + "1" * 38


def features(value: float = 1.0, size: int = 8) -> dict[str, Float]:
    return {
        "p4": np.full((1, 2, size, size), value, np.float32),
        "p8": np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3),
    }


def embedding(key: str, value: float = 1.0) -> ImageEmbedding:
    """512 + 24 bytes of features and 12 of pixels."""
    pixels = np.zeros((2, 2, 3), np.uint8)
    frame = ModelFrame((2, 2), (32, 32))
    return ImageEmbedding(features(value), frame, key, "fake", "1", pixels)


def same(a: Mapping[str, Float] | None, b: Mapping[str, Float]) -> bool:
    return a is not None and a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in b)


def files(cache: DiskCache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]


@pytest.fixture
def disk(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path)


def test_key_is_of_pixels_size_and_version() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    changed = pixels.copy()
    changed[1, 3, 2] += 1
    keys = [
        embedding_key(pixels, "1"),
        embedding_key(pixels, "2"),
        embedding_key(changed, "1"),
        embedding_key(pixels.reshape(4, 2, 3), "1"),
    ]
    assert len(set(keys)) == 4
    assert embedding_key(pixels.copy(), "1") == keys[0]
    assert embedding_key(np.asfortranarray(pixels), "1") == keys[0]
    assert len(keys[0]) == 40


def test_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("BIPROMPT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert user_cache_folder() == Path("/home/somebody/.cache/biprompt")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert user_cache_folder() == Path("/xdg/biprompt")
    monkeypatch.setenv("BIPROMPT_CACHE", "/own")
    assert user_cache_folder() == Path("/own")


def test_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("BIPROMPT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(InputError, match="BIPROMPT_CACHE"):
        user_cache_folder()


def test_memory_keeps_the_most_recently_used() -> None:
    one = embedding("a").nbytes
    memory = MemoryCache(limit=2 * one)
    for key in "ab":
        memory.put(embedding(key))
    assert memory.get("a") is not None  # now "b" is the oldest
    memory.put(embedding("c"))
    assert [memory.get(key) is not None for key in "abc"] == [True, False, True]
    assert memory.nbytes == 2 * one and len(memory) == 2


def test_memory_replaces_and_counts_once() -> None:
    memory = MemoryCache()
    first, second = embedding("a", 1.0), embedding("a", 2.0)
    memory.put(first)
    memory.put(second)
    assert memory.get("a") is second
    assert memory.nbytes == second.nbytes and len(memory) == 1


def test_memory_does_not_keep_what_is_larger_than_it() -> None:
    memory = MemoryCache(limit=10)
    memory.put(embedding("a"))
    assert memory.get("a") is None and memory.nbytes == 0


def test_memory_counts_right_under_many_threads() -> None:
    memory = MemoryCache(limit=5 * embedding("a").nbytes)

    def work(seed: int) -> None:
        for step in range(200):
            key = str((seed * 7 + step * 3) % 11)
            if memory.get(key) is None:
                memory.put(embedding(key))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert memory.nbytes == len(memory) * embedding("a").nbytes <= memory.limit


def test_disk_gives_back_what_was_put(disk: DiskCache) -> None:
    disk.put(KEY, features())
    found = disk.get(KEY)
    assert same(found, features())
    assert found is not None and not any(level.flags.writeable for level in found.values())
    assert disk.get(OTHER) is None
    assert len(files(disk)) == 1  # nothing half-written stays


def test_every_damaged_byte_is_noticed(disk: DiskCache) -> None:
    disk.put(KEY, {"a": np.ones((1, 1, 2, 2), np.float32)})
    (path,) = files(disk)
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x04
        path.write_bytes(damaged)
        assert disk.get(KEY) is None, place
        assert not path.exists()


@pytest.mark.parametrize("left", [0, 1, 15, 16, 17, 400, -1])
def test_half_written_file_is_a_miss_and_goes(disk: DiskCache, left: int) -> None:
    disk.put(KEY, features())
    (path,) = files(disk)
    path.write_bytes(path.read_bytes()[:left])
    assert disk.get(KEY) is None
    assert not path.exists()
    disk.put(KEY, features())
    assert same(disk.get(KEY), features())


def test_writers_at_the_same_time_do_no_harm(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def work(seed: int) -> list[bool]:
        cache = DiskCache(tmp_path)
        start.wait()
        seen = []
        for _ in range(10):
            cache.put(KEY, features(float(seed), 64))
            found = cache.get(KEY)
            seen.append(found is not None and bool(np.ptp(found["p4"]) == 0))
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert all(all(seen) for seen in pool.map(work, range(8)))
    assert len(files(DiskCache(tmp_path))) == 1


def test_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = DiskCache(tmp_path / "file")
    cache.put(KEY, features())
    assert cache.get(KEY) is None
    cache.trim()


def test_full_disk_keeps_nothing_and_leaves_nothing(
    disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        with open(path, "wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    disk.put(KEY, features())
    assert files(disk) == [] and disk.get(KEY) is None


def test_folder_that_cannot_be_written_still_serves(
    disk: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.put(KEY, features())

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "utime", refused)
    assert same(disk.get(KEY), features())
    assert len(files(disk)) == 1


def test_trim_lets_go_of_the_least_recently_used(disk: DiskCache) -> None:
    for key in (KEY, OTHER):
        disk.put(key, features())
    size = files(disk)[0].stat().st_size
    for age, path in enumerate(sorted(files(disk))):
        os.utime(path, (1000 - age, 1000 - age))  # KEY comes first in the alphabet
    disk.limit = size
    assert same(disk.get(OTHER), features())  # used now
    disk.trim()
    assert disk.get(KEY) is None and same(disk.get(OTHER), features())


def test_put_trims_by_itself(tmp_path: Path) -> None:
    DiskCache(tmp_path).put(KEY, features())
    small = DiskCache(tmp_path, limit=0)
    small.put(OTHER, features())
    assert files(small) == []


def test_what_a_killed_writer_left_goes_in_time(disk: DiskCache) -> None:
    disk.put(KEY, features())
    fresh, stale = (files(disk)[0].parent / f".{name}.tmp" for name in ("fresh", "stale"))
    for path in (fresh, stale):
        path.write_bytes(b"half")
    os.utime(stale, (time.time() - 7200,) * 2)
    disk.trim()
    assert fresh.exists() and not stale.exists()
